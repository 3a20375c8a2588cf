// Records read back for GET /wsapi/interaction_data and its neighbours, on threads of the query
// pool: one by its id, how many there are, the newest, and those of a range in pieces.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "kpi/event.h"
#include "server/http/query_pool.h"
#include "server/http/records.h"

namespace kpi::server {

inline constexpr std::size_t kRecordReadBytes = 256U << 10;  // In memory at a time, of one range.

QueryAnswer find_record(const RecordStore& store, const std::string& id);   // 404: there is none.
QueryAnswer count_records(const RecordStore& store, std::stop_token stop);  // A JSON number.
QueryAnswer last_record(const RecordStore& store);                          // A row, or null.

// A JSON list of the rows of a range, read on as the client takes it: no thread waits for a client.
// next() belongs to the io thread; all else is thread-safe.
class RecordRange : public std::enable_shared_from_this<RecordRange> {
 public:
  // `go_on` says that next() has more, on a thread of the pool; `gone`: nobody wants it any more.
  RecordRange(const RecordStore& store, TimeRange range, QueryPool& pool,
              std::function<void()> go_on, std::stop_token gone);
  // The first piece, and in `more` the rest. On a thread of the pool, once.
  QueryAnswer begin(std::stop_token stop);

 private:
  Piece next(std::string& out);
  Status read(std::stop_token stop, std::string& text, bool& finished);
  void read_on(std::stop_token stop);

  const RecordStore& store_;
  QueryPool& pool_;
  const std::function<void()> go_on_;
  const std::stop_token gone_;
  const TimeRange range_;
  std::string last_id_;                         // The next read begins behind it.
  std::shared_ptr<const Documents> documents_;  // Of one moment, whatever comes meanwhile.

  std::mutex mutex_;  // Guards what follows.
  std::string text_;
  std::size_t given_ = 0;
  bool reading_ = false, finished_ = false, failed_ = false;
};

}  // namespace kpi::server
