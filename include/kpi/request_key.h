// Exactly once: a request that names itself is stored the first time, and known when it comes
// again; and what may be used once is kept as used.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace kpi {

inline constexpr std::size_t kRequestKeyBytesMax = 256;  // At least 1.
inline constexpr std::size_t kRequestAnswerBytesMax = 64U << 10;

// For EngineOptions::dedup_window_ms and dedup_entries_max where a program opens a store in the
// server's place: the keys of requests are kept, whatever window the server has.
inline constexpr std::int64_t kRequestKeysAllMs = 3'660LL * 86'400'000;
inline constexpr std::size_t kRequestKeysAll = std::size_t{1} << 32;

// By what a retry of a request is known, so that it is stored exactly once: key and batch are
// written together, all or nothing.
struct RequestKey {
  std::string key;            // Empty: none. At most kRequestKeyBytesMax bytes.
  std::uint64_t content = 0;  // A hash of the request: the same again is a retry.
  std::string answer = {};    // Given to a retry, as it is. At most kRequestAnswerBytesMax bytes.
  bool only_ask = false;      // Nothing is stored, whatever the batch holds: kUnknown then.
};
enum class RequestSeen : std::uint8_t {
  kFirst,         // Stored now, or it has no key.
  kDuplicate,     // Stored before: nothing was added, and request.answer is the first one's.
  kOtherContent,  // The key came with another request: nothing was added, kInvalidArgument.
  kUnknown,       // It was only asked, and the key is not known (any more): kNotFound.
};

// What buys the storing of a batch once: written with it, all or nothing, and kept as used until it
// expires. Whether it has been used already is the caller's to know, by Engine::tickets().
struct Ticket {
  std::uint64_t id = 0;
  std::int64_t expires_s = 0;  // Unix time, 0 or later: the last second of its life.
  friend bool operator==(const Ticket&, const Ticket&) = default;
};

}  // namespace kpi
