// Whether the parts that serve still get on: each is asked for a sign of life, and asked again
// only once it has given the last.
#pragma once
#include <atomic>
#include <chrono>

#include "kpi/engine.h"
#include "server/http/http_server.h"

namespace kpi::server {

// Methods are for one thread.
class Progress {
 public:
  // Both outlive this; the engine's close() comes before the destructor.
  Progress(Engine& engine, HttpServer& http) : engine_(engine), http_(http) {}

  // True: every io thread and the committer have answered since the last true one.
  bool check();

 private:
  // An append of nothing: it goes the way of every append, but for the disk.
  class Probe final : public AppendSink {
   public:
    explicit Probe(Engine& engine) : engine_(engine) { append_.sink = this; }
    bool answered() const { return !under_way_.load(std::memory_order_acquire); }
    void ask();
    void on_committed(PendingAppend*) override;

   private:
    Engine& engine_;
    PendingAppend append_;
    std::atomic<bool> under_way_{false};
  };

  Engine& engine_;
  HttpServer& http_;
  Probe committer_{engine_};
};

}  // namespace kpi::server
