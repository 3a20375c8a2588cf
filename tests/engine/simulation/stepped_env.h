// RocksDB's surroundings with nothing of their own: background jobs wait until they are told to
// run, on the caller's thread, and the time is what it is told. Not thread-safe.
#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>

namespace kpi::test {

class SteppedEnv final : public rocksdb::EnvWrapper {
 public:
  using Clock = std::function<std::int64_t()>;  // Ms since the epoch.
  SteppedEnv(std::unique_ptr<rocksdb::Env> files, Clock wall_ms);
  const char* Name() const override { return "kpi.test.SteppedEnv"; }

  std::size_t jobs() const { return jobs_.size(); }
  // Runs one of them, counted from the oldest; below jobs().
  void run_job(std::size_t number);
  // Runs jobs, also those that they bring along, until none waits or there is no end to them.
  void run_all_jobs();
  // Forgets them, as a process does that ends.
  void drop_jobs() { jobs_.clear(); }

  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unschedule)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  void SetBackgroundThreads(int, Priority) override {}
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }

 private:
  struct Job {
    void (*function)(void*);
    void* argument;
    Priority priority;
    void* tag;
    void (*unschedule)(void*);
  };
  std::list<Job> jobs_;
};

}  // namespace kpi::test
