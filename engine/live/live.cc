#include "engine/live/live.h"

#include <algorithm>

namespace kpi {

void Live::publish(std::uint64_t group) {
  const std::lock_guard lock(mutex_);
  group_ = group;
}

std::vector<std::shared_ptr<const Generation>> Live::freeze() {
  const std::lock_guard lock(mutex_);
  frozen_.push_back(std::move(active_));
  active_ = std::make_shared<Generation>();
  return {frozen_.begin(), frozen_.end()};
}

void Live::replace_frozen(std::shared_ptr<Generation> carried, std::uint64_t seal) {
  std::vector<std::shared_ptr<Generation>> done;  // Freed outside the lock.
  const std::lock_guard lock(mutex_);
  done.swap(frozen_);
  if (carried) frozen_.push_back(std::move(carried));
  seal_ = seal;
}

Live::Taken Live::take() const {
  const std::lock_guard lock(mutex_);
  std::vector<LiveView::Part> parts;
  for (const auto& generation : frozen_) parts.push_back({generation, group_});
  parts.push_back({active_, group_});
  return {LiveView(std::move(parts)), seal_};
}

std::uint64_t Live::events() const {
  std::uint64_t events = 0;
  const Taken taken = take();
  for (const auto& part : taken.view.parts()) {
    const std::shared_lock lock(part.generation->mutex);
    events += part.generation->events();
  }
  return events;
}

std::optional<std::int64_t> Live::oldest_ms() const {
  std::optional<std::int64_t> oldest;
  const Taken taken = take();
  for (const auto& part : taken.view.parts()) {
    const std::shared_lock lock(part.generation->mutex);
    if (part.generation->events() == 0) continue;
    oldest = std::min(oldest.value_or(part.generation->min_ms()), part.generation->min_ms());
  }
  return oldest;
}

std::size_t Live::memory_bytes() const {
  std::size_t bytes = 0;
  const Taken taken = take();
  for (const auto& part : taken.view.parts()) {
    const std::shared_lock lock(part.generation->mutex);
    bytes += part.generation->memory_bytes();
  }
  return bytes;
}

}  // namespace kpi
