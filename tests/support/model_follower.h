// Followers of the model store, by the most direct means.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kpi/follow.h"
#include "tests/support/model_store.h"

namespace kpi::test {

// Thread-safe.
class ModelFollowers {
 public:
  Result<std::unique_ptr<Follower>> join(FollowRequest request);
  // `document`: empty: it has none.
  void accept(const ModelEvent& event, const std::string& document);

 private:
  class Watch;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Watch>> watches_;
  std::uint64_t accepted_ = 0;
};

}  // namespace kpi::test
