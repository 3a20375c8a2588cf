#include "server/dialect/intake.h"

#include "server/dialect/form.h"
#include "server/dialect/origin.h"

namespace kpi::server {

void Intake::read_request() {
  if (auto origin = canonical_origin(report.origin)) rp_of_origin = std::move(*origin);
  if (options.clients != nullptr) clients = options.clients->clients();
  FormReader fields(report.query);
  std::string scratch;
  while (const auto field = fields.next()) {
    if (query_labels.size() == kLabelsPerEventMax) break;
    const auto name = form_decode(field->key, scratch);
    if (!name) continue;
    std::string key(*name);
    const auto value = form_decode(field->value, scratch);
    if (value && !value->empty()) query_labels.emplace_back(std::move(key), *value);
  }
}

void Intake::begin_event() {
  draft.clear();
  draft.time_ms = report.arrival_ms;
  draft.rp = rp_of_origin;
  // Other parameters (a token) share the query: what is not on the allow-list is no label.
  for (const auto& [name, value] : query_labels) draft.add_label(name, value);
}

Check Intake::check_registered() const {
  if (draft.client.empty()) {
    const bool known =
        draft.rp.empty() ? draft.outcome == Outcome::kFailure : clients->all.contains(draft.rp);
    if (known) return std::nullopt;
  } else {
    const auto client = clients->by_id.find(draft.client);
    if (client == clients->by_id.end()) {
      return refuse(Reason::kClientUnknown, "clientId", "expected a client that is registered");
    }
    const bool allowed =
        draft.rp.empty() ? draft.outcome == Outcome::kFailure : client->second.contains(draft.rp);
    if (allowed) return std::nullopt;
  }
  return refuse(Reason::kOriginNotAllowed, "Origin",
                "expected one that the client is registered for");
}

// Failures come without an origin, or with `null`: none is asked of them.
Check Intake::check_sender() {
  if (report.route != Route::kFedcm && report.route != Route::kReporting) return std::nullopt;
  const bool nameless = rp_of_origin.empty() && draft.outcome != Outcome::kFailure;
  if (nameless && draft.trust() == Trust::kNative) draft.distrust();
  if (options.require_https && draft.rp.substr(0, 7) == "http://") {
    return refuse(Reason::kOriginNotHttps, "Origin", "expected https");
  }
  if (!clients) return std::nullopt;
  auto unregistered = check_registered();
  if (!unregistered || !options.clients_lenient) return unregistered;
  draft.distrust();
  return std::nullopt;
}

void Intake::settle(Check rejection) {
  if (!rejection) rejection = check_sender();
  if (!rejection) rejection = draft.store(batch);
  ++verdict.received;
  if (!rejection) {
    ++verdict.accepted;
    verdict.folded_labels += draft.folded_labels();
    return;
  }
  if (verdict.rejected_count() == 0) {
    verdict.reason = rejection->reason;
    verdict.detail = std::move(rejection->detail);
  }
  verdict.reject(rejection->reason);
}

void Intake::refuse_body(Rejection rejection) {
  ++verdict.received;
  verdict.reject(rejection.reason);
  verdict.reason = rejection.reason;
  verdict.detail = std::move(rejection.detail);
}

void Intake::conclude() {
  if (verdict.accepted > 0 || verdict.foreign > 0 || verdict.rejected_count() == 0) return;
  verdict.status = http_status(verdict.reason);
  verdict.kind = ReplyKind::kProblem;
}

}  // namespace kpi::server
