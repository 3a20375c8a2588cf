#include "server/http/dispatcher.h"

#include "server/http/get_records.h"
#include "server/http/post_query.h"
#include "server/http/post_report.h"
#include "server/http/post_token.h"
#include "server/http/request_reader.h"

namespace kpi::server {
namespace {

constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";

void put_text(const Exchange& exchange, const AnswerFrame& frame, std::uint16_t status,
              std::string_view text) {
  put_answer(exchange.slot, frame, {status, kPlain, text, "Cache-Control: no-store\r\n"});
}

void put_preflight(const Exchange& exchange, AnswerFrame frame) {
  frame.allow_origin = exchange.request.origin;
  put_answer(exchange.slot, frame,
             {204,
              {},
              {},
              "Access-Control-Allow-Methods: POST\r\n"
              "Access-Control-Allow-Headers: content-type\r\n"
              "Access-Control-Max-Age: 86400\r\n"
              "Vary: Origin\r\n"});
}

void put_readyz(const Exchange& exchange, const AnswerFrame& frame, const Health& health) {
  const Phase phase = health.phase();
  if (phase <= Phase::kReady && health.read_only()) {
    put_problem(exchange.slot, frame, disk_full());
  } else if (phase == Phase::kReady) {
    put_text(exchange, frame, 200, "ready\n");
  } else {
    put_problem(exchange.slot, frame, not_ready(to_string(phase)));
  }
}

}  // namespace

AnswerFrame frame_of(const Request& request, const Loop& loop) {
  AnswerFrame frame;
  frame.http11 = request.http11;
  frame.keep_alive = request.keep_alive && !loop.draining;
  frame.head_only = request.method == Method::kHead;
  frame.date = loop.date;
  return frame;
}

void put_answer(AnswerSlot& slot, const AnswerFrame& frame, const Answer& answer) {
  slot.text.clear();
  append_answer(slot.text, frame, answer);
  slot.status = answer.status;
  slot.close = !frame.keep_alive;
  slot.ready = true;
}

void put_problem(AnswerSlot& slot, const AnswerFrame& frame, const Problem& problem) {
  const std::string body = problem_body(problem);
  put_answer(slot, frame, {problem.status, kProblemType, body, problem.extra_headers});
}

std::optional<Problem> refuse_head(Loop& loop, const Request& request, const Target& target,
                                   const SenderAddress& sender, Admission& admission) {
  if (target.service != Service::kReport) return std::nullopt;
  if (!request.chunked && !request.content_length) {
    count_refusal(loop, Refusal::kLengthRequired);
    return length_required();
  }
  admission = admit_report(loop, request, target, sender);
  if (admission.retry) return std::nullopt;
  // A small body is read past and the connection lives on; a large one is not worth its memory.
  if (!request.chunked && *request.content_length < kReadBufferBytes / 2) return std::nullopt;
  return admission.refusal ? admission.refusal : refuse_report(loop);
}

std::optional<Problem> refuse_reader(const Loop& loop, const Exchange& exchange) {
  const Phase phase = loop.service.health.phase();
  if (phase == Phase::kStarting || phase == Phase::kClosing) return not_ready(to_string(phase));
  if (exchange.access.refusal) return exchange.access.refusal;
  // Records are single events word for word.
  if (exchange.target.service == Service::kQuery || exchange.target.service == Service::kToken ||
      loop.service.options.min_group_size_reader <= 1 ||
      exchange.access.role == auth::Role::kAdmin) {
    return std::nullopt;
  }
  return Problem{403,
                 "forbidden",
                 "records are single events, which this role may not see",
                 {},
                 "ask POST /v1/query for aggregates"};
}

void handle(Loop& loop, const Exchange& exchange) {
  const AnswerFrame frame = frame_of(exchange.request, loop);
  exchange.slot.close = !frame.keep_alive;
  if (reads_store(exchange.target.service)) {
    if (const auto problem = refuse_reader(loop, exchange)) {
      return put_problem(exchange.slot, frame, *problem);
    }
  }
  switch (exchange.target.service) {
    case Service::kReport:
      return post_report(loop, exchange, frame);
    case Service::kPreflight:
      return put_preflight(exchange, frame);
    case Service::kOptions:
      return put_answer(exchange.slot, frame,
                        {204, {}, {}, "Allow: " + std::string(exchange.target.allow) + "\r\n"});
    case Service::kQuery:
      return post_query(loop, exchange, frame);
    case Service::kToken:
      return post_token(loop, exchange, frame);
    case Service::kRecords:
    case Service::kRecordCount:
    case Service::kLastRecord:
    case Service::kRecordStream:
      return get_records(loop, exchange, frame);
    case Service::kMetrics: {
      const std::string page = loop.service.metrics_page();
      return put_answer(exchange.slot, frame, {200, kPrometheus, page, {}});
    }
    case Service::kPing:
      return put_text(exchange, frame, 200, "pong");
    case Service::kHealthz:
      return put_text(exchange, frame, 200, "alive\n");
    case Service::kReadyz:
      return put_readyz(exchange, frame, loop.service.health);
    case Service::kNotFound:
      return put_problem(exchange.slot, frame, not_found());
    case Service::kWrongMethod:
      return put_problem(exchange.slot, frame, method_not_allowed(exchange.target.allow));
  }
}

}  // namespace kpi::server
