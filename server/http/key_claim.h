// Request keys on their way to the store: of two requests with one key that come at once, the
// second waits for what becomes of the first.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace kpi::server {

// Bounded by the requests that are under way. Thread-safe.
class KeysUnderWay {
 public:
  enum class State : std::uint8_t {
    kNone,
    kJudged,     // Not yet with the store: what becomes of it is not known.
    kSubmitted,  // The store has it, before whatever it is asked from now on.
  };
  State state(const std::string& key) const;

 private:
  friend class KeyClaim;
  State claim(const std::string& key);  // kNone: it is the caller's now, as kJudged.
  void submitted(const std::string& key);
  void release(const std::string& key);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, State> keys_;
};

// One request's hold of its key; ends with it.
class KeyClaim {
 public:
  KeyClaim() = default;
  ~KeyClaim() { release(); }
  KeyClaim(KeyClaim&& from) noexcept
      : keys_(std::exchange(from.keys_, nullptr)), key_(std::move(from.key_)) {}
  KeyClaim& operator=(KeyClaim&& from) noexcept;

  // kNone: it is held from now on. Else somebody else holds it. `keys` outlives the claim.
  KeysUnderWay::State take(KeysUnderWay& keys, const std::string& key);
  void submitted();
  void release();

 private:
  KeysUnderWay* keys_ = nullptr;  // Null: none is held.
  std::string key_;
};

}  // namespace kpi::server
