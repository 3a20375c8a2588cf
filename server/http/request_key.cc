#include "server/http/request_key.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "kpi/request_key.h"

namespace kpi::server {
namespace {

constexpr char kOfClient = 'k', kOfProxy = 'r';  // The first byte of a key: whose it is.
static_assert(kRequestIdBytesMax + 1 <= kRequestKeyBytesMax);

// By index in what is kept, so only ever appended to.
constexpr std::array<std::string_view, 3> kTypes = {"", "text/plain; charset=utf-8",
                                                    "application/json"};
// Three digits of the status, one of the type, nothing else in what older servers packed; or a
// letter for the type, and the number of events in hex.
constexpr std::size_t kOldHeadBytes = 4, kEventsBytes = 8,
                      kHeadBytes = kOldHeadBytes + kEventsBytes;
constexpr char kFirstOldType = '0', kFirstType = 'a';

bool printable(char c) { return c >= 0x20 && c <= 0x7E; }
bool bare(char c) { return c > 0x20 && c <= 0x7E && c != '"' && c != '\\' && c != ',' && c != ';'; }

Error bad(const char* header, const char* expected) {
  return {ErrorCode::kInvalidArgument, std::string(header) + ": " + expected + " is expected"};
}

// RFC 8941, section 3.3.3: printable ASCII in quotes, `\` before `"` and `\`.
std::optional<std::string> unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!printable(text[i]) || text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '"' && text[i] != '\\'))) {
      return std::nullopt;
    }
    value += text[i];
  }
  return value;
}

Result<std::string> client_key(std::string_view text) {
  const Error error = bad("Idempotency-Key", "a string in quotes or a token, 1 to 255 bytes,");
  std::string value(text);
  if (!text.empty() && text.front() == '"') {
    auto unquoted = unquote(text);
    if (!unquoted) return error;
    value = std::move(*unquoted);
  } else if (!std::all_of(text.begin(), text.end(), bare)) {
    return error;
  }
  if (value.empty() || value.size() > kRequestIdBytesMax) return error;
  return kOfClient + value;
}

}  // namespace

std::string_view believed_header(const HttpOptions& options, int socket) {
  if (options.request_id_peers.none()) return {};
  return options.request_id_peers.has(peer_address(socket))
             ? std::string_view(options.request_id_header)
             : std::string_view();
}

Result<std::string> request_key(const Request& request) {
  if (request.idempotency_key.data() != nullptr) return client_key(request.idempotency_key);
  const std::string_view id = request.request_id;
  if (id.empty()) return std::string();
  if (id.size() > kRequestIdBytesMax || !std::all_of(id.begin(), id.end(), printable)) {
    return bad("the proxy's request ID", "printable ASCII, 1 to 255 bytes,");
  }
  return kOfProxy + std::string(id);
}

std::uint64_t request_content(const Request& request) {
  const std::uint64_t path = XXH3_64bits(request.path.data(), request.path.size());
  const std::uint64_t query =
      XXH3_64bits_withSeed(request.query.data(), request.query.size(), path);
  return XXH3_64bits_withSeed(request.body.data(), request.body.size(), query);
}

std::string pack_answer(const Answer& answer, std::uint32_t events, std::string_view summary) {
  const auto* const type = std::find(kTypes.begin(), kTypes.end(), answer.content_type);
  const bool fits = answer.body.size() <= kRequestAnswerBytesMax - kHeadBytes;
  std::string packed = std::to_string(answer.status);
  packed += static_cast<char>(kFirstType + (type - kTypes.begin()));
  std::array<char, kEventsBytes> digits{};
  const auto* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), events, 16).ptr;
  const auto used = static_cast<std::size_t>(end - digits.data());
  packed.append(kEventsBytes - used, '0').append(digits.data(), used);
  return packed.append(fits ? answer.body : summary);
}

std::optional<KeptAnswer> unpack_answer(std::string_view packed) {
  if (packed.size() < kOldHeadBytes) return std::nullopt;
  KeptAnswer kept;
  const char* const at = packed.data();
  if (std::from_chars(at, at + 3, kept.answer.status).ptr != at + 3) return std::nullopt;
  const bool old = packed[3] < kFirstType;
  const auto type = static_cast<std::size_t>(packed[3] - (old ? kFirstOldType : kFirstType));
  const std::size_t head = old ? kOldHeadBytes : kHeadBytes;
  if (type >= kTypes.size() || packed.size() < head) return std::nullopt;
  const char* const events = at + kOldHeadBytes;
  if (!old && std::from_chars(events, at + head, kept.events, 16).ptr != at + head) {
    return std::nullopt;
  }
  kept.answer.content_type = kTypes[type];
  kept.answer.body = packed.substr(head);
  return kept;
}

}  // namespace kpi::server
