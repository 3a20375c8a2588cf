// Batches that can be told apart once they are stored: what writers acknowledge in memory that
// outlives them, and what a store holds of each batch.
#pragma once
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <new>
#include <string>
#include <utility>

#include "kpi/engine.h"

namespace kpi::test {

inline constexpr std::int64_t kLedgerFirstDayMs = 20'000 * kDayMs;
inline constexpr unsigned kLedgerWriters = 3;
inline constexpr unsigned kLedgerDays = 4;

// Batch `number` of `writer`: events of one series and one hour. Everything follows from the two.
struct LedgerBatch {
  unsigned writer = 0;
  std::uint32_t number = 0;

  std::uint64_t hash() const {
    std::uint64_t x = (std::uint64_t{number} << 8 | writer) * 0x9E3779B97F4A7C15ULL;
    return (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9ULL >> 7;
  }
  unsigned events() const {
    return hash() % 16 == 0 ? 500 : 1 + static_cast<unsigned>(hash() % 40);
  }
  std::uint32_t weight() const { return number % 7 == 0 ? 2500 : kWeightMin; }
  std::int64_t day() const { return static_cast<std::int64_t>(hash() / 64 % kLedgerDays); }
  std::int64_t begin_ms() const {
    const auto hour = static_cast<std::int64_t>(hash() / 1024 % 24);
    return kLedgerFirstDayMs + day() * kDayMs + hour * kHourMs;
  }
  std::string client() const { return "w" + std::to_string(writer); }

  Batch pack() const {
    Batch batch;
    for (unsigned i = 0; i < events(); ++i) {
      const NamedValue measures[] = {{"batch", number}, {"v", (number * 31 + i) % 5000}};
      const NamedLabel labels[] = {{"even", number % 2 == 0 ? "yes" : "no"}};
      Event event;
      event.time_ms = begin_ms() + i * 7000 % kHourMs;
      event.rp = number % 3 == 0 ? "https://a" : "https://b";
      const std::string name = client();
      event.client = name;
      event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
      event.weight = weight();
      event.measures = measures;
      event.labels = labels;
      if (!batch.add(event).ok()) std::abort();
    }
    return batch;
  }
};

// How many batches of each writer were acknowledged; shared with child processes.
class Ledger {
 public:
  struct Shared {
    std::atomic<std::uint32_t> acknowledged[kLedgerWriters] = {};
    std::atomic<std::int64_t> now_ms{kLedgerFirstDayMs + kLedgerDays * kDayMs};
    std::atomic<std::uint32_t> allowed{0};  // Batches a writer, where it waits to be told.
    std::atomic<std::uint32_t> stop{0};
    std::atomic<std::uint32_t> milestones{0};  // How many were answered.
  };
  Ledger() {
    void* memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    shared_ = new (memory) Shared;
  }
  ~Ledger() { munmap(shared_, sizeof(Shared)); }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  Shared* operator->() const { return shared_; }

 private:
  Shared* shared_ = nullptr;
};

// Events by (writer, batch number), as scan() gives them.
using StoredBatches = std::map<std::pair<unsigned, std::uint32_t>, std::uint64_t>;

inline Result<StoredBatches> stored_batches(const View& view) {
  StoredBatches stored;
  Result<ScanReport> report = view.scan({}, [&](const Event& event) {
    const auto writer = static_cast<unsigned>(event.client[1] - '0');
    ++stored[{writer, event.measures[0].value}];
    return true;
  });
  if (!report.ok()) return report.error();
  return stored;
}

// Events by (writer, day) and in thousandths by weight, from cells.
struct DayTotals {
  std::uint64_t events = 0, total = 0, value_sum = 0;
  bool operator==(const DayTotals&) const = default;
};
using StoredDays = std::map<std::pair<unsigned, std::int64_t>, DayTotals>;

inline Result<StoredDays> stored_days(const View& view, std::int64_t bucket_width_ms) {
  AggregateRequest request;
  request.range = {kLedgerFirstDayMs, kLedgerFirstDayMs + kLedgerDays * kDayMs};
  request.bucket_width_ms = bucket_width_ms;
  request.group_by = {{Dimension::kClient}};
  request.measures = {"v"};
  Result<AggregateResult> result = view.aggregate(request);
  if (!result.ok()) return result.error();
  StoredDays days;
  const AggregateResult& groups = result.value();
  for (std::size_t i = 0; i < groups.size; ++i) {
    const auto writer = static_cast<unsigned>(groups.keys[0][i][1] - '0');
    DayTotals& day = days[{writer, (groups.bucket_begin_ms[i] - kLedgerFirstDayMs) / kDayMs}];
    day.events += groups.counts[i].events;
    day.total += groups.counts[i].total;
    day.value_sum += static_cast<std::uint64_t>(groups.sketches[0][i].weighted_sum());
  }
  return days;
}

// What stored_days() must give if exactly the first `batches` of each writer are stored.
inline StoredDays expected_days(const std::uint32_t (&batches)[kLedgerWriters]) {
  StoredDays days;
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
    for (std::uint32_t number = 0; number < batches[writer]; ++number) {
      const LedgerBatch batch{writer, number};
      DayTotals& day = days[{writer, batch.day()}];
      day.events += batch.events();
      day.total += std::uint64_t{batch.events()} * batch.weight();
      for (unsigned i = 0; i < batch.events(); ++i) {
        day.value_sum += std::uint64_t{(number * 31 + i) % 5000} * batch.weight();
      }
    }
  }
  return days;
}

}  // namespace kpi::test
