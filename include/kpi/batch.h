// A batch of events on its way into the store: a pure value that interns names once and packs
// rows as they come, so that the thread that commits it only copies. std only, no engine needed.
// Not thread-safe: one thread fills a batch, then gives it away.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/event.h"
#include "kpi/limits.h"
#include "kpi/result.h"

namespace kpi {

// One event in plain words, for callers that do not count nanoseconds. Views live until add()
// returns. Names obey kpi/limits.h; rp and client may be empty (unknown).
struct NamedValue {
  std::string_view name;
  std::uint32_t value = 0;
};
struct NamedLabel {
  std::string_view name, value;
};
struct Event {
  std::int64_t time_ms = 0;  // 0..kTimeMsMax
  std::string_view rp, client;
  EventKind kind;
  std::uint32_t weight = kWeightMin;  // Thousandths of 1/sample_rate, kWeightMin..kWeightMax.
  std::span<const NamedValue> measures;
  std::span<const NamedLabel> labels;
};

class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  // Adds one event, all of it or (on error) nothing. kInvalidArgument: a time, weight, kind or
  // name outside its range, or one measure or label name twice. kLimitExceeded: a limit.
  Status add(const Event& event);

  // The fast way: names are interned once per batch and named by index from then on. Indexes are
  // dense, from 0, valid for this batch until clear(). Same errors as add(Event).
  Result<std::uint32_t> intern_series(std::string_view rp, std::string_view client);
  Result<std::uint32_t> intern_measure(std::string_view name);
  Result<std::uint32_t> intern_label(std::string_view name, std::string_view value);
  // All that rows of one form have in common: interned like a name.
  // `measures` and `labels` are indexes from above; no measure and no label name twice.
  Result<std::uint32_t> intern_shape(EventKind kind, std::uint32_t weight,
                                     std::span<const std::uint32_t> measures,
                                     std::span<const std::uint32_t> labels);
  // `values` has one value per measure of the shape, in its order.
  Status add_row(std::int64_t time_ms, std::uint32_t series, std::uint32_t shape,
                 std::span<const std::uint32_t> values);

  // From whom the events come that are added from now on: any number that stands for the sender's
  // network (a hash with a secret that changes daily), 0: unknown. Never stored or given out: all
  // that is kept is how many events of an RP and hour the largest sender sent.
  void set_sender(std::uint64_t sender);

  // Keeps `text` (1..kDocumentBytesMax bytes, never looked into) beside the event that was added
  // last, durable with it, to be read back by Engine::documents(). At most one an event.
  Status attach_document(std::string_view text);

  std::size_t size() const;        // Events.
  std::size_t size_bytes() const;  // Of the packed rows and names.
  bool empty() const { return size() == 0; }
  void clear();  // Forgets events and names, keeps memory.

  struct Contents;  // engine/journal/batch_contents.h: what the engine reads.
  const Contents& contents() const { return *contents_; }

 private:
  std::unique_ptr<Contents> contents_;
};

}  // namespace kpi
