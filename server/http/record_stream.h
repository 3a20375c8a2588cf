// GET /wsapi/interaction_data/stream: every record from now on, one line each, as it is accepted.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "kpi/result.h"
#include "server/http/loop.h"

namespace kpi::server {

// Lives in one io thread, whose Loop outlives it.
class RecordStream {
 public:
  // `go_on` says that next() has more; on any thread. kLimitExceeded: too many streams.
  static Result<std::shared_ptr<RecordStream>> open(Loop& loop, std::function<void()> go_on);
  ~RecordStream();
  RecordStream(const RecordStream&) = delete;
  RecordStream& operator=(const RecordStream&) = delete;

  // Whole lines. kBroken: the client fell behind by more than it may. kLast: the server ends.
  Piece next(std::string& out);

 private:
  explicit RecordStream(Loop& loop) : loop_(loop) {}

  Loop& loop_;
  std::unique_ptr<Follower> follower_;
  std::uint64_t seq_ = 0;
};

}  // namespace kpi::server
