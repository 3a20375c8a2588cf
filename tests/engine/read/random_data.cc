#include "tests/engine/read/random_data.h"

#include <algorithm>

namespace kpi::test {
namespace {

using Kind = Predicate::Kind;

const std::vector<std::string> kRps = {"", "https://a.example", "https://b.example",
                                       "https://bb.example:8443"};
const std::vector<std::string> kClients = {"", "client1", "client12", "caf\xC3\xA9", "50%_off\\"};
const std::vector<std::string> kMeasures = {"turnaround_time", "time_to_show_ui",
                                            "time_to_continue_on_ui", "time_to_receive_token",
                                            "number_emails"};
const std::vector<std::string> kBrowsers = {"chrome", "firefox", "safari"};
const std::vector<std::string> kVariants = {"A", "B"};
const std::vector<std::string> kTexts = {"",
                                         "https://a.example",
                                         "https://b.example",
                                         "client1",
                                         "client12",
                                         "caf\xC3\xA9",
                                         "success",
                                         "failure",
                                         "unknown",
                                         "yes",
                                         "no",
                                         "idp",
                                         "user",
                                         "chrome.other",
                                         "chrome.777",
                                         "fedcm.invalid_token_response",
                                         "chrome",
                                         "firefox",
                                         "A",
                                         "B",
                                         "absent"};
const std::vector<std::string> kPatterns = {
    "%",   "",      "https://_.example", "client1%", "caf_",  "%\\%%",           "%fail%",
    "s%s", "%e%e%", "chrome.%",          "_",        "%_o_%", "50\\%\\_off\\\\", "%1",
    "n%"};

}  // namespace

RandomData::RandomData(std::uint64_t seed) : rng_(seed) {
  const std::int64_t days = 1 + static_cast<std::int64_t>(below(chance(30) ? 40 : 9));
  const std::int64_t first = chance(10) ? 0 : 20'000 + static_cast<std::int64_t>(below(7));
  first_day_ms_ = first * kDayMs;
  end_day_ms_ = first_day_ms_ + days * kDayMs;
  for (const std::string& rp : kRps) {
    for (const std::string& client : kClients) {
      if (chance(60)) series_.emplace_back(rp, client);
    }
  }
  if (chance(25)) {  // Enough for slabs to answer.
    for (int i = 0; i < 150; ++i) {
      series_.emplace_back("https://rp" + std::to_string(i % 40) + ".example",
                           "client" + std::to_string(i));
    }
  }
  if (series_.empty()) series_.emplace_back(kRps[1], kClients[1]);
  std::shuffle(series_.begin(), series_.end(), rng_);
  for (int i = 0; i < 8; ++i) kinds_.push_back(kind());
  hot_percent_ = static_cast<int>(below(90));
  weighted_percent_ = chance(50) ? static_cast<int>(below(40)) : 0;
}

EventKind RandomData::kind() {
  const auto outcome = static_cast<Outcome>(below(3));
  const auto ui = static_cast<UiShown>(below(3));
  if (outcome != Outcome::kFailure || chance(20)) return {outcome, ui};
  static const std::vector<ErrorId> kErrors = {
      {Dialect::kChrome, 1},  {Dialect::kChrome, 777}, {Dialect::kChrome, 200},
      {Dialect::kFedcm, 106}, {Dialect::kFedcm, 201},  {Dialect::kBrowserid, 16'777'215}};
  return {outcome, ui, pick(kErrors)};
}

std::int64_t RandomData::time() {
  const auto span = static_cast<std::uint64_t>(end_day_ms_ - first_day_ms_);
  std::int64_t time_ms = first_day_ms_ + static_cast<std::int64_t>(below(span));
  if (chance(40)) {
    static const std::vector<std::int64_t> kWidths = {kMinuteMs, kHourMs, kDayMs, 7 * kDayMs};
    const std::int64_t width = pick(kWidths);
    time_ms = time_ms / width * width + static_cast<std::int64_t>(below(3)) - 1;
  } else if (chance(60)) {  // Half an hour of each day is busy.
    time_ms = time_ms / kDayMs * kDayMs + 9 * kHourMs + static_cast<std::int64_t>(below(1'800'000));
  }
  return std::clamp(time_ms, first_day_ms_, end_day_ms_ - 1);
}

std::uint32_t RandomData::value() {
  if (chance(3)) return static_cast<std::uint32_t>(rng_());
  return static_cast<std::uint32_t>(below(chance(30) ? 20 : 20'000));
}

ModelEvent RandomData::event() {
  ModelEvent event;
  event.time_ms = time();
  const auto& [rp, client] = chance(hot_percent_) ? series_[0] : pick(series_);
  event.rp = rp;
  event.client = client;
  event.kind = pick(kinds_);
  if (chance(weighted_percent_)) {
    event.weight = chance(5) ? kWeightMax : kWeightMin + static_cast<std::uint32_t>(below(9000));
  }
  if (chance(50)) {  // As browsers compute it, nearly always.
    const std::uint32_t show = value() / 4, go_on = value() / 4, token = value() / 4;
    const std::uint32_t off = chance(5) ? 1 : 0;
    event.measures = {{kMeasures[0], show + go_on + token + off},
                      {kMeasures[1], show},
                      {kMeasures[2], go_on},
                      {kMeasures[3], token}};
  } else if (chance(70)) {
    for (const std::string& name : kMeasures) {
      if (chance(40)) event.measures.emplace_back(name, value());
    }
  }
  if (chance(60)) event.labels.emplace_back("browser", pick(kBrowsers));
  if (chance(30)) event.labels.emplace_back("variant", pick(kVariants));
  return event;
}

TimeRange RandomData::range() {
  if (chance(20)) return {};
  std::int64_t a = time(), b = time();
  if (chance(50)) {
    static const std::vector<std::int64_t> kWidths = {kMinuteMs, kHourMs, kDayMs, 7 * kDayMs};
    const std::int64_t width = pick(kWidths);
    a = a / width * width;
    b = (b / width + 1) * width;
  }
  TimeRange range{std::min(a, b), std::max(a, b)};
  if (chance(10)) range.begin_ms = -5 * kDayMs - 1;
  if (chance(10)) range.end_ms = TimeRange{}.end_ms;
  return range;
}

DimensionRef RandomData::dimension() {
  static const std::vector<std::string> kLabels = {"browser", "variant", "absent"};
  if (label_percent_ > 0 && chance(label_percent_)) {
    return {Dimension::kLabel, chance(80) ? kLabels[0] : pick(kLabels)};
  }
  const auto dimension = static_cast<Dimension>(below(chance(30) ? 7 : 3));
  return {dimension, dimension == Dimension::kLabel ? pick(kLabels) : std::string()};
}

Predicate RandomData::dimension_leaf() {
  Predicate leaf;
  leaf.dimension = dimension();
  if (chance(10)) {
    leaf.kind = Kind::kDimensionIsNull;
  } else if (chance(25)) {
    leaf.kind = Kind::kDimensionLike;
    leaf.values = {pick(kPatterns)};
  } else {
    leaf.kind = Kind::kDimensionIn;
    const std::uint64_t values = chance(5) ? 0 : 1 + below(chance(50) ? 2 : 12);
    for (std::uint64_t i = 0; i < values; ++i) leaf.values.push_back(pick(kTexts));
    const Dimension of = leaf.dimension.dimension;
    if (of == Dimension::kRp && chance(70)) leaf.values.push_back(pick(series_).first);
    if (of == Dimension::kClient && chance(70)) leaf.values.push_back(pick(series_).second);
  }
  return leaf;
}

Predicate RandomData::leaf() {
  Predicate leaf;
  if (chance(75)) return dimension_leaf();
  if (chance(40)) {
    leaf.kind = Kind::kTime;
    leaf.range = range();
    return leaf;
  }
  leaf.measure = chance(10) ? "absent" : pick(kMeasures);
  leaf.kind = chance(20) ? Kind::kMeasureIsNull : Kind::kMeasureCompare;
  leaf.comparison = static_cast<Comparison>(below(6));
  leaf.operand = chance(10) ? -1 : static_cast<std::int64_t>(below(chance(50) ? 20 : 20'000));
  return leaf;
}

Predicate RandomData::predicate(int depth) {
  if (depth == 0 || chance(40)) return chance(10) ? Predicate{} : leaf();
  Predicate predicate;
  predicate.kind = chance(50) ? Kind::kAnd : chance(60) ? Kind::kOr : Kind::kNot;
  const std::uint64_t children = predicate.kind == Kind::kNot ? 1 : 1 + below(3);
  for (std::uint64_t i = 0; i < children; ++i) {
    predicate.children.push_back(this->predicate(depth - 1));
  }
  return predicate;
}

std::int64_t RandomData::width() {
  static const std::vector<std::int64_t> kWidths = {
      0,          0,         kMinuteMs,     kHourMs,        kDayMs,
      7 * kDayMs, kHourMs,   5 * kMinuteMs, 90 * kMinuteMs, 36 * kHourMs,
      12'345'678, 1'000'003, 1000 * kDayMs};
  return pick(kWidths);
}

std::int64_t RandomData::origin() {
  if (chance(50)) return 0;
  static const std::vector<std::int64_t> kWidths = {1, kMinuteMs, kHourMs, kDayMs};
  const std::int64_t steps = static_cast<std::int64_t>(below(2000)) - 1000;
  return steps * pick(kWidths);
}

AggregateRequest RandomData::aggregate() {
  AggregateRequest request;
  request.range = range();
  request.bucket_width_ms = width();
  request.bucket_origin_ms = origin();
  if (chance(60)) request.where = predicate(static_cast<int>(below(4)));
  for (std::uint64_t i = below(chance(30) ? 4 : 2); i > 0; --i) {
    request.group_by.push_back(dimension());
  }
  if (chance(60)) {
    for (std::uint64_t i = 1 + below(3); i > 0; --i) {
      request.measures.push_back(chance(10) ? "absent" : pick(kMeasures));
    }
  }
  return request;
}

ScanRequest RandomData::scan() {
  ScanRequest request;
  request.range = range();
  if (chance(60)) request.where = predicate(static_cast<int>(below(4)));
  return request;
}

}  // namespace kpi::test
