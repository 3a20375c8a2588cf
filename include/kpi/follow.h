// Events as a store accepts them, for those who watch: FOLLOW, live streams.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "kpi/batch.h"
#include "kpi/document.h"
#include "kpi/limits.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

struct FollowRequest {
  Predicate where = {};
  // What may wait to be taken; a follower that falls further behind is cut off.
  std::size_t bytes_max = kFollowBytesMax;
  // Told that there is something to take, once until the next take(). On a thread of the store's,
  // so it only hands the news on. May be empty.
  std::function<void()> on_events = {};
};

// The event, what it points to and its document (nullptr: it has none) live until the call
// returns. Return false to stop: what was not handed over yet is handed over by the next take().
using FollowSink = std::function<bool(const Event&, const Document*)>;

// Destroying it ends the watch; on_events is not called any more once the destructor returns. One
// thread at a time; independent of views.
class Follower {
 public:
  virtual ~Follower() = default;
  // Hands over what was accepted since the last call and fits the condition, each event exactly
  // once, in the order of commit. Gives back how many; never waits. kUnavailable: it fell behind
  // by more than bytes_max and was cut off, or the store is closed (what waited before is handed
  // over first).
  virtual Result<std::size_t> take(const FollowSink& sink) = 0;
};

}  // namespace kpi
