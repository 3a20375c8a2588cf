#include "engine/scrub/scrubber.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kpi {
namespace {

constexpr std::size_t kPieceBytesMax = 256U << 10;
constexpr auto kLookEvery = std::chrono::seconds(1);

}  // namespace

Scrubber::Scrubber(const Database& database, const EngineOptions& options, std::int64_t finished_ms,
                   Finish finish)
    : database_(database), options_(options), finish_(std::move(finish)) {
  counters_.finished_ms = finished_ms;
  worker_.start([this] { run(); }, [this] { (void)look(); });
}

Scrubber::~Scrubber() { stop(); }

void Scrubber::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  worker_.join();
}

void Scrubber::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (stopped_.wait_for(lock, kLookEvery, [this] { return stopping_; })) return;
    }
    if (!look()) return;
  }
}

bool Scrubber::look() {
  if (!is_due()) return true;
  if (!pass()) return false;
  const std::int64_t now = options_.now_ms();
  // A store that cannot be written to is on its way out.
  if (!finish_(now).ok()) return false;
  counters_.finished_ms = now;
  ++counters_.passes;
  return true;
}

// A clock that was set back must not put it off for ever.
bool Scrubber::is_due() const {
  const std::int64_t now = options_.now_ms(), last = counters_.finished_ms;
  return now < last || now - last >= options_.scrub_every_ms;
}

bool Scrubber::pass() {
  for (const TableFile& table : table_files(database_)) {
    if (!check(table)) return false;
  }
  return true;
}

bool Scrubber::check(const TableFile& table) {
  const auto piece = static_cast<std::size_t>(
      std::clamp<std::uint64_t>(options_.scrub_bytes_per_second, 1, kPieceBytesMax));
  Result<TableCheck> check = TableCheck::open(table);
  Result<bool> more = check.ok() ? Result<bool>(true) : Result<bool>(check.error());
  while (more.ok() && more.value()) {
    const std::uint64_t before = check.value().bytes_read();
    more = check.value().step(piece);
    const std::uint64_t bytes = check.value().bytes_read() - before;
    counters_.bytes += bytes;
    if (!wait_for_bytes(bytes)) return false;
  }
  if (!more.ok() && more.error().code == ErrorCode::kNotFound) return true;  // Compacted away.
  ++counters_.tables;
  if (more.ok()) return true;
  ++counters_.damages;
  if (options_.on_damage) options_.on_damage(more.error());
  return true;
}

bool Scrubber::wait_for_bytes(std::uint64_t bytes) {
  const auto pause = std::chrono::duration<double>(
      static_cast<double>(bytes) / static_cast<double>(options_.scrub_bytes_per_second));
  if (worker_.is_stepped()) return true;
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace kpi
