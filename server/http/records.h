// What reading BrowserID records back needs of the store; tests stand in for it.
#pragma once
#include <functional>
#include <memory>

#include "kpi/document.h"
#include "kpi/follow.h"
#include "kpi/result.h"

namespace kpi::server {

// As Engine::documents() and Engine::follow(). Thread-safe.
struct RecordStore {
  std::function<Result<std::shared_ptr<const Documents>>()> documents;
  std::function<Result<std::unique_ptr<Follower>>(FollowRequest)> follow;
};

}  // namespace kpi::server
