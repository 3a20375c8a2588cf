// In a simulation: the engine's own work, step by step on the simulation's only thread, in whatever
// order it likes. Not thread-safe.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace kpi {

enum class Work : std::uint8_t {
  kCommit,   // What was submitted and waits.
  kUpkeep,   // What the upkeep thread does when it is woken: a seal, the watermark, what ages out.
  kScrub,    // A look whether a pass over all tables is due, and the pass.
  kStorage,  // All background jobs of the database; the simulation's own.
};
inline constexpr std::size_t kWorkCount = 4;

class Stepper {
 public:
  // One part does each work at a time: one store is open at a time.
  void add(Work work, std::function<void()> step);
  void remove(Work work);
  // Does it once, now; nothing where no part has it.
  void step(Work work);

 private:
  std::array<std::function<void()>, kWorkCount> steps_;
};

// What stores that are opened now are to use; nullptr: threads.
Stepper* stepper();

// For simulations: of all stores opened from now on. It outlives them.
void replace_stepper(Stepper* stepper);

}  // namespace kpi
