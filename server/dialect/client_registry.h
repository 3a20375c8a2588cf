// Clients that the identity provider knows, and the origins that each may sign in from: a file of
// one client a line, `CLIENT ORIGIN [ORIGIN ...]`, blanks between, `#` begins a comment line.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi::server {

inline constexpr std::size_t kClientsMax = 100'000;
inline constexpr std::size_t kClientOriginsMax = 64;  // Of one client.
inline constexpr std::size_t kClientsFileBytesMax = 16U << 20;

struct Clients {
  using Origins = std::set<std::string, std::less<>>;  // Canonical.
  std::map<std::string, Origins, std::less<>> by_id;
  Origins all;
  // Whether they name an RP (`client` is empty then), or a client as one of it.
  bool names(std::string_view rp, std::string_view client) const;
};

// `source` stands in front of the line number in errors. kInvalidArgument, kLimitExceeded.
Result<Clients> parse_clients(std::string_view text, std::string_view source);

// Thread-safe.
class ClientRegistry {
 public:
  // Errors name the file, and the line where there is one. kIo: it cannot be read.
  static Result<std::unique_ptr<ClientRegistry>> open(std::string path);
  Status reload();  // All of the file or, on error, nothing of it.
  std::shared_ptr<const Clients> clients() const;

 private:
  explicit ClientRegistry(std::string path) : path_(std::move(path)) {}
  const std::string path_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Clients> clients_;
};

}  // namespace kpi::server
