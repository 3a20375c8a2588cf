// Exactly once: a request that names itself is stored the first time, and known when it comes
// again.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace kpi {

inline constexpr std::size_t kRequestKeyBytesMax = 256;  // At least 1.
inline constexpr std::size_t kRequestAnswerBytesMax = 64U << 10;

// By what a retry of a request is known, so that it is stored exactly once: key and batch are
// written together, all or nothing.
struct RequestKey {
  std::string key;            // Empty: none. At most kRequestKeyBytesMax bytes.
  std::uint64_t content = 0;  // A hash of the request: the same again is a retry.
  std::string answer = {};    // Given to a retry, as it is. At most kRequestAnswerBytesMax bytes.
};
enum class RequestSeen : std::uint8_t {
  kFirst,         // Stored now, or it has no key.
  kDuplicate,     // Stored before: nothing was added, and request.answer is the first one's.
  kOtherContent,  // The key came with another request: nothing was added, kInvalidArgument.
};

}  // namespace kpi
