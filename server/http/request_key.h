// By what a retry of a report is known, and what it is answered: keys, content and answers as the
// store keeps them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/http/answer.h"
#include "server/http/http_options.h"
#include "server/http/request.h"

namespace kpi::server {

inline constexpr std::size_t kRequestIdBytesMax = 255;  // Also of an Idempotency-Key.

// The header in which the other end of a connection names its requests; empty: it is not believed,
// so that its IDs are not even read. A view of the options.
std::string_view believed_header(const HttpOptions& options, int socket);

// Idempotency-Key, else the request ID of a trusted proxy, each in a space of its own; empty:
// neither. kInvalidArgument names the header and what was expected.
Result<std::string> request_key(const Request& request);

// Of path, query and body: what makes the same request.
std::uint64_t request_content(const Request& request);

// An answer as it is kept, with how many events were stored. Beyond what the store keeps, the list
// of errors goes and the counts stay: `summary` is then the body.
std::string pack_answer(const Answer& answer, std::uint32_t events, std::string_view summary);

struct KeptAnswer {
  Answer answer;
  std::uint32_t events = 1;  // As if one where it was kept without.
};
// Views into `packed`. Nothing: no such bytes were ever packed.
std::optional<KeptAnswer> unpack_answer(std::string_view packed);

}  // namespace kpi::server
