// Moving a store elsewhere: what stored events cannot tell (cells of days whose raw events have
// aged out, senders, names, documents), in plain values that another store takes in.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/document.h"
#include "kpi/event.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// What the other store must know before anything else. Times are the begin of a UTC day; 0: all.
struct TransferHead {
  std::int64_t raw_from_ms = 0, minute_from_ms = 0, hour_from_ms = 0, day_from_ms = 0;
  std::uint64_t sequence = 0;  // Of the journal: ids of new documents come after it.
  struct RolledUpLabel {
    std::string name;
    std::int64_t from_ms = 0;  // Days from here on have cells of it.
    bool operator==(const RolledUpLabel&) const = default;
  };
  std::vector<RolledUpLabel> labels = {};  // What the other store's options should name too.
  bool operator==(const TransferHead&) const = default;
};

// A name ever stored, in an order in which parents come first.
struct StoredName {
  enum class Kind : std::uint8_t { kClient, kMeasure, kLabel };
  Kind kind = Kind::kClient;
  std::string_view first;   // The RP, the measure or the label.
  std::string_view second;  // The client or the label's value; of a measure empty.
};

// weight >= 1000 x events: the sum of weights, in thousandths.
struct KindCount {
  EventKind kind;
  std::uint64_t events = 0;  // Reports, unweighted. At least 1.
  std::uint64_t weight = 0;
  bool operator==(const KindCount&) const = default;
};
struct MeasureSketch {
  std::string_view measure;
  Outcome outcome = Outcome::kUnknown;  // Of the events whose values it holds.
  std::string_view sketch;              // Sketch::bytes(), not empty.
};
// What is known of one series, or of all RPs together, and one bucket. A bucket may come in several
// cells, whose contents add up.
struct PortableCell {
  std::int64_t begin_ms = 0, width_ms = kDayMs;  // Width: kMinuteMs, kHourMs or kDayMs.
  bool all_rps = false;                          // Of everything; rp and client are empty then.
  std::string_view rp, client;
  // Empty: of all events. Else of those with one value of a rolled-up label; data() == nullptr: of
  // those without it. Widths of a day only.
  std::string_view label, label_value;
  std::span<const KindCount> counts;
  std::span<const MeasureSketch> sketches;
};

// What is known of the senders of an RP's reports within one hour. An hour may come several times:
// what is known adds up, of the largest the larger counts.
struct PortableSenders {
  std::string_view rp;
  std::int64_t begin_ms = 0;  // Of the hour.
  SenderCounts counts;        // known >= 1.
};

// Views live until the call returns. Return false to stop.
using NameSink = std::function<bool(const StoredName&)>;
using PortableCellSink = std::function<bool(const PortableCell&)>;
using PortableSendersSink = std::function<bool(const PortableSenders&)>;

// One moment of a store, as a View and Documents have it. Thread-safe.
class TransferSource {
 public:
  virtual ~TransferSource() = default;
  virtual TransferHead head() const = 0;
  virtual Status for_each_name(const NameSink& sink) const = 0;
  // The cells of buckets before head().raw_from_ms: all others follow from the events.
  virtual Status for_each_cell(std::stop_token stop, const PortableCellSink& sink) const = 0;
  // Each RP's hours once, as they are known when called: those of a store that another process
  // writes, up to a minute old.
  virtual Status for_each_senders(std::stop_token stop, const PortableSendersSink& sink) const = 0;
};

// One step of taking in; all of it or nothing.
struct TransferBatch {
  std::span<const StoredName> names;
  std::span<const PortableCell> cells;
  std::span<const Document> documents;  // Ids are kept.
  std::span<const PortableSenders> senders = {};
};
inline constexpr std::size_t kTransferItemsMax = 100'000;  // Of one batch.

}  // namespace kpi
