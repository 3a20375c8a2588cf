// From requests to the store and back, for one io thread: the events of all requests that one turn
// of its loop has read go into one batch, one submission; their answers come back with one post.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/engine.h"
#include "server/admission/used_tokens.h"
#include "server/http/answer.h"
#include "server/http/key_claim.h"
#include "server/operate/counters.h"

namespace kpi::server {

// The part of the engine that ingestion uses; tests stand in for it.
class IngestPort {
 public:
  virtual ~IngestPort() = default;
  virtual void submit(PendingAppend* chain) = 0;               // As Engine::submit().
  virtual bool knows_request(std::string_view key) const = 0;  // As Engine's.
};

// A request that is known by a key, and what its answer takes over from it.
struct KeyedRequest {
  RequestKey key;
  AnswerForm form;
  std::string origin;   // As AnswerFrame::allow_origin.
  KeyClaim claim = {};  // Until it is settled.
};

// What has become of a request's events.
struct CommitResult {
  enum class Kind : std::uint8_t {
    kStored,     // The answer may go out.
    kFailed,     // Perhaps stored.
    kDuplicate,  // Stored before: `request->key.answer` is what was answered then.
    kKeyReused,  // Its key came before with another request: nothing was stored.
  };
  Kind kind = Kind::kStored;
  const KeyedRequest* request = nullptr;  // With the last two.
};

// Who waits for a commit: a connection.
class CommitWaiter {
 public:
  virtual ~CommitWaiter() = default;
  virtual void committed(std::uint64_t slot, const CommitResult& result) = 0;
  virtual void resume() = 0;  // All answers of this commit are known: write them, read on.
};

// A request whose events wait for their commit.
struct CommitWait {
  std::shared_ptr<CommitWaiter> who;
  std::uint64_t slot = 0;
  Speech speech = Speech::kFedcm;
  std::uint32_t events = 0;
  std::optional<auth::TokenCheck> token = {};  // Which buys it.
};

inline constexpr std::size_t kFairShare = 8;  // Requests of one connection, where room is scarce.

// Lives in its io thread but for on_committed(). Outlives the port's last call of it.
class Appender final : public AppendSink {
 public:
  // `tokens`: nullptr where there are none. Outlives the appender.
  Appender(boost::asio::io_context& context, Counters& counters, std::size_t events_max,
           std::size_t requests_max, UsedTokens* tokens = nullptr);
  ~Appender() override;

  void set_port(IngestPort* port) { port_.store(port, std::memory_order_release); }
  // `waiting`: answers that the connection waits for already. Where half of a bound is used up,
  // those who wait for many leave the rest to those who wait for few.
  bool has_room(std::size_t waiting = 0) const {
    const std::uint64_t events = counters_.events_in_flight.value();
    if (events >= events_max_ || !takes_requests(waiting)) return false;
    return events < events_max_ / 2 || waiting < kFairShare;
  }
  bool takes_requests(std::size_t waiting = 0) const {
    const std::uint64_t requests = counters_.requests_in_flight.value();
    return requests < requests_max_ && (requests < requests_max_ / 2 || waiting < kFairShare);
  }

  // The batch to add a request's events to, then say how many and who waits for them.
  Batch& batch() { return current_->batch; }
  void wait(CommitWait waiter, std::optional<KeyedRequest> keyed = std::nullopt);
  // Whether a request of this key has been stored. False before the store is open.
  bool knows(std::string_view key) const;
  // What became of the first request of this key; without one: CommitResult::Kind::kFailed.
  void ask(CommitWait waiter, KeyedRequest keyed);
  // Before a request with a key: nobody else's events are in the batch then.
  void begin_alone();
  // Before a request of up to `events`: it must not run into what others have put into the batch.
  void make_room(std::size_t events);

  void on_committed(PendingAppend* chain) override;  // On the committer's thread.

 private:
  struct Append : PendingAppend {
    std::vector<CommitWait> waiters;
    std::optional<KeyedRequest> keyed;  // Of the only waiter. Its key is the append's meanwhile.
  };

  std::unique_ptr<Append> fresh();
  void close_current();
  void flush();
  void deliver(PendingAppend* chain);
  void settle(Append& append);
  void count(const Append& append, const CommitWait& waiter, CommitResult::Kind kind);
  void post_flush();
  void recycle(std::unique_ptr<Append> append);

  boost::asio::io_context& context_;
  Counters& counters_;
  const std::size_t events_max_, requests_max_;
  UsedTokens* const tokens_;
  std::atomic<IngestPort*> port_{nullptr};
  std::unique_ptr<Append> current_;
  PendingAppend* closed_first_ = nullptr;  // Full batches of this turn, in order.
  PendingAppend* closed_last_ = nullptr;
  bool flush_posted_ = false;
  std::vector<std::unique_ptr<Append>> spare_;
};

}  // namespace kpi::server
