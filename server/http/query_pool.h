// Statements of POST /v1/query and reads of records run here, on threads of their own: an io thread
// never waits for one.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "server/http/answer_queue.h"

namespace kpi::server {

enum class QueryFormat : std::uint8_t { kJson, kCsv, kNdjson };

struct QueryAnswer {
  std::uint16_t status = 200;
  std::string content_type, body, extra_headers;
  std::uint64_t micros = 0;  // Time it took to run.
  BodyPieces more = {};      // What follows `body`. Used by one thread at a time.
};

// Runs one statement; thread-safe, never throws. `stop` is requested at the statement timeout.
using QueryRunner = std::function<QueryAnswer(const std::string& statement, QueryFormat,
                                              bool may_change, std::stop_token stop)>;

// One piece of work; never throws. `stop` is requested at the statement timeout.
using QueryWork = std::function<QueryAnswer(std::stop_token stop)>;

class QueryPool {
 public:
  struct Options {
    std::size_t threads = 2;
    std::size_t queue_max = 64;
    std::chrono::milliseconds timeout{10'000};
  };
  explicit QueryPool(const Options& options);
  ~QueryPool();  // stop()
  QueryPool(const QueryPool&) = delete;
  QueryPool& operator=(const QueryPool&) = delete;

  using Done = std::function<void(QueryAnswer answer)>;  // Called on a thread of the pool.
  // False: the queue is full or the pool has stopped; `done` will not be called. `gone`: nobody
  // waits for the answer any more; the work is stopped, `done` is called all the same.
  bool submit(QueryWork work, Done done, std::stop_token gone = {});
  // The same for the rest of an answer that has begun, one at a time for each: however many wait.
  bool go_on(QueryWork work, Done done, std::stop_token gone);
  // Cancels what runs, forgets what waits (their `done` is not called), joins. Idempotent.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Task {
    QueryWork work;
    Done done;
    std::stop_token gone;
  };
  struct Running {
    Clock::time_point deadline;
    std::stop_source stop;
  };

  bool push(Task task, std::size_t queue_max);
  void work();
  void watch();
  void run(Task task);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable work_ready_, deadline_changed_;
  std::deque<Task> queue_;
  std::list<Running> running_;  // In order of deadline: all have the same timeout.
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kpi::server
