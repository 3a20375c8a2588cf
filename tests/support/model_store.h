// The store of kpi/store.h over a vector of events, by the most direct means: what every other
// store must answer alike.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kpi/event.h"
#include "kpi/follow.h"
#include "kpi/store.h"

namespace kpi::test {

struct ModelEvent {  // An Event that owns its names.
  std::int64_t time_ms = 0;
  std::string rp = {}, client = {};
  EventKind kind = {};
  std::uint32_t weight = kWeightMin;
  std::vector<std::pair<std::string, std::uint32_t>> measures = {};
  std::vector<std::pair<std::string, std::string>> labels = {};
  std::uint64_t sender = 0;  // As Batch::set_sender() has it.
};

// Whether the condition is true of the event.
bool fits(const ModelEvent& event, const Predicate& where);
// Calls `sink` with the event as the public API has it; its views live until `sink` returns.
bool visit(const ModelEvent& event, const EventSink& sink);

class ModelFollowers;  // tests/support/model_follower.h

// Thread-safe; views keep their moment.
class ModelStore : public Store {
 public:
  // `covered`: what the answers claim to cover; the default is everything.
  explicit ModelStore(std::vector<ModelEvent> events, TimeRange covered = {});
  ~ModelStore() override;
  // Stores one more event and tells those who follow. `document`: empty: it has none.
  void accept(ModelEvent event, const std::string& document = {});

  Result<std::shared_ptr<const View>> view() const override;
  std::vector<std::pair<std::string, std::string>> status() const override;
  Status create_milestone(const Milestone& milestone) override;
  Status drop_milestone(std::string_view name) override;
  Result<std::unique_ptr<Follower>> follow(FollowRequest request) override;

 private:
  mutable std::mutex mutex_;  // Guards what follows but the followers.
  std::shared_ptr<const std::vector<ModelEvent>> events_;
  std::vector<Milestone> milestones_;  // By time, then name.
  const TimeRange covered_;
  const std::unique_ptr<ModelFollowers> followers_;
};

}  // namespace kpi::test
