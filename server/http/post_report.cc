#include "server/http/post_report.h"

#include <chrono>

#include "server/http/connection.h"
#include "server/http/request_key.h"
#include "server/operate/wall_clock.h"

namespace kpi::server {
namespace {

constexpr std::size_t kLineBytesMin = 3;  // `{}` and its line end.

HttpReport report_of(const Exchange& exchange, Route route) {
  const Request& request = exchange.request;
  HttpReport report;
  report.route = route;
  report.query = request.query;
  report.content_type = request.content_type;
  report.origin = request.origin;
  report.sec_fetch_dest = request.sec_fetch_dest;
  report.coded = request.coded;
  report.body = request.body;
  report.arrival_ms = wall_clock().now_ms();
  report.trust = exchange.admission.trust;
  return report;
}

void count_verdict(Counters& counters, const Verdict& verdict) {
  if (verdict.foreign != 0) counters.foreign.add(verdict.foreign);
  if (verdict.unknown_fields != 0) counters.unknown_fields.add(verdict.unknown_fields);
  if (verdict.ignored_steps != 0) counters.ignored_steps.add(verdict.ignored_steps);
  if (verdict.accepted + verdict.foreign == verdict.received) return;
  for (std::size_t i = 0; i < kReasonCount; ++i) counters.rejected[i].add(verdict.rejected[i]);
}

// Requires another kind than kProblem.
Answer answer_of(const Verdict& verdict) {
  const auto status = static_cast<std::uint16_t>(verdict.status);
  if (verdict.kind == ReplyKind::kText) {
    return {status, "text/plain; charset=utf-8", verdict.reply, {}};
  }
  if (verdict.kind == ReplyKind::kJson) return {status, "application/json", verdict.reply, {}};
  return {status, {}, {}, {}};
}

void put_verdict(AnswerSlot& slot, const AnswerFrame& frame, const Verdict& verdict) {
  if (verdict.kind == ReplyKind::kProblem) return put_problem(slot, frame, problem_of(verdict));
  put_answer(slot, frame, answer_of(verdict));
}

// Closing still takes what comes on open connections: each ends after its next answer.
std::optional<Problem> refuse_phase(Loop& loop) {
  const Phase phase = loop.service.health.phase();
  if (phase != Phase::kStarting && phase != Phase::kFailed) return std::nullopt;
  count_refusal(loop, Refusal::kNotReady);
  return not_ready(to_string(phase));
}

KeyedRequest keyed_request(const Exchange& exchange, const AnswerFrame& frame, std::string key) {
  const Request& request = exchange.request;
  return {{std::move(key), request_content(request)},
          form_of(frame),
          std::string(request.origin),
          std::move(exchange.admission.claim)};
}

std::string kept_answer(const Verdict& verdict) {
  const std::string summary = "{\"accepted\":" + std::to_string(verdict.accepted) +
                              ",\"rejected_count\":" + std::to_string(verdict.rejected_count()) +
                              "}";
  return pack_answer(answer_of(verdict), verdict.accepted, summary);
}

CommitWait wait_of(const Exchange& exchange) { return {exchange.connection, exchange.number}; }

// Neither tokens nor space on disk matter to what was judged before, and nothing is parsed again.
void answer_again(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  if (const auto problem = refuse_phase(loop)) return put_problem(exchange.slot, frame, *problem);
  if (!loop.appender.takes_requests(exchange.waiting)) {
    count_refusal(loop, Refusal::kOverload);
    return put_problem(exchange.slot, frame,
                       overloaded("too many requests are waiting for the disk"));
  }
  std::string key = request_key(exchange.request).value();  // A bad one is no retry.
  exchange.slot.ready = false;
  loop.appender.ask(wait_of(exchange), keyed_request(exchange, frame, std::move(key)));
}

std::optional<Problem> refuse_report(Loop& loop, const Exchange& exchange) {
  Admission& admission = exchange.admission;
  if (admission.refusal) return admission.refusal;
  if (auto problem = refuse_report(loop, exchange.waiting)) return problem;
  use_token(loop, admission);
  return admission.refusal;
}

}  // namespace

void count_refusal(Loop& loop, Refusal refusal) {
  using std::chrono::microseconds;
  loop.counters.refused[static_cast<std::size_t>(refusal)].add(1);
  if (refusal == Refusal::kIncomplete) return;  // Decided by the clock, or by the client.
  const auto took = std::chrono::steady_clock::now() - loop.read_at;
  loop.counters.count_refusal_time(
      static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(took).count()));
}

std::optional<Problem> refuse_report(Loop& loop, std::size_t waiting) {
  if (auto problem = refuse_phase(loop)) return problem;
  if (loop.service.health.read_only()) {
    count_refusal(loop, Refusal::kDiskFull);
    return disk_full();
  }
  if (!loop.appender.has_room(waiting)) {
    count_refusal(loop, Refusal::kOverload);
    return overloaded("too many events are waiting for the disk");
  }
  return std::nullopt;
}

void post_report(Loop& loop, const Exchange& exchange, AnswerFrame frame) {
  frame.allow_origin = exchange.request.origin;
  if (exchange.admission.retry) return answer_again(loop, exchange, frame);
  if (const auto problem = refuse_report(loop, exchange)) {
    return put_problem(exchange.slot, frame, *problem);
  }
  Result<std::string> key = request_key(exchange.request);
  if (!key.ok()) {
    count_refusal(loop, Refusal::kBadKey);
    return_token(loop, exchange.admission);
    return put_problem(exchange.slot, frame, bad_request_key(key.error().message));
  }
  if (!key.value().empty()) loop.appender.begin_alone();
  const Route route = exchange.target.route;
  if (route == Route::kBulk) loop.appender.make_room(exchange.request.body.size() / kLineBytesMin);
  loop.appender.batch().set_sender(exchange.admission.sender);
  const Verdict verdict = loop.parser.parse(report_of(exchange, route), loop.appender.batch());
  count_verdict(loop.counters, verdict);
  put_verdict(exchange.slot, frame, verdict);
  if (verdict.accepted == 0) return return_token(loop, exchange.admission);
  exchange.slot.ready = false;  // Not before the events are on disk.
  CommitWait wait = wait_of(exchange);
  wait.speech = verdict.speech;
  wait.events = verdict.accepted;
  wait.token = exchange.admission.token;
  std::optional<KeyedRequest> keyed;
  if (!key.value().empty()) {
    keyed = keyed_request(exchange, frame, std::move(key).value());
    keyed->key.answer = kept_answer(verdict);
  }
  loop.appender.wait(std::move(wait), std::move(keyed));
}

}  // namespace kpi::server
