// One statement that runs and sends its answer, in as many goes as its reader wants.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "server/pgwire/backend.h"
#include "server/pgwire/copy_rows.h"
#include "server/pgwire/interrupt.h"
#include "server/pgwire/meter.h"
#include "server/pgwire/plan.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kReplyPieceBytes = 128U << 10;  // A piece ends after passing this.
// Of all sessions: rows that wait in suspended portals.
inline constexpr std::size_t kSuspendedBytesMax = kResultBytesMax;
// Of all sessions: results from when they are made until their last row has left, or is suspended.
inline constexpr std::size_t kHeldBytesMax = 4 * kResultBytesMax;
inline constexpr std::size_t kFollowRowsAtATime = 64;
inline constexpr std::size_t kAllRows = SIZE_MAX;

struct Portal;

struct QueryEnvironment {
  Store& store;
  std::size_t rows_max = kResultRowsMax;
  std::function<std::int64_t()> now_ms;
  std::size_t follows_max = 16;  // Statements that FOLLOW at a time.
  std::shared_ptr<Meter> follows = std::make_shared<Meter>(0);
  std::shared_ptr<Meter> suspended_bytes = std::make_shared<Meter>(0);
  std::shared_ptr<Meter> held_bytes = std::make_shared<Meter>(0);
  std::uint64_t min_group_size_reader = 1;  // query::Options::min_group_size of who is no admin.
  std::shared_ptr<const std::vector<query::ValueAlias>> aliases = {};
};

// What a statement runs in; all of it outlives the run.
struct ExecutionContext {
  const QueryEnvironment& environment;
  SessionState& state;
  const Interrupt& interrupt;
  const std::function<void()>& wake;  // A follow has rows, told on any thread; then next() again.
};

class Execution {
 public:
  // `formats`: empty or one for each column. Neither matters to commands and COPY.
  Execution(Plan plan, Formats formats) : plan_(std::move(plan)), formats_(std::move(formats)) {}

  // Runs the statement; takes as long as it takes. Commands have all of their effect here.
  std::optional<Failure> start(const ExecutionContext& context, std::string& out);
  bool started() const { return started_; }
  // Requires started(). None: no rows are sent, or they are by COPY.
  const std::vector<query::Column>& columns() const { return columns_; }

  enum class Progress : std::uint8_t {
    kMore,       // The piece is full: again.
    kWaiting,    // A follow without news: again after `wake`.
    kSuspended,  // `rows_left` are sent, and there may be more.
    kDone,       // With CommandComplete.
  };
  // Appends rows, at most `rows_left`, which it counts down unless it is kAllRows.
  std::variant<Progress, Failure> next(const ExecutionContext& context, std::string& out,
                                       std::size_t& rows_left);
  bool follows() const { return feed_ != nullptr; }

  // Of a cursor, read by the FETCH of others.
  bool may_be_fetched() const;
  std::uint64_t position() const { return row_; }  // Rows that were given or passed over.
  // Requires started() and may_be_fetched(). Appends rows, at most `rows_left`, which it counts
  // down unless it is UINT64_MAX, or passes over them where there are no formats; no
  // CommandComplete. kDone: there are no more.
  std::variant<Progress, Failure> fetch(const ExecutionContext& context, std::string& out,
                                        std::uint64_t& rows_left, const Formats* formats);
  bool holds_rows() const { return table_.has_value() || feed_ != nullptr; }
  std::uint64_t rows_sent() const { return rows_sent_; }

 private:
  std::optional<Failure> start_query(const ExecutionContext& context);
  std::optional<Failure> start_follow(const ExecutionContext& context,
                                      const query::Statement& statement);
  std::optional<Failure> start_copy(std::string& out);
  std::optional<Failure> start_fetch(const ExecutionContext& context, std::string& out);
  std::variant<Progress, Failure> next_of_table(const ExecutionContext& context, std::string& out,
                                                std::size_t& rows_left);
  std::variant<Progress, Failure> next_of_feed(const ExecutionContext& context, std::string& out,
                                               std::size_t& rows_left);
  std::variant<Progress, Failure> next_of_cursor(const ExecutionContext& context, std::string& out,
                                                 std::size_t& rows_left);
  void append_row(std::string& out, const std::vector<query::Value>& row);
  std::variant<Progress, Failure> suspend(const ExecutionContext& context);
  void append_notes(std::string& out);
  Progress finish(std::string& out);

  Plan plan_;
  Formats formats_;
  bool started_ = false, suspended_ = false, finished_ = false;
  std::string tag_;
  std::vector<query::Column> columns_;
  std::optional<query::Table> table_;  // The result that is being sent.
  std::optional<CopyRows> copy_;
  std::size_t row_ = 0, sent_this_time_ = 0;
  std::uint64_t rows_sent_ = 0;
  std::optional<Lease> held_lease_, suspended_lease_, follow_lease_;
  std::unique_ptr<query::RowFeed> feed_;
  std::shared_ptr<Portal> cursor_;  // Of FETCH and MOVE; what is left to do with its rows:
  std::uint64_t skip_left_ = 0, give_left_ = 0, passed_ = 0;
};

}  // namespace kpi::server::pgwire
