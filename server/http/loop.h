// What the connections of one io thread share: used by that thread alone but for the counters.
#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "server/admission/token_gate.h"
#include "server/dialect/dialect.h"
#include "server/http/appender.h"
#include "server/http/body_pool.h"
#include "server/http/http_options.h"
#include "server/operate/counters.h"

namespace kpi::server {

class Connection;

struct Loop {
  Loop(boost::asio::io_context& the_context, HttpService& the_service)
      : context(the_context),
        service(the_service),
        bodies(the_service.body_budget),
        appender(context, counters,
                 share(the_service.options, the_service.options.events_in_flight_max),
                 share(the_service.options, the_service.options.requests_in_flight_max),
                 used_tokens(the_service.options)),
        parser(service.options.dialect, service.labels),
        tokens(service.options.tokens) {}

  static std::size_t share(const HttpOptions& options, std::size_t bound) {
    const auto threads = static_cast<std::size_t>(options.io_threads);
    return (bound + threads - 1) / threads;
  }

  static UsedTokens* used_tokens(const HttpOptions& options) {
    return options.tokens == nullptr ? nullptr : &options.tokens->used();
  }

  boost::asio::io_context& context;
  HttpService& service;
  Counters counters;
  BodyPool bodies;
  Appender appender;
  ReportParser parser;
  TokenDesk tokens;
  std::chrono::steady_clock::time_point read_at;  // When the bytes under way were received.
  std::int64_t now_ms = 0;  // Monotonic, as of the last tick: deadlines need no clock calls.
  std::int64_t date_second = -1;
  std::string date;                         // `Date: ...` with CRLF, of this second.
  bool draining = false;                    // Every answer closes its connection.
  std::function<void(Connection&)> forget;  // The connection has closed.
};

}  // namespace kpi::server
