#include "server/dialect/ndjson.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "server/dialect/ndjson_line.h"
#include "server/dialect/origin.h"

namespace kpi::server {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::uint64_t hash_series(std::string_view rp, std::string_view client) {
  return XXH3_64bits_withSeed(client.data(), client.size(), XXH3_64bits(rp.data(), rp.size()));
}

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
    line.remove_suffix(1);
  }
  return line;
}

// Of the rest of a body whose events fill a batch: those lines are not looked at any more.
Rejection batch_full() {
  return refuse(Reason::kLimit, "line",
                "a request takes " + std::to_string(kBatchEventsMax) +
                    " events; send the lines from here on in another");
}

std::string reply_of(const Verdict& verdict, const std::vector<LineError>& errors) {
  if (errors.empty()) {
    return R"({"accepted":)" + std::to_string(verdict.accepted) + R"(,"rejected":[]})";
  }
  nlohmann::ordered_json reply = {{"accepted", verdict.accepted},
                                  {"rejected", nlohmann::ordered_json::array()}};
  for (const LineError& error : errors) {
    reply["rejected"].push_back({{"line", error.line}, {"error", error.error}});
  }
  if (verdict.rejected_count() > errors.size()) reply["rejected_count"] = verdict.rejected_count();
  return reply.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

NdjsonParser::NdjsonParser(const DialectOptions& options, EventDraft& draft)
    : options_(options), draft_(draft) {
  templates_.reserve(kTemplatesMax);
}

void NdjsonParser::parse(const HttpReport& report, Batch& batch, Verdict& verdict) {
  ++generation_;
  series_used_ = 0;
  if (series_.empty()) series_.resize(kSeriesSlots);
  Body body{report, batch, verdict, {}, 0, time_ms_max(report.arrival_ms)};
  const char* at = report.body.data();
  const char* const end = at + report.body.size();
  if (report.body.substr(0, kByteOrderMark.size()) == kByteOrderMark) at += kByteOrderMark.size();
  while (at != end) {
    ++body.line;
    at = take_line(body, at, end);
  }
  verdict.status = 200;
  verdict.kind = ReplyKind::kJson;
  verdict.reply = reply_of(verdict, body.errors);
}

const char* NdjsonParser::take_line(Body& body, const char* begin, const char* end) {
  LineValues values;
  Learned* matched = nullptr;
  for (std::size_t i = 0; i < templates_.size() && use_templates_ && !body.full; ++i) {
    const std::size_t at = (recent_ + i) % templates_.size();
    const char* const next = templates_[at].lines.match(begin, end, values);
    if (next == nullptr) continue;
    recent_ = at;
    matched = &templates_[at];
    ++matched->hits;
    if (take_matched(body, *matched, values)) return next;
    break;
  }
  const void* const found = std::memchr(begin, '\n', static_cast<std::size_t>(end - begin));
  const char* const line_end = found == nullptr ? end : static_cast<const char*>(found);
  const auto size = static_cast<std::size_t>(line_end - begin);
  const std::string_view line = without_line_end({begin, size});
  if (!line.empty() && body.full) {
    refuse_line(body, batch_full());
  } else if (!line.empty()) {
    take_general(body, line, matched, values);
  }
  return found == nullptr ? end : line_end + 1;
}

bool NdjsonParser::plausible(const Body& body, const Learned& learned,
                             const LineValues& values) const {
  if (learned.lines.has_time() && values.time_ms > static_cast<std::uint64_t>(body.time_ms_max)) {
    return false;
  }
  for (std::size_t i = 0; i < values.measures; ++i) {
    if (values.measure[i] > learned.measure_max[i]) return false;
  }
  const auto& part = learned.identity;
  return !learned.has_identity ||
         timing_identity_holds(values.measure[part[0]], values.measure[part[1]],
                               values.measure[part[2]], values.measure[part[3]]);
}

// False: the general path has to look at the line, for its form, its series, or what is wrong.
bool NdjsonParser::take_matched(Body& body, Learned& learned, const LineValues& values) {
  if (!plausible(body, learned, values)) return false;
  const std::string_view form_values(values.form, values.form_size);
  const Form& form =
      learned.forms[XXH3_64bits(values.form, values.form_size) & (kFormsPerTemplate - 1)];
  if (form.generation != generation_ || form.values != form_values) return false;
  const std::uint32_t* const series = find_series(body, values.rp, values.client);
  if (series == nullptr) return false;
  std::uint32_t measures[kTemplateSlotsMax];
  for (std::size_t i = 0; i < values.measures; ++i) {
    measures[i] = static_cast<std::uint32_t>(values.measure[i]);
  }
  const std::int64_t time_ms =
      learned.lines.has_time() ? static_cast<std::int64_t>(values.time_ms) : body.report.arrival_ms;
  if (!body.batch.add_row(time_ms, *series, form.shape, {measures, values.measures}).ok()) {
    return false;
  }
  ++body.verdict.received;
  ++body.verdict.accepted;
  body.verdict.folded_labels += form.folded_labels;
  body.verdict.unknown_fields += form.dropped_labels;
  return true;
}

// Of names as lines spell them. Nothing: the general path will say what is wrong with them.
const std::uint32_t* NdjsonParser::find_series(Body& body, std::string_view rp,
                                               std::string_view client) {
  const std::uint64_t hash = hash_series(rp, client);
  std::size_t at = hash & (kSeriesSlots - 1);
  for (; series_[at].generation == generation_; at = (at + 1) & (kSeriesSlots - 1)) {
    const SeriesSlot& slot = series_[at];
    if (slot.hash == hash && slot.rp == rp && slot.client == client) return &slot.series;
  }
  std::optional<std::string> origin = rp.empty() || rp == "null" ? "" : canonical_origin(rp);
  if (!origin) return nullptr;
  if (!client.empty() && check_name(client, "client", kClientBytesMax)) return nullptr;
  const auto series = body.batch.intern_series(*origin, client);
  if (!series.ok()) return nullptr;
  if (2 * ++series_used_ > kSeriesSlots) {  // Begin anew: a bound, not a cache policy.
    for (SeriesSlot& slot : series_) slot.generation = 0;
    series_used_ = 1;
    at = hash & (kSeriesSlots - 1);
  }
  series_[at] = {generation_, hash, rp, client, series.value()};
  return &series_[at].series;
}

void NdjsonParser::take_general(Body& body, std::string_view line, Learned* matched,
                                const LineValues& values) {
  ++general_lines_;
  if (line.size() > kBulkLineBytesMax) {
    return refuse_line(body, refuse(Reason::kLimit, "line", "expected at most 65536 bytes"));
  }
  simdjson::dom::element root;
  draft_.clear();
  std::uint32_t shape = 0;
  Check rejection = json_.parse(line, root);
  if (!rejection) rejection = read_bulk_line(root, body.report.arrival_ms, draft_);
  if (!rejection) rejection = add_draft(body, shape);
  if (rejection) {
    body.full = rejection->reason == Reason::kLimit && body.batch.size() >= kBatchEventsMax;
    return refuse_line(body, body.full ? batch_full() : std::move(*rejection));
  }
  ++body.verdict.received;
  ++body.verdict.accepted;
  body.verdict.folded_labels += draft_.folded_labels();
  body.verdict.unknown_fields += draft_.dropped_labels();
  if (!use_templates_) return;
  if (matched == nullptr) return learn(line);
  const std::size_t at = XXH3_64bits(values.form, values.form_size) & (kFormsPerTemplate - 1);
  matched->forms[at] = {generation_, std::string(values.form, values.form_size), shape,
                        draft_.folded_labels(), draft_.dropped_labels()};
}

// As EventDraft::store(), but tells the shape: templates name it from then on.
Check NdjsonParser::add_draft(Body& body, std::uint32_t& shape) {
  measure_ids_.clear();
  label_ids_.clear();
  values_.clear();
  for (const NamedValue& measure : draft_.measures()) {
    const auto id = body.batch.intern_measure(measure.name);
    if (!id.ok()) return rejection_of(id.error());
    measure_ids_.push_back(id.value());
    values_.push_back(measure.value);
  }
  for (const NamedLabel& label : draft_.labels()) {
    const auto id = body.batch.intern_label(label.name, label.value);
    if (!id.ok()) return rejection_of(id.error());
    label_ids_.push_back(id.value());
  }
  const auto series = body.batch.intern_series(draft_.rp, draft_.client);
  if (!series.ok()) return rejection_of(series.error());
  const auto interned =
      body.batch.intern_shape(draft_.kind(), draft_.weight, measure_ids_, label_ids_);
  if (!interned.ok()) return rejection_of(interned.error());
  shape = interned.value();
  const Status added = body.batch.add_row(draft_.time_ms, series.value(), shape, values_);
  if (!added.ok()) return rejection_of(added.error());
  return std::nullopt;
}

void NdjsonParser::learn(std::string_view line) {
  const bool full = templates_.size() == kTemplatesMax;
  if (full && ++lines_since_learn_ < kLinesPerRelearn) return;
  lines_since_learn_ = 0;
  Learned learned;
  if (!learned.lines.learn(line)) return;
  const auto& names = learned.lines.measure_names();
  constexpr std::string_view kParts[] = {"time_to_show_ui", "time_to_continue_on_ui",
                                         "time_to_receive_token", "turnaround_time"};
  std::size_t parts = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view stored = stored_measure_name(names[i]);
    learned.measure_max.push_back(draft_.measure_max(stored));
    const auto part = std::find(std::begin(kParts), std::end(kParts), stored);
    if (part == std::end(kParts)) continue;
    learned.identity[static_cast<std::size_t>(part - std::begin(kParts))] = i;
    ++parts;
  }
  learned.has_identity = parts == std::size(kParts);
  if (!full) {
    templates_.push_back(std::move(learned));
    return;
  }
  *std::min_element(templates_.begin(), templates_.end(), [](const auto& a, const auto& b) {
    return a.hits < b.hits;
  }) = std::move(learned);
  for (Learned& known : templates_)
    known.hits /= 2;  // What was busy long ago must not stay for ever.
}

void NdjsonParser::refuse_line(Body& body, Rejection rejection) {
  ++body.verdict.received;
  body.verdict.reject(rejection.reason);
  if (body.errors.size() >= kLineErrorsMax) return;
  std::string text(to_string(rejection.reason));
  body.errors.push_back({body.line, text + ": " + rejection.detail});
}

}  // namespace kpi::server
