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
                             const std::optional<QueryFormat>& format) {
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

Problem too_many_of(std::size_t user_max) {
  return {429, "too-many-statements",
          "this user has " + std::to_string(user_max) + " statements under way already",
          "Retry-After: 1\r\n"};
}

void count(Counters& counters, const QueryAnswer& answer) {
  counters.queries.add(1);
  counters.query_micros_sum.add(answer.micros);
  if (answer.status != 200) counters.query_errors.add(1);
}

}  // namespace

void post_query(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  const auto format = negotiate(exchange.request.accept);
  auto statement = statement_of(exchange.request);
  if (const auto problem = check(statement, format)) {
    return put_problem(exchange.slot, frame, *problem);
  }
  std::shared_ptr<const auth::StatementSlots::Slot> slot;
  if (auth::StatementSlots* const slots = loop.service.options.slots; slots != nullptr) {
    slot = slots->take(exchange.access.user);
    if (slot == nullptr) {
      return put_problem(exchange.slot, frame, too_many_of(slots->user_max()));
    }
  }
  auto done = [connection = exchange.connection, number = exchange.number, form = form_of(frame),
               &loop](QueryAnswer answer) {
    boost::asio::post(loop.context, [connection, number, form, &loop, answer = std::move(answer)] {
      count(loop.counters, answer);
      connection->answer_later(number, form, answer);
    });
  };
  // The slot goes with the work, whether or not it is ever done.
  auto work = [&run = loop.service.run_query, slot, text = std::move(*statement), format = *format,
               may_change = exchange.access.role == auth::Role::kAdmin](std::stop_token stop) {
    return run(text, format, may_change, std::move(stop));
  };
  QueryPool* const pool = loop.service.queries.load(std::memory_order_acquire);
  if (!pool->submit(std::move(work), std::move(done), exchange.connection->await_query())) {
    put_problem(exchange.slot, frame, overloaded("too many statements are waiting"));
  }
}

}  // namespace kpi::server
