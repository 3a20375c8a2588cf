#include "server/dialect/ndjson_line.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "server/dialect/iso_time.h"
#include "server/dialect/origin.h"

namespace kpi::server {
namespace {

using simdjson::dom::element;

constexpr std::string_view kKeys[] = {"time",     "rp",       "client", "outcome",    "error",
                                      "ui_shown", "measures", "labels", "sample_rate"};
enum Key : std::size_t {
  kTime,
  kRp,
  kClient,
  kOutcome,
  kError,
  kUiShown,
  kMeasures,
  kLabels,
  kSampleRate
};
constexpr std::size_t kHintKeyBytesMax = 32;  // Longer keys are no misspelling of ours.

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kHintKeyBytesMax + 1> row{};
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({replaced, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row[b.size()];
}

Rejection unknown_key(std::string_view key) {
  std::string expected = "no such key";
  if (key.size() <= kHintKeyBytesMax) {
    const auto nearest = std::min_element(std::begin(kKeys), std::end(kKeys), [&](auto a, auto b) {
      return edit_distance(key, a) < edit_distance(key, b);
    });
    if (edit_distance(key, *nearest) <= 2)
      expected += ", did you mean \"" + std::string(*nearest) + "\"?";
  }
  return refuse(Reason::kUnknownField, key, expected);
}

class LineReader {
 public:
  LineReader(EventDraft& draft, std::int64_t arrival_ms) : draft_(draft), arrival_ms_(arrival_ms) {}

  Check read(simdjson::dom::object line) {
    draft_.time_ms = arrival_ms_;
    for (const auto [key, value] : line) {
      const auto at = static_cast<std::size_t>(std::find(std::begin(kKeys), std::end(kKeys), key) -
                                               std::begin(kKeys));
      if (at == std::size(kKeys)) return unknown_key(key);
      if (seen_[at]) return refuse(Reason::kDuplicateKey, key, "expected only once");
      seen_[at] = true;
      if (value.is_null()) continue;
      if (auto bad = read_value(at, value)) return bad;
    }
    // A report of an error alone is one of a failure, as in the dialects of browsers.
    if (!draft_.error.none() && !has_outcome_) draft_.outcome = Outcome::kFailure;
    if (!draft_.error.none() && draft_.outcome != Outcome::kFailure) {
      return refuse(Reason::kContradiction, "error", "expected only with \"outcome\":\"failure\"");
    }
    return draft_.check_timing_identity();
  }

 private:
  Check read_value(std::size_t key, element value) {
    switch (key) {
      case kTime:
        return read_time(value);
      case kRp:
        return read_rp(value);
      case kClient:
        return read_client(value);
      case kOutcome:
        return read_outcome(value);
      case kError:
        return read_error(value);
      case kUiShown:
        return read_ui_shown(value);
      case kMeasures:
        return read_measures(value);
      case kLabels:
        return read_labels(value);
      default:
        return read_sample_rate(value);
    }
  }

  Check read_time(element value) {
    std::string_view text;
    if (!value.get_string().get(text)) {
      const auto ms = parse_iso_time(text);
      if (!ms) return refuse(Reason::kTimeOutOfRange, "time", "expected ms or ISO 8601");
      draft_.time_ms = *ms;
    } else {
      std::uint64_t ms = 0;
      if (auto bad = read_whole_number(value, "time", kTimeMsMax, ms)) return bad;
      draft_.time_ms = static_cast<std::int64_t>(ms);
    }
    return check_time(draft_.time_ms, arrival_ms_, "time");
  }

  Check read_rp(element value) {
    std::string_view text;
    if (auto bad = read_string(value, "rp", text)) return bad;
    if (text.empty() || text == "null") return std::nullopt;
    if (is_canonical_origin(text)) {
      draft_.rp = text;
      return std::nullopt;
    }
    auto origin = canonical_origin(text);
    if (!origin) return refuse(Reason::kNameInvalid, "rp", "expected an http or https origin");
    draft_.rp = draft_.keep(std::move(*origin));
    return std::nullopt;
  }

  Check read_client(element value) {
    if (auto bad = read_string(value, "client", draft_.client)) return bad;
    if (draft_.client.empty()) return std::nullopt;
    return check_name(draft_.client, "client", kClientBytesMax);
  }

  Check read_outcome(element value) {
    std::string_view text;
    if (auto bad = read_string(value, "outcome", text)) return bad;
    const auto outcome = parse_outcome(text);
    if (!outcome) {
      return refuse(Reason::kUnknownOutcome, "outcome", "expected success, failure or unknown");
    }
    draft_.outcome = *outcome;
    has_outcome_ = true;
    return std::nullopt;
  }

  Check read_error(element value) {
    std::string_view text;
    if (auto bad = read_string(value, "error", text)) return bad;
    const auto error = parse_error_name(text);
    if (!error || error->none()) {
      return refuse(Reason::kUnknownError, "error",
                    "expected a name or a code of a dialect, like chrome.user_failure, fedcm.106");
    }
    draft_.error = *error;
    return std::nullopt;
  }

  Check read_ui_shown(element value) {
    bool shown = false;
    if (!value.get_bool().get(shown)) {
      draft_.ui_shown = shown ? UiShown::kYes : UiShown::kNo;
      return std::nullopt;
    }
    std::string_view text;
    if (auto bad = read_string(value, "ui_shown", text)) return bad;
    const auto ui = parse_ui_shown(text);
    if (!ui) return refuse(Reason::kUnknownOutcome, "ui_shown", "expected yes, no or unknown");
    draft_.ui_shown = *ui;
    return std::nullopt;
  }

  Check read_measures(element value) {
    simdjson::dom::object measures;
    if (value.get_object().get(measures)) {
      return refuse(Reason::kMalformed, "measures", "expected an object of integers");
    }
    for (const auto [name, number] : measures) {
      if (number.is_null()) continue;
      std::uint64_t measure = 0;
      const std::uint32_t max = draft_.measure_max(stored_measure_name(name));
      if (auto bad = read_whole_number(number, name, max, measure)) return bad;
      if (auto bad = draft_.add_measure(name, measure)) return bad;
    }
    return std::nullopt;
  }

  Check read_labels(element value) {
    simdjson::dom::object labels;
    if (value.get_object().get(labels)) {
      return refuse(Reason::kMalformed, "labels", "expected an object of strings");
    }
    if (labels.size() > kLabelsPerEventMax) {
      return refuse(Reason::kLimit, "labels", "more of them than an event may have");
    }
    for (const auto label : labels) {
      std::string_view text;
      if (auto bad = read_label(label.value, text)) return bad;
      const auto same_key = [&](const auto other) { return other.key == label.key; };
      if (std::count_if(labels.begin(), labels.end(), same_key) > 1) {
        return refuse(Reason::kDuplicateKey, "labels", "expected each name only once");
      }
      draft_.add_label(label.key, text);
    }
    return std::nullopt;
  }

  // Texts as they are, booleans and whole numbers as JSON spells them.
  Check read_label(element value, std::string_view& text) {
    bool yes = false;
    std::uint64_t number = 0;
    if (!value.get_bool().get(yes)) {
      text = yes ? "true" : "false";
    } else if (!value.get_uint64().get(number)) {
      text = draft_.keep(std::to_string(number));
    } else {
      return read_string(value, "labels", text);
    }
    return std::nullopt;
  }

  Check read_sample_rate(element value) {
    double rate = 0;
    if (value.get_double().get(rate)) {
      return refuse(Reason::kOutOfRange, "sample_rate", "expected a number");
    }
    return weight_of_sample_rate(rate, draft_.weight);
  }

  EventDraft& draft_;
  std::int64_t arrival_ms_;
  bool seen_[std::size(kKeys)] = {};
  bool has_outcome_ = false;
};

}  // namespace

Check read_bulk_line(element line, std::int64_t arrival_ms, EventDraft& draft) {
  simdjson::dom::object object;
  if (line.get_object().get(object))
    return refuse(Reason::kMalformed, "line", "expected an object");
  return LineReader(draft, arrival_ms).read(object);
}

}  // namespace kpi::server
