// From requests to the store and back, for one io thread: the events of all requests that one turn
// of its loop has read go into one batch, one submission; their answers come back with one post.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "kpi/engine.h"
#include "server/operate/counters.h"

namespace kpi::server {

// The part of the engine that ingestion uses; tests stand in for it.
class IngestPort {
 public:
  virtual ~IngestPort() = default;
  virtual void submit(PendingAppend* chain) = 0;  // As Engine::submit().
};

// Who waits for a commit: a connection.
class CommitWaiter {
 public:
  virtual ~CommitWaiter() = default;
  virtual void committed(std::uint64_t slot, bool ok) = 0;  // The answer may go out.
  virtual void resume() = 0;  // All answers of this commit are known: write them, read on.
};

// Lives in its io thread but for on_committed(). Outlives the port's last call of it.
class Appender final : public AppendSink {
 public:
  Appender(boost::asio::io_context& context, Counters& counters, std::size_t events_max);
  ~Appender() override;

  void set_port(IngestPort* port) { port_.store(port, std::memory_order_release); }
  bool has_room() const { return counters_.events_in_flight.value() < events_max_; }

  // The batch to add a request's events to, then say how many and who waits for them.
  Batch& batch() { return current_->batch; }
  void wait(std::shared_ptr<CommitWaiter> waiter, std::uint64_t slot, Speech speech,
            std::uint32_t events);
  // Before a request of up to `events`: it must not run into what others have put into the batch.
  void make_room(std::size_t events);

  void on_committed(PendingAppend* chain) override;  // On the committer's thread.

 private:
  struct Waiter {
    std::shared_ptr<CommitWaiter> who;
    std::uint64_t slot = 0;
    Speech speech = Speech::kFedcm;
    std::uint32_t events = 0;
  };
  struct Append : PendingAppend {
    std::vector<Waiter> waiters;
  };

  std::unique_ptr<Append> fresh();
  void close_current();
  void flush();
  void deliver(PendingAppend* chain);
  void settle(Append& append);
  void recycle(std::unique_ptr<Append> append);

  boost::asio::io_context& context_;
  Counters& counters_;
  const std::size_t events_max_;
  std::atomic<IngestPort*> port_{nullptr};
  std::unique_ptr<Append> current_;
  PendingAppend* closed_first_ = nullptr;  // Full batches of this turn, in order.
  PendingAppend* closed_last_ = nullptr;
  bool flush_posted_ = false;
  std::vector<std::unique_ptr<Append>> spare_;
};

}  // namespace kpi::server
