// The HTTP side of the server: sockets, io threads, the pool of queries.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kpi/result.h"
#include "server/http/http_options.h"
#include "server/http/io_thread.h"
#include "server/http/listener.h"
#include "server/operate/metrics.h"

namespace kpi::server {

// Order of life: construct, listen(), start(), set_store() once the store is open, drain(), close
// the store (its last commits are answered), stop(). Methods are for one thread.
class HttpServer {
 public:
  // `labels` and `health` outlive the server.
  HttpServer(HttpOptions options, LabelGate& labels, Health& health);
  ~HttpServer();  // stop()

  // kIo: the address. May be called several times, before start().
  // `proxied`: connections begin with a header of PROXY protocol, version 2.
  Status listen(const Endpoint& endpoint, bool proxied = false);
  std::vector<std::string> names() const;  // Of the listeners, in order; real ports.

  // `page` is thread-safe. Requests are served from here on; reports only when health is ready.
  void start(std::function<std::string()> page);
  // The port outlives drain() and every call that it makes; what the runner and `records` use
  // outlives stop().
  void set_store(IngestPort& port, QueryRunner runner, RecordStore records);

  // No further connection; waits until the open ones have their answers, at most so long. False:
  // some had not.
  bool drain(std::chrono::milliseconds timeout);
  void stop();

  // Asks every io thread for a sign of life. Only once the last one is answered, and before stop().
  void pulse();
  bool pulse_answered() const;

  // Fills in what the HTTP side knows. Thread-safe.
  void describe(MetricsInput& input) const;

 private:
  void stop_listening();

  HttpService service_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unique_ptr<QueryPool> queries_;
  bool started_ = false, listening_ = false;
};

}  // namespace kpi::server
