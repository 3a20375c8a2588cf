// All live events: the generation that commits go to, and those that a seal is working on.
// One committer writes, one sealer swaps generations, any thread takes views.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/live/generation.h"
#include "engine/live/live_view.h"

namespace kpi {

class Live {
 public:
  explicit Live(std::uint64_t seal) : active_(std::make_shared<Generation>()), seal_(seal) {}

  // Committer (or the sealer between groups): where rows go now.
  Generation& active() { return *active_; }
  // Committer: rows of groups up to this one are complete and may be seen.
  void publish(std::uint64_t group);

  // Sealer, while no group is being committed: all generations so far are set apart, in order,
  // and commits go to a new one.
  std::vector<std::shared_ptr<const Generation>> freeze();
  // Sealer, once the seal numbered `seal` is on disk: what was set apart is replaced by the rows
  // that it carried over (nullptr: none).
  void replace_frozen(std::shared_ptr<Generation> carried, std::uint64_t seal);

  struct Taken {
    LiveView view;
    std::uint64_t seal = 0;  // The view fits a snapshot that holds exactly this seal.
  };
  Taken take() const;

  std::uint64_t events() const;
  std::optional<std::int64_t> oldest_ms() const;  // Time of the oldest event; nothing if none.
  std::size_t memory_bytes() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Generation>> frozen_;
  std::shared_ptr<Generation> active_;
  std::uint64_t group_ = 0;
  std::uint64_t seal_ = 0;
};

}  // namespace kpi
