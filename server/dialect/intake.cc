#include "server/dialect/intake.h"

#include "server/dialect/form.h"
#include "server/dialect/origin.h"

namespace kpi::server {

void Intake::read_request() {
  if (auto origin = canonical_origin(report.origin)) rp_of_origin = std::move(*origin);
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

void Intake::settle(Check rejection) {
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
