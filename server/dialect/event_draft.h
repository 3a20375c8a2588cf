// An event under construction: applies the rules that all dialects share (names, ranges, timing
// identity, label allow-list) and hands the result to a batch.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/batch.h"
#include "server/admission/label_gate.h"
#include "server/dialect/dialect.h"
#include "server/dialect/rejection.h"

namespace kpi::server {

inline constexpr std::uint32_t kMeasureMax = 0xFFFFFFFF;  // Of measures that are no FedCM timing.
inline constexpr std::uint64_t kTimingSlackMs = 2;        // Three truncations to whole ms.

// The stored name of a measure: Chrome's `time_to_continue` is `time_to_continue_on_ui`.
std::string_view stored_measure_name(std::string_view name);
// Whether a stored name is one of the seven FedCM timings.
bool is_fedcm_timing(std::string_view stored_name);

// 0 <= turnaround - (show + continue + token) <= kTimingSlackMs.
inline bool timing_identity_holds(std::uint64_t show, std::uint64_t on_ui, std::uint64_t token,
                                  std::uint64_t turnaround) {
  const std::uint64_t parts = show + on_ui + token;
  return turnaround >= parts && turnaround - parts <= kTimingSlackMs;
}
Rejection timing_identity_rejection();

// Views given to it must live until store() returns or clear(). Reusable. Not thread-safe.
class EventDraft {
 public:
  EventDraft(const DialectOptions& options, LabelGate& labels)
      : options_(options), labels_(labels) {}
  // Of the events from the next clear() on: their label `trust`.
  void set_trust(Trust trust) { trust_ = trust; }
  // The event under construction is of low trust at most.
  void distrust();
  Trust trust() const { return trust_; }
  void clear();

  std::int64_t time_ms = 0;
  std::string_view rp, client;
  Outcome outcome = Outcome::kUnknown;
  UiShown ui_shown = UiShown::kUnknown;
  ErrorId error;
  std::uint32_t weight = kWeightMin;
  std::string document;  // To be read back with the event; empty: none.

  // The largest value that measure `stored_name` may have.
  std::uint32_t measure_max(std::string_view stored_name) const {
    return is_fedcm_timing(stored_name) ? options_.timing_ms_max : kMeasureMax;
  }
  bool has_measure(std::string_view stored_name) const;
  // Refuses an invalid name, a value beyond its range, and a name twice.
  Check add_measure(std::string_view name, std::uint64_t value);
  // Labels outside the allow-list are dropped and counted, as is an empty value. False: dropped.
  bool add_label(std::string_view name, std::string_view value);
  // Keeps a made-up text alive as long as the draft.
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  Check check_timing_identity() const;
  // Checks what concerns the whole event, then adds it to `batch`.
  Check store(Batch& batch);

  const std::vector<NamedValue>& measures() const { return measures_; }
  const std::vector<NamedLabel>& labels() const { return stored_labels_; }
  EventKind kind() const { return {outcome, ui_shown, error}; }
  std::uint32_t folded_labels() const { return folded_labels_; }
  std::uint32_t dropped_labels() const { return dropped_labels_; }

 private:
  const DialectOptions& options_;
  LabelGate& labels_;
  Trust trust_ = Trust::kUnasked;
  std::vector<NamedValue> measures_;
  std::vector<NamedLabel> stored_labels_;
  std::deque<std::string> kept_;
  std::uint32_t folded_labels_ = 0, dropped_labels_ = 0;
};

// What a batch refused, as an answer to the sender.
Rejection rejection_of(const Error& error);

}  // namespace kpi::server
