#include "tests/engine/simulation/stepped_env.h"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace kpi::test {
namespace {

constexpr int kJobsMax = 200;  // A compaction that cannot read begins again and again.

// Whoever sleeps has slept.
class ToldClock final : public rocksdb::SystemClockWrapper {
 public:
  explicit ToldClock(SteppedEnv::Clock wall_ms)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), wall_ms_(std::move(wall_ms)) {}
  const char* Name() const override { return "kpi.test.ToldClock"; }
  std::uint64_t NowMicros() override { return static_cast<std::uint64_t>(wall_ms_()) * 1000; }
  std::uint64_t NowNanos() override { return NowMicros() * 1000; }
  std::uint64_t CPUMicros() override { return 0; }
  std::uint64_t CPUNanos() override { return 0; }
  void SleepForMicroseconds(int) override {}
  rocksdb::Status GetCurrentTime(std::int64_t* seconds) override {
    *seconds = wall_ms_() / 1000;
    return rocksdb::Status::OK();
  }

 private:
  const SteppedEnv::Clock wall_ms_;
};

}  // namespace

SteppedEnv::SteppedEnv(std::unique_ptr<rocksdb::Env> files, Clock wall_ms)
    : EnvWrapper(std::move(files)) {
  system_clock_ = std::make_shared<ToldClock>(std::move(wall_ms));
}

void SteppedEnv::run_job(std::size_t number) {
  const auto at = std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(number));
  const Job job = *at;
  jobs_.erase(at);
  job.function(job.argument);
}

void SteppedEnv::run_all_jobs() {
  for (int run = 0; run < kJobsMax && !jobs_.empty(); ++run) run_job(0);
}

void SteppedEnv::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                          void (*unschedule)(void*)) {
  jobs_.push_back({function, argument, priority, tag, unschedule});
}

int SteppedEnv::UnSchedule(void* tag, Priority priority) {
  int count = 0;
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    if (job->tag != tag || job->priority != priority) {
      ++job;
      continue;
    }
    if (job->unschedule != nullptr) job->unschedule(job->argument);
    job = jobs_.erase(job);
    ++count;
  }
  return count;
}

unsigned int SteppedEnv::GetThreadPoolQueueLen(Priority priority) const {
  return static_cast<unsigned int>(std::count_if(
      jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.priority == priority; }));
}

}  // namespace kpi::test
