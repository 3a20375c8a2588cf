// Which session a CancelRequest means: random process ids and keys of the open sessions.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace kpi::server::pgwire {

class Session;

struct BackendKey {
  std::uint32_t process_id = 0, secret_key = 0;
};

// Not thread-safe: belongs to the io thread.
class CancelKeys {
 public:
  // Nothing where the system has no randomness: then no key is better than one that is guessed.
  std::optional<BackendKey> add(const std::shared_ptr<Session>& session);
  void remove(std::uint32_t process_id) { sessions_.erase(process_id); }
  // The session with this process id and key, if there is one.
  std::shared_ptr<Session> find(const BackendKey& key) const;

 private:
  struct Entry {
    std::uint32_t secret_key = 0;
    std::weak_ptr<Session> session;
  };
  std::unordered_map<std::uint32_t, Entry> sessions_;
};

}  // namespace kpi::server::pgwire
