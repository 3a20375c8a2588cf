#include "server/http/report_admission.h"

#include <chrono>

#include "server/dialect/origin.h"
#include "server/http/post_report.h"
#include "server/http/request_key.h"
#include "server/operate/wall_clock.h"

namespace kpi::server {
namespace {

Refusal refusal_of(TokenResult result) {
  switch (result) {
    case TokenResult::kExpired:
      return Refusal::kTokenExpired;
    case TokenResult::kForged:
      return Refusal::kTokenForged;
    case TokenResult::kUsed:
      return Refusal::kTokenUsed;
    default:
      return Refusal::kTokenMissing;
  }
}

Problem problem_of(TokenResult result) {
  switch (result) {
    case TokenResult::kExpired:
      return {403, "token-expired", "the token in parameter n is too old"};
    case TokenResult::kForged:
      return {403, "token-forged", "parameter n is no token of this server"};
    case TokenResult::kUsed:
      return {403, "token-used", "the token in parameter n has been used"};
    default:
      return {403, "token-missing", "a token is needed in parameter n of the URL"};
  }
}

void count(Loop& loop, TokenResult result) {
  loop.counters.tokens[static_cast<std::size_t>(result)].add(1);
}

void refuse(Loop& loop, Admission& admission, TokenResult result) {
  if (loop.tokens.mode() != TokenMode::kRequire) return;
  count_refusal(loop, refusal_of(result));
  admission.refusal = problem_of(result);
}

void check_token(Loop& loop, const Request& request, Admission& admission) {
  auth::TokenCheck token;
  const TokenResult result =
      loop.tokens.check(token_of(request.query), wall_clock().now_s(), token);
  if (result == TokenResult::kValid) {
    admission.token = token;
    admission.trust = Trust::kToken;
    return;
  }
  count(loop, result);
  refuse(loop, admission, result);
}

Problem too_many(const char* whose, const std::string& retry) {
  return {429, "too-many-requests", std::string("too many reports of ") + whose, retry};
}

// As it is stored: an RP has one spelling. An opaque origin is none: failures come with it.
std::string rp_of(const Request& request) {
  if (is_canonical_origin(request.origin)) return std::string(request.origin);
  return canonical_origin(request.origin).value_or(std::string());
}

void check_rate(Loop& loop, RateGate& rates, const Request& request, Admission& admission) {
  if (!rates.limits_any()) return;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const RateDecision decision =
      rates.admit(network_of(admission.from), rp_of(request),
                  std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  if (decision.by == RateDecision::By::kNone) return;
  const std::string retry = "Retry-After: " + std::to_string(decision.retry_s) + "\r\n";
  if (decision.by == RateDecision::By::kSender) {
    count_refusal(loop, Refusal::kRateSender);
    admission.refusal = too_many("this sender's network", retry);
  } else if (decision.by == RateDecision::By::kRp) {
    count_refusal(loop, Refusal::kRateRp);
    admission.refusal = too_many("this origin", retry);
  } else {
    count_refusal(loop, Refusal::kRateTotal);
    admission.refusal = Problem{503, "overloaded", "too many reports in all", retry};
  }
}

// The key of a request that has one, and a good one; else empty.
std::string good_key(const Request& request) {
  Result<std::string> key = request_key(request);
  return key.ok() ? std::move(key).value() : std::string();
}

// In this order: what the store does not know yet has not left the others yet.
bool has_come(Loop& loop, const std::string& key) {
  return loop.service.keys.state(key) != KeysUnderWay::State::kNone || loop.appender.knows(key);
}

// A hash of the sender's network that nobody can undo; 0: unknown. Behind a proxy of ours that does
// not say for whom it speaks, everybody is.
std::uint64_t sender_of(Loop& loop, const SenderAddress& sender) {
  constexpr std::int64_t kDayS = 86'400;
  if (sender == kUnknownSender || loop.service.options.trusted_proxies.has(sender)) return 0;
  return loop.service.sender_hash(network_of(sender), wall_clock().now_s() / kDayS);
}

bool browser_path(const Target& target) {
  return target.route == Route::kFedcm || target.route == Route::kReporting;
}

// What is no retry.
void judge(Loop& loop, const Request& request, const Target& target, Admission& admission) {
  check_rate(loop, loop.service.rates, request, admission);
  if (admission.refusal) return;
  admission.sender = sender_of(loop, admission.from);
  if (loop.service.options.keep_trust) {
    const bool native = browser_path(target) && request.sec_fetch_dest == "webidentity";
    admission.trust = native ? Trust::kNative : Trust::kLow;
  }
  if (loop.tokens.mode() != TokenMode::kOff) check_token(loop, request, admission);
}

}  // namespace

Admission admit_report(Loop& loop, const Request& request, const Target& target,
                       const SenderAddress& sender) {
  Admission admission;
  admission.from = sender;
  const std::string key = good_key(request);
  if (key.empty() || !has_come(loop, key)) {
    judge(loop, request, target, admission);
    return admission;
  }
  check_rate(loop, loop.service.retry_rates, request, admission);
  admission.retry = !admission.refusal;
  return admission;
}

bool claim_key(Loop& loop, const Request& request, const Target& target, Admission& admission) {
  if (admission.refusal) return true;
  const std::string key = good_key(request);
  if (key.empty()) return true;
  const KeysUnderWay::State state = admission.claim.take(loop.service.keys, key);
  if (state == KeysUnderWay::State::kJudged) return false;
  if (state == KeysUnderWay::State::kSubmitted || loop.appender.knows(key)) {
    admission.retry = true;
    admission.claim.release();
  } else if (admission.retry) {
    // What had come before was refused, or is forgotten by now: this is the first.
    admission.retry = false;
    judge(loop, request, target, admission);
  }
  return true;
}

void use_token(Loop& loop, Admission& admission) {
  if (!admission.token) return;
  const auto took = loop.tokens.used().take(*admission.token, wall_clock().now_s());
  if (took == UsedTokens::Take::kFirst) return count(loop, TokenResult::kValid);
  admission.token.reset();
  admission.trust = Trust::kLow;
  if (took == UsedTokens::Take::kUsed) {
    count(loop, TokenResult::kUsed);
    return refuse(loop, admission, TokenResult::kUsed);
  }
  if (loop.tokens.mode() != TokenMode::kRequire) return;
  count_refusal(loop, Refusal::kOverload);
  admission.refusal = overloaded("too many tokens have been used at a time");
}

void return_token(Loop& loop, const Admission& admission) {
  if (admission.token) loop.tokens.used().give_back(*admission.token);
}

}  // namespace kpi::server
