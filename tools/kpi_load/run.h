// One run of load: all connections over one request source.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tools/kpi_load/ack_log.h"
#include "tools/kpi_load/connection.h"
#include "tools/kpi_load/options.h"
#include "tools/kpi_load/progress.h"
#include "tools/kpi_load/request_source.h"

namespace kpi::load {

class Run final : public ConnectionOwner {
 public:
  Run(const Options& options, RequestSource& source, AckLog* acks, const Endpoint& endpoint);
  // Sends everything and waits for the answers. True: all of it was accepted.
  bool execute();

 private:
  std::optional<Request> next_request() override;
  void on_answer(const Request& request, const Answer& answer) override;
  void on_lost(const Request& request) override;
  void on_error(const std::string& message) override;
  void watch();  // Shows progress, and gives up on a server that has stopped answering.

  const Options& options_;
  RequestSource& source_;
  AckLog* acks_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer timer_{io_};
  std::vector<std::unique_ptr<Connection>> connections_;
  Tally tally_;
  Progress progress_;
  std::chrono::steady_clock::time_point last_answer_;
  std::string first_error_;
  bool failed_ = false, exhausted_ = false;
};

}  // namespace kpi::load
