#include "server/dialect/client_registry.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "kpi/limits.h"
#include "server/dialect/origin.h"

namespace kpi::server {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

Error wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }
Error too_many(std::size_t most, const char* what) {
  return {ErrorCode::kLimitExceeded, "at most " + std::to_string(most) + ' ' + what};
}

Status read_line(std::string_view line, Clients& clients) {
  const std::string_view id = take_word(line);
  if (id.empty() || id.front() == '#') return ok_status();
  if (id.size() > kClientBytesMax) return wrong("the client is too long");
  Clients::Origins origins;
  for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
    auto origin = canonical_origin(word);
    if (!origin)
      return wrong("'" + std::string(word) + "' is no origin such as https://rp.example");
    if (origins.size() == kClientOriginsMax) return too_many(kClientOriginsMax, "origins a client");
    clients.all.insert(*origin);
    origins.insert(std::move(*origin));
  }
  if (origins.empty()) return wrong("a client is CLIENT ORIGIN [ORIGIN ...]");
  if (clients.by_id.size() == kClientsMax) return too_many(kClientsMax, "clients");
  if (!clients.by_id.emplace(id, std::move(origins)).second) {
    return wrong("client '" + std::string(id) + "' is there twice");
  }
  return ok_status();
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kClientsFileBytesMax + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return Error{ErrorCode::kIo, "clients file '" + path + "': " + std::strerror(errno)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kClientsFileBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "clients file '" + path + "' has more than 16 MiB"};
  }
  return text;
}

}  // namespace

bool Clients::names(std::string_view rp, std::string_view client) const {
  if (client.empty()) return all.contains(rp);
  const auto found = by_id.find(client);
  return found != by_id.end() && found->second.contains(rp);
}

Result<Clients> parse_clients(std::string_view text, std::string_view source) {
  Clients clients;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (Status status = read_line(text.substr(0, end), clients); !status.ok()) {
      return Error{status.error().code, std::string(source) + ":" + std::to_string(number) + ": " +
                                            status.error().message};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return clients;
}

Result<std::unique_ptr<ClientRegistry>> ClientRegistry::open(std::string path) {
  std::unique_ptr<ClientRegistry> registry(new ClientRegistry(std::move(path)));
  if (Status status = registry->reload(); !status.ok()) return std::move(status).error();
  return registry;
}

Status ClientRegistry::reload() {
  const auto text = read_file(path_);
  if (!text.ok()) return text.error();
  auto parsed = parse_clients(text.value(), path_);
  if (!parsed.ok()) return std::move(parsed).error();
  auto clients = std::make_shared<const Clients>(std::move(parsed).value());
  const std::lock_guard lock(mutex_);
  // Mostly a file that is being written: all reports would be refused.
  if (clients->by_id.empty() && clients_ && !clients_->by_id.empty()) {
    return Error{ErrorCode::kInvalidArgument, path_ + ": names no client any more"};
  }
  clients_ = std::move(clients);
  return ok_status();
}

std::shared_ptr<const Clients> ClientRegistry::clients() const {
  const std::lock_guard lock(mutex_);
  return clients_;
}

}  // namespace kpi::server
