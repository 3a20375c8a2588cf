// The seam between query and store: aggregate(request) -> groups of mergeable state,
// scan(request) -> events, and the names. Which cells, edges and chunks answer a request is the
// store's own affair, and it reports what it read. The engine (kpi/engine.h) stands behind this
// seam, and so does the model store of the tests; both give identical answers.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kpi/batch.h"
#include "kpi/event.h"
#include "kpi/limits.h"
#include "kpi/result.h"
#include "kpi/sketch.h"

namespace kpi {

enum class Dimension : std::uint8_t {
  kRp,
  kClient,
  kOutcome,
  kError,
  kErrorClass,
  kUiShown,
  kLabel
};
struct DimensionRef {
  Dimension dimension = Dimension::kRp;
  std::string label = {};  // The label's name where dimension is kLabel.
  bool operator==(const DimensionRef&) const = default;
};

// What an event prints as in a dimension: rp and client as stored ("" is unknown); outcome,
// ui_shown by to_string(); error and error_class by name, NULL unless the event is a failure with
// an error; a label's value, NULL where the event has no such label.

enum class Comparison : std::uint8_t {
  kLess,
  kLessEqual,
  kEqual,
  kNotEqual,
  kGreaterEqual,
  kGreater
};

// A condition on one event, in SQL's three-valued logic: a comparison with NULL (a label, error or
// measure that the event lacks) is unknown, NOT unknown is unknown, and only true selects.
struct Predicate {
  enum class Kind : std::uint8_t {
    kTrue,
    kAnd,
    kOr,             // Both: of `children`, at least one.
    kNot,            // Of children[0].
    kDimensionIn,    // `dimension` equals one of `values`.
    kDimensionLike,  // `dimension` LIKE values[0]: % any run, _ one UTF-8 character, \ escapes.
    kDimensionIsNull,
    kMeasureCompare,  // `measure` `comparison` `operand`.
    kMeasureIsNull,
    kTime,  // time >= range.begin_ms and time < range.end_ms.
  };
  Kind kind = Kind::kTrue;
  std::vector<Predicate> children = {};
  DimensionRef dimension = {};
  std::vector<std::string> values = {};
  std::string measure = {};
  Comparison comparison = Comparison::kEqual;
  std::int64_t operand = 0;
  TimeRange range = {};
};

struct AggregateRequest {
  TimeRange range;                    // Only events within it.
  std::int64_t bucket_width_ms = 0;   // 0: one bucket. Else >= 1: also group by time bucket,
  std::int64_t bucket_origin_ms = 0;  // [origin + k * width, origin + (k + 1) * width).
  Predicate where;
  std::vector<DimensionRef> group_by;
  std::vector<std::string> measures;  // Whose sketches are wanted. An unknown name has no values.
  bool senders = false;  // Also AggregateResult::senders. kInvalidArgument: not tells_senders().
  std::size_t groups_max = 1'000'000;  // More groups: kLimitExceeded.
  std::stop_token stop = {};           // Checked at least every few ms: kCanceled.
};

// Weighted counts are in thousandths, so that they add up exactly in any order.
struct Counts {
  std::uint64_t events = 0;  // Reports, unweighted.
  std::uint64_t total = 0, successes = 0, failures = 0;
  std::uint64_t failures_ui_shown = 0;  // Failures with ui_shown = yes.
  bool operator==(const Counts&) const = default;
};

// Of reports whose sender's network was known: how many, and how many of them came from the network
// that sent most of an RP and hour, summed up over RPs and hours. Hours count whole, with what
// their begin lies in. `largest` is too small by at most 1 in 33 an hour, and more where the store
// was restarted within it.
struct SenderCounts {
  std::uint64_t known = 0, largest = 0;
  bool operator==(const SenderCounts&) const = default;
};

// What was read for an answer, one step for each kind of source and part of the range.
struct ReadStep {
  std::string source;  // "day cells", "hour cells", "minute cells", "chunks", "live"
  TimeRange range;
  std::uint64_t series = 0, cells = 0, chunks = 0, events = 0, bytes = 0;
};

// Columns over the groups that have at least one event, in no particular order.
struct AggregateResult {
  std::size_t size = 0;
  std::vector<std::int64_t> bucket_begin_ms;        // Empty if bucket_width_ms was 0.
  std::vector<std::vector<std::string_view>> keys;  // [group_by][group]; data() == nullptr: NULL.
  std::vector<Counts> counts;                       // [group]
  std::vector<std::vector<Sketch>> sketches;        // [measure][group]
  std::vector<SenderCounts> senders;                // [group], if asked for.
  std::vector<std::uint64_t> loud;  // [group], too: `largest` in loud hours (kLoudHourReportsMin).
  std::shared_ptr<const void> names;  // Keeps the views of `keys` alive.
  // The part of the asked range that stored data can still answer exactly as asked; smaller than
  // the request's where the finer data it needs has aged out.
  TimeRange covered;
  std::vector<ReadStep> steps;
};

// Whether senders can be told for groups and conditions like these: by RP and time alone, in one
// bucket or in buckets of whole hours.
bool tells_senders(const AggregateRequest& request);

struct ScanRequest {
  TimeRange range;
  Predicate where;
  std::stop_token stop = {};
};

// One pass over events: in ascending time within a series and day, otherwise in no promised order.
// The event and what it points to live until the call returns. Return false to stop.
using EventSink = std::function<bool(const Event&)>;

struct ScanReport {
  TimeRange covered;  // As in AggregateResult: raw events age out.
  std::vector<ReadStep> steps;
};

// A named moment that charts are marked with and COMPARE turns on: a release, an outage.
struct Milestone {
  std::string name;  // 1..kMilestoneNameBytesMax bytes.
  std::int64_t at_ms = 0;
  bool operator==(const Milestone&) const = default;
};

// A consistent picture of the store at one moment: everything that was answered before it was
// taken, nothing twice. Safe for use by any number of threads. Holding one keeps files alive.
class View {
 public:
  virtual ~View() = default;
  virtual Result<AggregateResult> aggregate(const AggregateRequest& request) const = 0;
  // What aggregate() would read, without reading it: steps with sources, ranges and series.
  virtual Result<std::vector<ReadStep>> explain(const AggregateRequest& request) const = 0;
  virtual Result<ScanReport> scan(const ScanRequest& request, const EventSink& sink) const = 0;

  // Names ever stored, sorted, without the empty one. clients() of an unknown RP is kNotFound.
  virtual std::vector<std::string> rps() const = 0;
  virtual Result<std::vector<std::string>> clients(std::string_view rp) const = 0;
  virtual std::vector<std::string> measures() const = 0;
  struct LabelNames {
    std::string name;
    std::vector<std::string> values;
  };
  virtual std::vector<LabelNames> labels() const = 0;
  virtual std::vector<Milestone> milestones() const = 0;  // By time, then name.
};

struct FollowRequest;  // kpi/follow.h
class Follower;

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::shared_ptr<const View>> view() const = 0;
  // For SHOW STATUS and /metrics: name and value, in a stable order. Names are snake_case with
  // their unit last (`live_bytes`).
  virtual std::vector<std::pair<std::string, std::string>> status() const = 0;

  // Durable when they return, seen by every view taken afterwards. A store that was opened to read
  // is kInvalidArgument.
  // kInvalidArgument: there is one of that name, or a name or time out of range. kLimitExceeded:
  // kMilestonesMax.
  virtual Status create_milestone(const Milestone& milestone) = 0;
  virtual Status drop_milestone(std::string_view name) = 0;  // kNotFound.

  // Events as they are accepted from now on, nothing of before. kLimitExceeded: kFollowersMax.
  virtual Result<std::unique_ptr<Follower>> follow(FollowRequest request) = 0;
};

}  // namespace kpi
