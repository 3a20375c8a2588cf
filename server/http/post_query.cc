#include "server/http/post_query.h"

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "kpi/limits.h"
#include "server/http/accept.h"
#include "server/http/connection.h"

namespace kpi::server {
namespace {

bool names(std::string_view header, std::string_view type) {
  return header.find(type) != std::string_view::npos;
}

// The statement as it is, or the member "query" of a JSON object.
std::optional<std::string> statement_of(const Request& request) {
  if (!names(request.content_type, "application/json")) return std::string(request.body);
  const auto json = nlohmann::json::parse(request.body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto query = json.find("query");
  if (query == json.end() || !query->is_string()) return std::nullopt;
  return query->get<std::string>();
}

std::optional<Problem> check(const std::optional<std::string>& statement,
                             const std::optional<QueryFormat>& format, Phase phase) {
  if (phase == Phase::kStarting || phase == Phase::kClosing) return not_ready(to_string(phase));
  if (!format) {
    return Problem{406, "not-acceptable",
                   "answers are application/json, text/csv or application/x-ndjson"};
  }
  if (!statement) {
    return Problem{400, "malformed", "a JSON body must be an object with the statement in 'query'"};
  }
  if (statement->size() > kStatementBytesMax) {
    return Problem{413, "body-too-large", "a statement has at most 65536 bytes"};
  }
  return std::nullopt;
}

}  // namespace

void post_query(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  const auto format = negotiate(exchange.request.accept);
  auto statement = statement_of(exchange.request);
  if (const auto problem = check(statement, format, loop.service.health.phase())) {
    return put_problem(exchange.slot, frame, *problem);
  }
  // The frame's views die with the request: the answer takes a fresh date, and no origin.
  const bool http11 = frame.http11, keep_alive = frame.keep_alive;
  auto done = [connection = exchange.connection, number = exchange.number, http11, keep_alive,
               &context = loop.context](QueryAnswer answer) {
    boost::asio::post(context,
                      [connection, number, http11, keep_alive, answer = std::move(answer)] {
                        connection->answer_query(number, http11, keep_alive, answer);
                      });
  };
  QueryPool* const pool = loop.service.queries.load(std::memory_order_acquire);
  if (!pool->submit(std::move(*statement), *format, std::move(done),
                    exchange.connection->await_query())) {
    put_problem(exchange.slot, frame, overloaded("too many statements are waiting"));
  }
}

}  // namespace kpi::server
