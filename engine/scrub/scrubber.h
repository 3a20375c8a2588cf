// Reads all tables of a running store against their checksums, slowly and again and again, so that
// damage on the disk is known while there is still a backup without it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "engine/rocks/database.h"
#include "engine/rocks/table_files.h"
#include "engine/schedule/worker.h"
#include "kpi/engine.h"

namespace kpi {

// `meta`: u64, ms since the epoch: when the last whole pass ended.
inline constexpr char kMetaScrubbed[] = "scrubbed";

class Scrubber {
 public:
  struct Counters {
    std::atomic<std::uint64_t> bytes{0}, tables{0}, passes{0}, damages{0};
    std::atomic<std::int64_t> finished_ms{0};
  };
  // Makes what ended a pass durable.
  using Finish = std::function<Status(std::int64_t now_ms)>;

  // `options.now_ms` is set and `options.scrub_bytes_per_second` is not 0. A pass begins once
  // `options.scrub_every_ms` have passed since the last one ended.
  Scrubber(const Database& database, const EngineOptions& options, std::int64_t finished_ms,
           Finish finish);
  ~Scrubber();  // stop().
  Scrubber(const Scrubber&) = delete;
  Scrubber& operator=(const Scrubber&) = delete;

  void stop();  // Ends a pass that is under way. Idempotent.
  const Counters& counters() const { return counters_; }

 private:
  void run();
  bool look();  // False: nothing more is to be done.
  bool is_due() const;
  bool pass();                         // False: it was stopped.
  bool check(const TableFile& table);  // Likewise.
  bool wait_for_bytes(std::uint64_t bytes);

  const Database& database_;
  const EngineOptions options_;
  const Finish finish_;
  Counters counters_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  Worker worker_{Work::kScrub, "kpi-scrub"};
};

}  // namespace kpi
