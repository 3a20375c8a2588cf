#include "server/http/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "server/http/answer.h"
#include "server/http/connection_bound.h"
#include "server/http/problem.h"
#include "server/operate/log.h"

namespace kpi::server {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;
constexpr int kBacklog = 4096;
constexpr ::mode_t kSocketMode = 0660;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // Out of file descriptors.

Error cannot_listen(const std::string& where, const std::string& why) {
  return Error{ErrorCode::kIo, "cannot listen at " + where + ": " + why};
}

// A socket file that nobody answers at is left over from a process that was killed.
Status remove_stale(const std::string& path) {
  struct stat file;
  if (::lstat(path.c_str(), &file) != 0) return ok_status();
  if (!S_ISSOCK(file.st_mode)) return cannot_listen(path, "the path exists and is no socket");
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  Code error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (!error) return cannot_listen(path, "another process listens there");
  if (::unlink(path.c_str()) != 0) return cannot_listen(path, "the old socket cannot be removed");
  return ok_status();
}

std::string tcp_name(const asio::generic::stream_protocol::endpoint& local) {
  asio::ip::tcp::endpoint endpoint;
  endpoint.resize(local.size());
  std::memcpy(endpoint.data(), local.data(), local.size());
  const std::string host = endpoint.address().to_string();
  const bool v6 = endpoint.address().is_v6();
  return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(endpoint.port());
}

// Said without a Connection, as far as the socket takes it at once: even those that only say no are
// bounded.
std::string told_at_once(const Problem& why) {
  std::string out;
  const std::string body = problem_body(why);
  AnswerFrame frame;
  frame.keep_alive = false;
  append_answer(out, frame, {why.status, kProblemType, body, why.extra_headers});
  return out;
}

}  // namespace

Listener::Listener(HttpService& service, std::vector<IoThread*> threads)
    : service_(service),
      threads_(std::move(threads)),
      acceptor_(threads_.front()->context()),
      pause_(threads_.front()->context()) {}

Listener::~Listener() { close(); }

Result<std::unique_ptr<Listener>> Listener::open(const Endpoint& endpoint, bool proxied,
                                                 HttpService& service,
                                                 std::vector<IoThread*> threads) {
  std::unique_ptr<Listener> listener(new Listener(service, std::move(threads)));
  if (Status status = listener->bind(endpoint); !status.ok()) return std::move(status).error();
  listener->proxied_ = proxied;
  if (proxied) listener->entrance_ = auth::Entrance::kRemote;
  return listener;
}

Status Listener::bind(const Endpoint& endpoint) {
  Protocol::endpoint local;
  entrance_ = endpoint.is_unix         ? auth::Entrance::kUnixSocket
              : endpoint.is_loopback() ? auth::Entrance::kLoopback
                                       : auth::Entrance::kRemote;
  if (endpoint.is_unix) {
    if (Status status = remove_stale(endpoint.path); !status.ok()) return status;
    local = asio::local::stream_protocol::endpoint(endpoint.path);
    name_ = "unix:" + endpoint.path;
  } else {
    Code error;
    local = asio::ip::tcp::endpoint(asio::ip::make_address(endpoint.host, error), endpoint.port);
    name_ = endpoint.host + ':' + std::to_string(endpoint.port);
  }
  Code error;
  acceptor_.open(local.protocol(), error);
  if (!error && !endpoint.is_unix) {
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  }
  if (!error) acceptor_.bind(local, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) return cannot_listen(name_, error.message());
  if (endpoint.is_unix) {
    unix_path_ = endpoint.path;
    ::chmod(unix_path_.c_str(), kSocketMode);
  } else {
    name_ = tcp_name(acceptor_.local_endpoint(error));
  }
  return ok_status();
}

void Listener::start() { accept(); }

void Listener::accept() {
  IoThread& thread = *threads_[next_thread_];
  next_thread_ = (next_thread_ + 1) % threads_.size();
  acceptor_.async_accept(
      thread.context(), [this, &thread](const Code& error, Protocol::socket socket) {
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
        if (!error) {
          take(std::move(socket), thread);
          return accept();
        }
        service_.accepts_failed.fetch_add(1, std::memory_order_relaxed);
        log_event(LogLevel::kWarning, "accept_failed", {{"error", error.message()}});
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](const Code& canceled) {
          if (!canceled) accept();
        });
      });
}

void Listener::take(Protocol::socket socket, IoThread& thread) {
  auto slot =
      proxied_ ? SenderSlots::Slot() : sender_slot(service_, peer_address(socket.native_handle()));
  if (!slot) return refuse(std::move(socket), thread, too_many_of_sender());
  if (service_.connections.fetch_add(1, std::memory_order_relaxed) >=
      service_.options.connections_max) {
    service_.connections.fetch_sub(1, std::memory_order_relaxed);
    service_.connections_refused.fetch_add(1, std::memory_order_relaxed);
    return refuse(std::move(socket), thread, too_many_connections());
  }
  Code ignored;
  if (unix_path_.empty()) socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  thread.adopt(std::move(socket), entrance_, proxied_, std::move(*slot));
}

void Listener::refuse(Protocol::socket socket, IoThread& thread, const Problem& why) {
  if (service_.refusals.fetch_add(1, std::memory_order_relaxed) < refusals_max(service_.options)) {
    return thread.refuse(std::move(socket), why);
  }
  service_.refusals.fetch_sub(1, std::memory_order_relaxed);
  Code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(told_at_once(why)), ignored);
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Listener::close() {
  Code ignored;
  pause_.cancel();
  acceptor_.close(ignored);
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  unix_path_.clear();
}

}  // namespace kpi::server
