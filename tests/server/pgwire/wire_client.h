// A client of the query socket that sends any bytes and reads messages. Blocking.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/server/pgwire/wire_reader.h"

namespace kpi::server::pgwire {

class WireClient {
 public:
  explicit WireClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~WireClient() { close(fd_); }
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Messages up to and with ReadyForQuery, or until the server closes.
  std::vector<WireMessage> receive() {
    std::vector<WireMessage> messages;
    for (;;) {
      for (WireMessage& message : take_messages(input_)) messages.push_back(std::move(message));
      if (!messages.empty() && messages.back().type == 'Z') return messages;
      if (!receive_more()) return messages;
    }
  }
  // The next so many messages, or until the server closes.
  std::vector<WireMessage> receive(std::size_t count) {
    std::vector<WireMessage> messages;
    for (;;) {
      for (WireMessage& message : take_messages(input_, count - messages.size())) {
        messages.push_back(std::move(message));
      }
      if (messages.size() == count || !receive_more()) return messages;
    }
  }
  std::string receive_byte() {
    if (input_.empty() && !receive_more()) return {};
    const std::string byte = input_.substr(0, 1);
    input_.erase(0, 1);
    return byte;
  }
  bool receive_end() {  // True once the server has closed.
    while (receive_more()) {
    }
    return true;
  }
  std::vector<WireMessage> log_in() {
    using std::string_literals::operator""s;
    send(startup_packet("user\0alice\0database\0kpi\0\0"s));
    auto messages = receive();
    for (const WireMessage& message : messages) {
      if (message.type == 'K') key_ = message.body;
    }
    return messages;
  }
  std::vector<WireMessage> query(std::string_view text) {
    send(query_message(text));
    return receive();
  }
  const std::string& key() const { return key_; }  // Process id and secret key, as they came.

 private:
  bool receive_more() {
    char bytes[65'536];
    const ssize_t size = recv(fd_, bytes, sizeof(bytes), 0);
    if (size > 0) input_.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  int fd_;
  bool connected_ = false;
  std::string input_, key_;
};

}  // namespace kpi::server::pgwire
