// Whether a report may come in, decided by its head alone: before its body is read or parsed.
#pragma once
#include <optional>

#include "server/admission/token_gate.h"
#include "server/admission/trust.h"
#include "server/http/key_claim.h"
#include "server/http/loop.h"
#include "server/http/problem.h"

namespace kpi::server {

struct Admission {
  std::optional<Problem> refusal;         // Already counted, as one event.
  Trust trust = Trust::kUnasked;          // Of what its head says; a report can only be worth less.
  std::optional<auth::TokenCheck> token;  // A valid one.
  bool retry = false;  // A request of its key has come before: nothing but its rate is judged.
  KeyClaim claim;      // Of what is no retry.
  std::uint64_t sender = 0;  // As Batch::set_sender() has it.
  SenderAddress from = kUnknownSender;
};

Admission admit_report(Loop& loop, const Request& request, const Target& target,
                       const SenderAddress& sender);

// The first look at a request that is whole: whether it is a retry, else it holds its key from now
// on, and is judged if it was not. False: another one of its key is just being judged; ask again
// behind what the loops do now.
bool claim_key(Loop& loop, const Request& request, const Target& target, Admission& admission);

// Before the events of a request are stored its token is used up. Of two requests with one token
// the second is refused, or (TokenMode::kCount) is worth less.
void use_token(Loop& loop, Admission& admission);
// Nothing of the request was stored.
void return_token(Loop& loop, const Admission& admission);

}  // namespace kpi::server
