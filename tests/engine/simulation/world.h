// Everything around a simulated store: two clocks, a disk in memory that fails and loses its power
// on demand, random bits, and the only thread, which takes every step of the store and of RocksDB.
#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string_view>

#include "engine/schedule/stepper.h"
#include "tests/engine/faults/fault_disk.h"
#include "tests/engine/simulation/stepped_env.h"

namespace kpi::test {

// One at a time: while it stands, every store that is opened lives in it.
class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static std::filesystem::path dir() { return "/world/store"; }

  std::int64_t wall_ms() const { return wall_ms_; }
  std::int64_t steady_ms() const { return steady_ms_; }
  void set_wall(std::int64_t wall_ms) { wall_ms_ = wall_ms; }
  void pass(std::int64_t ms);  // Both clocks go on.
  void step_wall(std::int64_t ms) {
    wall_ms_ = std::max<std::int64_t>(0, wall_ms_ + ms);
  }  // Somebody sets the clock.

  FaultDisk& disk() { return *disk_; }
  SteppedEnv& env() { return *env_; }
  Stepper& stepper() { return stepper_; }
  // The process is gone and comes back; what the disk has lost, it has.
  void end_process() { env_->drop_jobs(); }
  void lose_power();

  // Whatever happens adds to it: equal traces, equal runs.
  void note(std::string_view what);
  void note(std::uint64_t number);
  std::uint64_t trace() const { return trace_; }
  std::uint64_t notes() const { return notes_; }

 private:
  std::mt19937_64 rng_;
  std::int64_t wall_ms_ = 0, steady_ms_ = 0;
  std::uint64_t trace_ = 0xCBF29CE484222325ULL, notes_ = 0;
  std::unique_ptr<rocksdb::Env> memory_;
  std::unique_ptr<FaultDisk> disk_;
  std::unique_ptr<SteppedEnv> env_;
  Stepper stepper_;
};

}  // namespace kpi::test
