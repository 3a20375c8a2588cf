#include "server/http/get_records.h"

#include <boost/asio/post.hpp>

#include "server/http/connection.h"
#include "server/http/record_reads.h"
#include "server/http/record_stream.h"
#include "server/http/record_text.h"

namespace kpi::server {
namespace {

// Any thread may call what this gives back, also when the connection is gone.
std::function<void()> go_on_of(Loop& loop, const Exchange& exchange) {
  return [connection = std::weak_ptr<Connection>(exchange.connection), number = exchange.number,
          &context = loop.context] {
    boost::asio::post(context, [connection, number] {
      if (const auto alive = connection.lock()) alive->go_on(number);
    });
  };
}

void read(Loop& loop, const Exchange& exchange, const AnswerFrame& frame, QueryWork work,
          std::stop_token gone) {
  loop.counters.record_reads.add(1);
  auto done = [connection = exchange.connection, number = exchange.number, form = form_of(frame),
               &context = loop.context](QueryAnswer answer) {
    boost::asio::post(context, [connection, number, form, answer = std::move(answer)] {
      connection->answer_later(number, form, answer);
    });
  };
  QueryPool* const pool = loop.service.queries.load(std::memory_order_acquire);
  if (!pool->submit(std::move(work), std::move(done), std::move(gone))) {
    put_problem(exchange.slot, frame, overloaded("too many statements are waiting"));
  }
}

void read_range(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  auto query = read_record_query(exchange.request.query);
  if (const auto* problem = std::get_if<Problem>(&query)) {
    return put_problem(exchange.slot, frame, *problem);
  }
  const RecordStore& store = loop.service.records;
  const auto& asked = std::get<RecordQuery>(query);
  const std::stop_token gone = exchange.connection->await_query();
  if (asked.id) {
    return read(
        loop, exchange, frame,
        [&store, id = *asked.id](std::stop_token) { return find_record(store, id); }, gone);
  }
  QueryPool* const pool = loop.service.queries.load(std::memory_order_acquire);
  const auto range =
      std::make_shared<RecordRange>(store, asked.range, *pool, go_on_of(loop, exchange), gone);
  read(
      loop, exchange, frame,
      [range](std::stop_token stop) { return range->begin(std::move(stop)); }, gone);
}

void stream(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  QueryAnswer answer{200, "application/json", {}, "Cache-Control: no-store\r\n"};
  if (frame.head_only) {
    answer.more = [](std::string&) { return Piece::kLast; };
    return exchange.connection->put_stream(exchange.number, form_of(frame), answer);
  }
  auto opened = RecordStream::open(loop, go_on_of(loop, exchange));
  if (!opened.ok()) {
    return put_problem(exchange.slot, frame, overloaded(opened.error().message));
  }
  answer.more = [records = std::move(opened).value()](std::string& out) {
    return records->next(out);
  };
  exchange.connection->put_stream(exchange.number, form_of(frame), answer);
}

}  // namespace

void get_records(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  const RecordStore& store = loop.service.records;
  switch (exchange.target.service) {
    case Service::kRecordCount:
      return read(
          loop, exchange, frame,
          [&store](std::stop_token stop) { return count_records(store, std::move(stop)); },
          exchange.connection->await_query());
    case Service::kLastRecord:
      return read(
          loop, exchange, frame, [&store](std::stop_token) { return last_record(store); },
          exchange.connection->await_query());
    case Service::kRecordStream:
      return stream(loop, exchange, frame);
    default:
      return read_range(loop, exchange, frame);
  }
}

}  // namespace kpi::server
