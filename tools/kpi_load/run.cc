#include "tools/kpi_load/run.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpi::load {

Run::Run(const Options& options, RequestSource& source, AckLog* acks, const Endpoint& endpoint)
    : options_(options),
      source_(source),
      acks_(acks),
      progress_(source.events_total(), options.quiet) {
  for (std::uint32_t i = 0; i < options.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(io_, *this, endpoint, options.pipeline));
  }
}

bool Run::execute() {
  const auto begin = std::chrono::steady_clock::now();
  last_answer_ = begin;
  for (auto& connection : connections_) connection->start();
  watch();
  io_.run();
  const std::chrono::duration<double> elapsed = last_answer_ - begin;
  progress_.show(tally_.events_answered());
  progress_.finish();
  fmt::print("{}", tally_.summary(elapsed));
  if (!first_error_.empty()) fmt::print(stderr, "kpi-load: {}\n", first_error_);
  return !failed_ && tally_.clean() && tally_.events_answered() == tally_.events_sent();
}

std::optional<Request> Run::next_request() {
  if (failed_ || exhausted_) return std::nullopt;
  auto request = source_.next();
  if (request) {
    tally_.sent(*request);
  } else {
    exhausted_ = true;
  }
  return request;
}

void Run::on_answer(const Request& request, const Answer& answer) {
  last_answer_ = std::chrono::steady_clock::now();
  tally_.answered(request, answer);
  if (acks_ != nullptr && answer.accepted == request.events) {
    const Status status = acks_->acknowledge(request);
    if (!status.ok()) on_error(status.error().message);
  }
  const bool all_answered = tally_.events_answered() == tally_.events_sent();
  if (exhausted_ && all_answered) timer_.cancel();
}

void Run::on_lost(const Request& request) { tally_.lost(request); }

void Run::on_error(const std::string& message) {
  failed_ = true;
  if (first_error_.empty()) first_error_ = options_.http + ": " + message;
}

void Run::watch() {
  constexpr std::chrono::milliseconds kPeriod{100};
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const bool all_done = std::all_of(connections_.begin(), connections_.end(),
                                      [](const auto& connection) { return connection->done(); });
    if (all_done) return;
    progress_.show(tally_.events_answered());
    const auto quiet = std::chrono::steady_clock::now() - last_answer_;
    if (quiet > std::chrono::seconds(options_.timeout_s)) {
      for (auto& connection : connections_) connection->abort();
      return;
    }
    watch();
  });
}

}  // namespace kpi::load
