#include "server/operate/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>

namespace kpi::server {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

std::chrono::microseconds watchdog_of_environment() {
  const std::string_view pid = environment("WATCHDOG_PID");
  if (!pid.empty() && number(pid) != static_cast<std::uint64_t>(::getpid())) return {};
  const auto micros = number(environment("WATCHDOG_USEC"));
  constexpr std::uint64_t kDayMicros = 86'400'000'000;
  if (!micros || *micros > kDayMicros) return {};
  return std::chrono::microseconds(*micros);
}

std::uint64_t monotonic_micros() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

std::string status_line(std::string_view status) {
  std::string line(status);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  return line;
}

Notifier::Notifier(std::string address, std::chrono::microseconds watchdog)
    : address_(std::move(address)), watchdog_(watchdog) {
  const bool named = !address_.empty() && (address_[0] == '/' || address_[0] == '@');
  if (!named || address_.size() < 2 || address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

Notifier Notifier::from_environment() {
  return Notifier(std::string(environment("NOTIFY_SOCKET")), watchdog_of_environment());
}

Notifier::~Notifier() {
  if (socket_ >= 0) ::close(socket_);
}

void Notifier::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + status_line(status));
}

void Notifier::reloading(std::string_view status) const {
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_micros()) +
       "\nSTATUS=" + status_line(status));
}

void Notifier::stopping(std::string_view status) const {
  send("STOPPING=1\nSTATUS=" + status_line(status));
}

void Notifier::ping() const { send("WATCHDOG=1"); }

void Notifier::send(std::string_view message) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  (void)::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&to), size);
}

}  // namespace kpi::server
