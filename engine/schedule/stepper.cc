#include "engine/schedule/stepper.h"

#include <atomic>

#include "kpi/assert.h"

namespace kpi {
namespace {

std::atomic<Stepper*> replacement{nullptr};

}  // namespace

void Stepper::add(Work work, std::function<void()> step) {
  std::function<void()>& place = steps_[static_cast<std::size_t>(work)];
  KPI_ASSERT(!place);
  place = std::move(step);
}

void Stepper::remove(Work work) { steps_[static_cast<std::size_t>(work)] = nullptr; }

void Stepper::step(Work work) {
  const std::function<void()> step = steps_[static_cast<std::size_t>(work)];
  if (step) step();
}

Stepper* stepper() { return replacement.load(std::memory_order_acquire); }

void replace_stepper(Stepper* stepper) { replacement.store(stepper, std::memory_order_release); }

}  // namespace kpi
