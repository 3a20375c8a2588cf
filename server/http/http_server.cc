#include "server/http/http_server.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

#include "kpi/assert.h"

namespace kpi::server {
HttpServer::HttpServer(HttpOptions options, LabelGate& labels, Health& health)
    : service_(std::move(options), labels, health) {
  KPI_ASSERT(service_.options.io_threads >= 1);
  for (int i = 0; i < service_.options.io_threads; ++i) {
    threads_.push_back(std::make_unique<IoThread>(service_));
  }
}

HttpServer::~HttpServer() { stop(); }

Status HttpServer::listen(const Endpoint& endpoint, bool proxied) {
  KPI_ASSERT(!started_);
  std::vector<IoThread*> threads;
  for (const auto& thread : threads_) threads.push_back(thread.get());
  auto listener = Listener::open(endpoint, proxied, service_, std::move(threads));
  if (!listener.ok()) return std::move(listener).error();
  listeners_.push_back(std::move(listener).value());
  return ok_status();
}

std::vector<std::string> HttpServer::names() const {
  std::vector<std::string> names;
  for (const auto& listener : listeners_) names.push_back(listener->name());
  return names;
}

void HttpServer::start(std::function<std::string()> page) {
  service_.metrics_page = std::move(page);
  started_ = listening_ = true;
  for (const auto& listener : listeners_) listener->start();
  for (const auto& thread : threads_) thread->start();
}

void HttpServer::set_store(IngestPort& port, QueryRunner runner, RecordStore records) {
  service_.run_query = std::move(runner);
  service_.records = std::move(records);
  queries_ = std::make_unique<QueryPool>(service_.options.query);
  service_.queries.store(queries_.get(), std::memory_order_release);
  for (const auto& thread : threads_) thread->set_port(&port);
}

bool HttpServer::drain(std::chrono::milliseconds timeout) {
  if (!started_) return true;
  stop_listening();
  for (const auto& thread : threads_) thread->drain();
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(service_.drain_mutex);
  return service_.drained.wait_until(lock, deadline,
                                     [this] { return service_.connections.load() == 0; });
}

void HttpServer::stop_listening() {
  if (!listening_) return;
  listening_ = false;
  std::promise<void> closed;
  boost::asio::post(threads_.front()->context(), [this, &closed] {
    for (const auto& listener : listeners_) listener->close();
    closed.set_value();
  });
  closed.get_future().wait();
}

void HttpServer::stop() {
  stop_listening();
  if (queries_) queries_->stop();
  for (const auto& thread : threads_) thread->stop();
}

void HttpServer::pulse() {
  for (const auto& thread : threads_) thread->pulse();
}

bool HttpServer::pulse_answered() const {
  return std::all_of(threads_.begin(), threads_.end(),
                     [](const auto& thread) { return thread->pulse_answered(); });
}

void HttpServer::describe(MetricsInput& input) const {
  for (const auto& thread : threads_) input.threads.push_back(&thread->counters());
  input.connections_refused = service_.connections_refused.load(std::memory_order_relaxed);
  input.sender_connections_refused = service_.sender_slots.refused();
  input.answer_memory_bytes = service_.answer_budget.used();
  input.accepts_failed = service_.accepts_failed.load(std::memory_order_relaxed);
  input.body_memory_bytes = service_.body_budget.used();
  input.labels_folded = service_.labels.folded();
  input.phase = service_.health.phase();
  input.read_only = service_.health.read_only();
  input.bounds = {service_.options.connections_max,        service_.options.events_in_flight_max,
                  service_.options.body_memory_bytes_max,  service_.options.streams_max,
                  service_.options.requests_in_flight_max, service_.options.answer_memory_bytes_max,
                  service_.sender_slots.each_max()};
  input.streams = service_.streams.load();
}

}  // namespace kpi::server
