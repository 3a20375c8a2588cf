// Any bytes as what strangers send before they are known, and as a users file. Nobody gets in
// without the password, and what is read is written the same again.
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/assert.h"
#include "server/auth/base64.h"
#include "server/auth/scram.h"
#include "server/auth/users_text.h"
#include "server/http/reader_access.h"

namespace {

using namespace kpi::auth;

// A key that nobody knows: no proof can be right.
void converse(std::string_view bytes, bool plus) {
  ScramServer::Setup setup;
  setup.verifier.salt = std::string(kSaltBytes, 's');
  setup.plus = setup.plus_offered = plus;
  setup.end_point = plus ? "hash" : "";
  setup.nonce = "nonce";
  ScramServer scram(setup);
  const std::size_t half = std::min(bytes.find('\n'), bytes.size());
  const auto first = scram.first(bytes.substr(0, half));
  if (!first.ok()) return;
  KPI_ASSERT(!scram.final(bytes.substr(std::min(half + 1, bytes.size()))).ok());
}

void read_users(std::string_view bytes) {
  const auto users = parse_users(bytes, "users");
  if (!users.ok()) return;
  std::string text;
  for (const auto& [name, user] : users.value().by_name) text += user_line(name, user) + '\n';
  const auto again = parse_users(text, "users");
  KPI_ASSERT(again.ok() && again.value().by_name == users.value().by_name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  converse(bytes, false);
  converse(bytes, true);
  read_users(bytes);
  kpi::server::parse_basic(bytes);
  if (const auto decoded = from_base64(bytes)) KPI_ASSERT(to_base64(*decoded) == bytes);
  return 0;
}
