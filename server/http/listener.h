// One listening socket, TCP or Unix; hands what it accepts to the io threads in turn.
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "kpi/result.h"
#include "server/auth/access_rule.h"
#include "server/http/io_thread.h"
#include "server/operate/endpoint.h"

namespace kpi::server {

// Lives in the first io thread but for open() and name().
class Listener {
 public:
  // Binds and listens; start() begins to accept. A stale Unix socket file is replaced, one that
  // somebody answers at is kIo. `proxied`: connections begin with a PROXY header; its clients are
  // strangers, whatever address the proxy reaches us at.
  static Result<std::unique_ptr<Listener>> open(const Endpoint& endpoint, bool proxied,
                                                HttpService& service,
                                                std::vector<IoThread*> threads);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();
  void close();  // No further connection; removes a Unix socket's file.
  const std::string& name() const { return name_; }  // 127.0.0.1:41234 or unix:/path

 private:
  using Protocol = boost::asio::generic::stream_protocol;
  Listener(HttpService& service, std::vector<IoThread*> threads);
  Status bind(const Endpoint& endpoint);
  void accept();
  void take(Protocol::socket socket, IoThread& thread);
  void refuse(Protocol::socket socket, IoThread& thread, const Problem& why);

  HttpService& service_;
  std::vector<IoThread*> threads_;
  std::size_t next_thread_ = 0;
  boost::asio::basic_socket_acceptor<Protocol> acceptor_;
  boost::asio::steady_timer pause_;
  std::string name_, unix_path_;
  auth::Entrance entrance_ = auth::Entrance::kRemote;
  bool proxied_ = false;
};

}  // namespace kpi::server
