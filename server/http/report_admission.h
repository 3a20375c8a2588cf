// Whether a report may come in, decided by its head alone: before its body is read or parsed.
#pragma once
#include <optional>

#include "server/admission/token_gate.h"
#include "server/admission/trust.h"
#include "server/http/loop.h"
#include "server/http/problem.h"

namespace kpi::server {

struct Admission {
  std::optional<Problem> refusal;         // Already counted, as one event.
  Trust trust = Trust::kUnasked;          // Of what its head says; a report can only be worth less.
  std::optional<auth::TokenCheck> token;  // A valid one.
};

Admission admit_report(Loop& loop, const Request& request, const Target& target,
                       const SenderAddress& sender);

// Before the events of a request are stored its token is used up. Of two requests with one token
// the second is refused, or (TokenMode::kCount) is worth less.
void use_token(Loop& loop, Admission& admission);
// Nothing of the request was stored.
void return_token(Loop& loop, const Admission& admission);

}  // namespace kpi::server
