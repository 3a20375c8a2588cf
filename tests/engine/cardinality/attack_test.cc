// Promise P16: any number of random origins leaves memory flat and known RPs untouched, while the
// attack goes on and after a restart. KPI_TORTURE_SECONDS: ten million of them, or so long.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

constexpr std::uint64_t kRpsMax = 10'000;
constexpr std::uint64_t kOriginsOfACommit = 200'000, kOriginsMax = 10'000'000;
constexpr std::uint64_t kBatch = 1'000, kKnownEvery = 50;
constexpr std::uint64_t kWarm = 50'000;
constexpr std::uint64_t kGrowthMax = 24U << 20;  // Budgets of live, caches and tables fill up too.
constexpr const char* kKnown = "https://known.example";

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

int torture_seconds() {
  const char* text = std::getenv("KPI_TORTURE_SECONDS");
  return text == nullptr ? 0 : std::atoi(text);
}

EngineOptions attacked(const TempDir& dir) {
  EngineOptions options = options_in(dir);
  options.journal_bytes_max = 1U << 20;
  options.live_bytes_max = 4U << 20;
  options.block_cache_bytes = 4U << 20;
  options.write_buffer_bytes = 1U << 20;
  options.name_limits.rps = kRpsMax;
  return options;
}

class Attack {
 public:
  explicit Attack(std::uint64_t seed) : random_(seed) {}

  Batch next_batch() {
    Batch batch;
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      if (i % kKnownEvery == 0)
        add(kKnown, "client", static_cast<std::uint32_t>(random_() % 5'000));
      add(origin(), random_() % 2 == 0 ? "" : std::to_string(random_()), 1);
    }
    origins_ += kBatch;
    EXPECT_EQ(batch_.size(), kBatch + kBatch / kKnownEvery);
    std::swap(batch, batch_);
    return batch;
  }
  std::uint64_t origins() const { return origins_; }
  std::uint64_t known() const { return known_; }
  Sketch expected() { return sketch_.build(); }

 private:
  std::string origin() {
    return "https://" + std::to_string(random_()) + '.' + std::to_string(random_()) + ".example";
  }
  void add(std::string_view rp, std::string_view client, std::uint32_t value) {
    const NamedValue measures[] = {{"turnaround_time", value}};
    Event event = plain_event(kNow - kHourMs + static_cast<std::int64_t>(random_() % 3'600'000));
    event.rp = rp;
    event.client = client;
    event.measures = measures;
    ASSERT_TRUE(batch_.add(event).ok());
    if (rp != kKnown) return;
    ++known_;
    sketch_.add(value);
  }

  std::mt19937_64 random_;
  Batch batch_;
  SketchBuilder sketch_;
  std::uint64_t origins_ = 0, known_ = 0;
};

// 0 where the known RP is whole and every other event is somewhere.
std::uint64_t check(const Engine& engine, const Attack& attack, const Sketch& expected) {
  AggregateRequest request;
  request.group_by = {{Dimension::kRp}};
  request.measures = {"turnaround_time"};
  const auto result = engine.view().value()->aggregate(request);
  if (!result.ok()) return 1;
  std::uint64_t wrong = 0, total = 0, other = 0;
  bool found = false;
  for (std::size_t i = 0; i < result.value().size; ++i) {
    const std::string_view rp = result.value().keys[0][i];
    total += result.value().counts[i].events;
    if (rp == kOtherName) other = result.value().counts[i].events;
    if (rp != kKnown) continue;
    found = true;
    wrong += result.value().counts[i].events != attack.known();
    wrong += result.value().sketches[0][i] != expected;
  }
  EXPECT_EQ(other, attack.origins() - (kRpsMax - 1));
  EXPECT_EQ(total, attack.origins() + attack.known());
  EXPECT_EQ(result.value().size, kRpsMax + 1);
  wrong +=
      !found || total != attack.origins() + attack.known() || result.value().size != kRpsMax + 1;
  return wrong;
}

TEST(CardinalityAttack, LeavesMemoryFlatAndKnownRpsUntouched) {
  const TempDir dir;
  Attack attack(1);
  const int seconds = torture_seconds();
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  std::uint64_t warm = 0, last = 0, violations = 0;
  {
    auto engine = open(attacked(dir));
    while (seconds > 0 ? elapsed() < seconds && attack.origins() < kOriginsMax
                       : attack.origins() < kOriginsOfACommit) {
      ASSERT_TRUE(engine->append(attack.next_batch()).ok());
      const std::uint64_t n = attack.origins();
      if (n == kWarm) warm = resident_bytes();
      if (n == kWarm || n % 1'000'000 == 0) {
        std::printf("%8llu origins: %6.1f MiB resident, %.0f events/s\n",
                    static_cast<unsigned long long>(n),
                    static_cast<double>(resident_bytes()) / (1 << 20),
                    static_cast<double>(n + attack.known()) / elapsed());
      }
    }
    last = resident_bytes();
    const Sketch expected = attack.expected();
    violations += check(*engine, attack, expected) != 0;
    EXPECT_EQ(engine->stats().events_under_other.rps, attack.origins() - (kRpsMax - 1));
    ASSERT_TRUE(engine->close().ok());
    engine = open(attacked(dir));
    violations += check(*engine, attack, expected) != 0;
    Batch late;
    ASSERT_TRUE(late.add(plain_event(kNow)).ok());
    ASSERT_TRUE(engine->append(std::move(late)).ok());
    EXPECT_EQ(engine->stats().events_under_other.rps, 1U);
    EXPECT_EQ(engine->stats().rps, kRpsMax + 1);
  }
  const std::uint64_t growth = last > warm ? last - warm : 0;
  std::printf("%8llu origins: %6.1f MiB resident, %.1f MiB more than at %llu, %.1f s\n",
              static_cast<unsigned long long>(attack.origins()),
              static_cast<double>(last) / (1 << 20), static_cast<double>(growth) / (1 << 20),
              static_cast<unsigned long long>(kWarm), elapsed());
  EXPECT_LT(growth, kGrowthMax);
  violations += growth >= kGrowthMax;
  EXPECT_EQ(violations, 0U);
  std::printf("torture: cardinality runs=%llu faults=%llu violations=%llu\n",
              static_cast<unsigned long long>(attack.origins()),
              static_cast<unsigned long long>(attack.origins() - (kRpsMax - 1)),
              static_cast<unsigned long long>(violations));
}

}  // namespace
}  // namespace kpi::test
