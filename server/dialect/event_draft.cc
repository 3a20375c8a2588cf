#include "server/dialect/event_draft.h"

#include <simdjson.h>

#include <algorithm>

namespace kpi::server {
namespace {

constexpr std::string_view kTimings[] = {
    "time_to_show_ui",         "time_to_receive_configuration",   "time_to_continue_on_ui",
    "time_to_receive_token",   "time_to_receive_client_metadata", "turnaround_time",
    "time_to_receive_accounts"};

// What the names and values of one event may take in a batch.
constexpr std::size_t kEventBytesMax =
    kMeasuresPerEventMax * (kMeasureNameBytesMax + 8) +
    kLabelsPerEventMax * (kLabelNameBytesMax + kLabelValueBytesMax + 8) + 4096;

}  // namespace

std::string_view stored_measure_name(std::string_view name) {
  return name == "time_to_continue" ? std::string_view("time_to_continue_on_ui") : name;
}

bool is_fedcm_timing(std::string_view stored_name) {
  return std::find(std::begin(kTimings), std::end(kTimings), stored_name) != std::end(kTimings);
}

Rejection timing_identity_rejection() {
  return refuse(
      Reason::kTimingIdentity, "turnaround_time",
      "expected time_to_show_ui + time_to_continue + time_to_receive_token, up to 2 more");
}

Rejection rejection_of(const Error& error) {
  const bool limit = error.code == ErrorCode::kLimitExceeded;
  return {limit ? Reason::kLimit : Reason::kNameInvalid, error.message};
}

void EventDraft::clear() {
  time_ms = 0;
  rp = client = {};
  outcome = Outcome::kUnknown;
  ui_shown = UiShown::kUnknown;
  error = {};
  weight = kWeightMin;
  document.clear();
  measures_.clear();
  stored_labels_.clear();
  if (trust_ != Trust::kUnasked) stored_labels_.push_back({kTrustLabel, to_string(trust_)});
  kept_.clear();
  folded_labels_ = dropped_labels_ = 0;
}

// Its label is the first one: clear() has put it there.
void EventDraft::distrust() {
  if (trust_ != Trust::kUnasked) stored_labels_.front().value = to_string(Trust::kLow);
}

bool EventDraft::has_measure(std::string_view stored_name) const {
  return std::any_of(measures_.begin(), measures_.end(),
                     [&](const NamedValue& measure) { return measure.name == stored_name; });
}

Check EventDraft::add_measure(std::string_view name, std::uint64_t value) {
  const std::string_view stored = stored_measure_name(name);
  const std::uint32_t max = measure_max(stored);
  if (value > max) return out_of_range(name, max);
  if (auto bad = check_name(stored, "measure name", kMeasureNameBytesMax)) return bad;
  if (has_measure(stored)) return refuse(Reason::kDuplicateKey, stored, "expected only once");
  if (measures_.size() == kMeasuresPerEventMax) {
    return refuse(Reason::kLimit, "measures", "more of them than an event may have");
  }
  measures_.push_back({stored, static_cast<std::uint32_t>(value)});
  return std::nullopt;
}

bool EventDraft::add_label(std::string_view name, std::string_view value) {
  const auto rule = labels_.find(name);
  const auto same_name = [&](const NamedLabel& label) { return label.name == name; };
  if (!rule || value.empty() || stored_labels_.size() == kLabelsPerEventMax ||
      std::any_of(stored_labels_.begin(), stored_labels_.end(), same_name)) {
    ++dropped_labels_;
    return false;
  }
  const bool fits = !check_name(value, name, kLabelValueBytesMax);
  const std::string_view stored = fits ? labels_.admit(*rule, value) : kOtherValue;
  if (stored == kOtherValue && value != kOtherValue) ++folded_labels_;
  stored_labels_.push_back({labels_.name(*rule), stored});
  return true;
}

Check EventDraft::check_timing_identity() const {
  // By the order of the identity: show, continue, token, turnaround.
  constexpr std::string_view kParts[] = {"time_to_show_ui", "time_to_continue_on_ui",
                                         "time_to_receive_token", "turnaround_time"};
  std::uint64_t value[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const auto found = std::find_if(measures_.begin(), measures_.end(),
                                    [&](const NamedValue& m) { return m.name == kParts[i]; });
    if (found == measures_.end()) return std::nullopt;
    value[i] = found->value;
  }
  if (timing_identity_holds(value[0], value[1], value[2], value[3])) return std::nullopt;
  return timing_identity_rejection();
}

Check EventDraft::store(Batch& batch) {
  if (auto bad = check_timing_identity()) return bad;
  // Before the event is added: it cannot be taken out again.
  if (document.size() > kDocumentBytesMax) {
    return refuse(Reason::kLimit, "record", "more to read back than 65536 bytes");
  }
  if (batch.size_bytes() + document.size() + kEventBytesMax > kBatchBytesMax) {
    return refuse(Reason::kLimit, "record", "more than one commit takes");
  }
  const Status added = batch.add({time_ms, rp, client, kind(), weight, measures_, stored_labels_});
  if (!added.ok()) return rejection_of(added.error());
  if (document.empty()) return std::nullopt;
  const Status attached = batch.attach_document(document);
  if (!attached.ok()) return rejection_of(attached.error());
  return std::nullopt;
}

}  // namespace kpi::server
