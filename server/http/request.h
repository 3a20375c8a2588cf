// One HTTP request as the reader hands it on: views into the connection's buffers.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/http/sender.h"

namespace kpi::server {

enum class Method : std::uint8_t { kGet, kHead, kPost, kOptions, kOther };

// Views live until the reader's finish(). Fields that were absent are empty. Cookies and the
// user agent are not even kept; the credentials only for services that read the store.
struct Request {
  Method method = Method::kOther;
  bool http11 = true;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  bool coded = false;  // Content-Encoding other than identity.
  std::optional<std::uint64_t> content_length;
  std::string_view path, query;  // Of the target, split at the first '?', which belongs to neither.
  std::string_view content_type, origin, sec_fetch_dest, accept;
  std::string_view authorization;
  std::string_view idempotency_key;  // Its data() is null where the field was absent.
  std::string_view request_id;       // Of a trusted proxy.
  ForwardedLines forwarded;          // Only until RequestReader::expect_body().
  std::string_view body;             // With kBodySlackBytes readable behind it.
};

// Why a request cannot be taken: the connection answers and closes.
enum class RequestFault : std::uint8_t {
  kMalformed,       // 400
  kHeaderTooLarge,  // 431
  kBodyTooLarge,    // 413
  kBadExpectation,  // 417
  kTransferCoding,  // 501
  kVersion,         // 505
  kNoMemory,        // 503
};

}  // namespace kpi::server
