#include "server/http/post_token.h"

#include <nlohmann/json.hpp>

#include "server/operate/wall_clock.h"

namespace kpi::server {
namespace {

// What the body asks for: nothing, or `{"n": COUNT}`.
struct Wish {
  bool batch = false;
  std::size_t count = 1;
};

std::optional<Wish> wish_of(std::string_view body) {
  if (body.empty()) return Wish{};
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  if (json.empty()) return Wish{};
  const auto count = json.find("n");
  if (json.size() != 1 || count == json.end() || !count->is_number_unsigned()) return std::nullopt;
  const auto n = count->get<std::uint64_t>();
  if (n == 0 || n > kTokenBatchMax) return std::nullopt;
  return Wish{true, static_cast<std::size_t>(n)};
}

std::optional<Problem> check(const Loop& loop, const Exchange& exchange,
                             const std::optional<Wish>& wish) {
  if (exchange.access.role != auth::Role::kAdmin) {
    return Problem{403, "permission-denied", "tokens are given to users of role admin"};
  }
  if (!loop.tokens.has_keys()) {
    return Problem{404,
                   "no-token-keys",
                   "this server has no keys to sign tokens with",
                   {},
                   "set option token-keys (kpi-admin token-key add)"};
  }
  if (!wish) {
    return Problem{
        400, "malformed",
        "the body is empty, or {\"n\": COUNT} with 1 to " + std::to_string(kTokenBatchMax)};
  }
  return std::nullopt;
}

}  // namespace

void post_token(Loop& loop, const Exchange& exchange, const AnswerFrame& frame) {
  const auto wish = wish_of(exchange.request.body);
  if (const auto problem = check(loop, exchange, wish)) {
    return put_problem(exchange.slot, frame, *problem);
  }
  const std::int64_t expires_s = wall_clock().now_s() + loop.tokens.lifetime_s();
  nlohmann::ordered_json json;
  if (wish->batch) {
    auto& list = json["tokens"] = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < wish->count; ++i) list.push_back(loop.tokens.mint(expires_s));
  } else {
    json["token"] = loop.tokens.mint(expires_s);
  }
  json["expires"] = expires_s;
  loop.counters.tokens_minted.add(wish->count);
  const std::string body = json.dump() + "\n";
  put_answer(exchange.slot, frame, {200, "application/json", body, "Cache-Control: no-store\r\n"});
}

}  // namespace kpi::server
