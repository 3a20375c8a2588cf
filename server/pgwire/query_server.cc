#include "server/pgwire/query_server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <thread>

#include "server/operate/keep_alive.h"
#include "server/operate/wall_clock.h"
#include "server/pgwire/listener.h"
#include "server/pgwire/session.h"

namespace kpi::server::pgwire {
namespace {

// Connections beyond the limit that wait to be told so; further ones are closed at once. Those who
// had to give way, and may never say a word, leave half of it to the others.
constexpr std::size_t kRefusalsMax = 32;
constexpr std::size_t kEvictedMax = kRefusalsMax / 2;
constexpr std::chrono::milliseconds kAcceptPause{100};  // After the system ran out of descriptors.

// An idle client is asked after so long, then again and again, and let go.

auth::Entrance entrance_of(const Endpoint& endpoint) {
  if (endpoint.is_unix) return auth::Entrance::kUnixSocket;
  return endpoint.is_loopback() ? auth::Entrance::kLoopback : auth::Entrance::kRemote;
}

}  // namespace

class QueryServer::Impl {
 public:
  Impl(Store& store, QueryServerOptions options)
      : options_(std::move(options)),
        workers_(std::max<std::size_t>(options_.worker_threads, 1)),
        host_{io_,
              workers_,
              {store, options_.rows_max,
               options_.now_ms ? options_.now_ms : [] { return wall_clock().now_ms(); },
               std::min(options_.follows_max, options_.connections_max / 2), counters_.follows},
              counters_,
              cancel_keys_,
              "15.0 (kpistore " + options_.version + ")",
              options_.login_timeout,
              options_.message_timeout,
              options_.statement_timeout,
              options_.write_timeout,
              options_.login_rules,
              options_.tls,
              options_.slots} {
    host_.environment.min_group_size_reader = options_.min_group_size_reader;
    host_.environment.aliases = options_.aliases;
  }

  Status open(const std::vector<Endpoint>& endpoints) {
    if (endpoints.empty()) return Error{ErrorCode::kInvalidArgument, "no query endpoint is given"};
    for (const Endpoint& endpoint : endpoints) {
      const auth::Gate* const gate = options_.login_rules.gate;
      if (!endpoint.is_loopback() && (gate == nullptr || !gate->has_users())) {
        return Error{ErrorCode::kInvalidArgument,
                     "queries are not served at " + endpoint.host +
                         ": no users are configured, and it is no loopback address",
                     "configure users, or listen at 127.0.0.1, [::1] or a Unix socket"};
      }
      Result<Listener> listener = open_listener(io_, endpoint);
      if (!listener.ok()) return std::move(listener).error();
      listeners_.push_back(std::make_unique<Listener>(std::move(listener).value()));
      endpoints_.push_back(listeners_.back()->endpoint);
    }
    for (const auto& listener : listeners_) accept(*listener);
    thread_ = std::thread([this] { io_.run(); });
    return ok_status();
  }

  void stop() {
    if (thread_.joinable()) {
      boost::asio::post(io_, [this] { close_all(); });
      thread_.join();  // The loop ends when its last session has.
      workers_.join();
    }
    for (const auto& listener : listeners_) {
      std::error_code ignored;
      if (!listener->socket_path.empty()) std::filesystem::remove(listener->socket_path, ignored);
    }
    listeners_.clear();
  }

  const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  const QueryCounters& counters() const { return counters_; }

 private:
  void accept(Listener& listener) {
    listener.acceptor.async_accept(
        [this, &listener](const boost::system::error_code& error, Session::Socket socket) {
          if (stopping_ || error == boost::asio::error::operation_aborted) return;
          if (!error) {
            admit(std::move(socket), entrance_of(listener.endpoint));
            return accept(listener);
          }
          // Usually out of file descriptors: trying again at once would only spin.
          auto pause = std::make_shared<boost::asio::steady_timer>(io_, kAcceptPause);
          pause->async_wait([this, &listener, pause](const boost::system::error_code& canceled) {
            if (!canceled && !stopping_) accept(listener);
          });
        });
  }

  void admit(Session::Socket socket, auth::Entrance entrance) {
    std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
    const std::size_t open = counters_.connections_open;
    const bool may_be_told = sessions_.size() < open + kEvictedMax;
    const bool admitted = open < options_.connections_max || evict_stranger(may_be_told);
    ++(admitted ? counters_.connections_accepted : counters_.connections_refused);
    if (!admitted && sessions_.size() >= open + kRefusalsMax) return;  // Closes it.
    boost::system::error_code ignored;
    if (entrance != auth::Entrance::kUnixSocket) {
      socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
      keep_alive(socket.native_handle());
    }
    const auto session = std::make_shared<Session>(host_, std::move(socket), admitted, entrance);
    sessions_.push_back(session);
    session->start();
  }

  // Those who connect and say nothing must not keep out those who log in: the oldest of them goes.
  bool evict_stranger(bool may_be_told) {
    for (const auto& weak : sessions_) {
      const auto session = weak.lock();
      if (!session || !session->admitted() || !session->is_stranger()) continue;
      session->give_way(may_be_told);
      ++counters_.strangers_evicted;
      return true;
    }
    return false;
  }

  void close_all() {
    stopping_ = true;
    boost::system::error_code ignored;
    for (const auto& listener : listeners_) listener->acceptor.close(ignored);
    for (const auto& weak : sessions_) {
      if (const auto session = weak.lock()) session->shut_down();
    }
  }

  const QueryServerOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::thread_pool workers_;
  QueryCounters counters_;
  CancelKeys cancel_keys_;
  SessionHost host_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<Endpoint> endpoints_;
  std::vector<std::weak_ptr<Session>> sessions_;
  bool stopping_ = false;
  std::thread thread_;
};

QueryServer::QueryServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
QueryServer::~QueryServer() { impl_->stop(); }

Result<std::unique_ptr<QueryServer>> QueryServer::listen(const std::vector<Endpoint>& endpoints,
                                                         Store& store, QueryServerOptions options) {
  auto impl = std::make_unique<Impl>(store, std::move(options));
  const Status opened = impl->open(endpoints);
  std::unique_ptr<QueryServer> server(new QueryServer(std::move(impl)));
  if (!opened.ok()) return opened.error();
  return server;
}

const std::vector<Endpoint>& QueryServer::endpoints() const { return impl_->endpoints(); }
const QueryCounters& QueryServer::counters() const { return impl_->counters(); }
void QueryServer::stop() { impl_->stop(); }

}  // namespace kpi::server::pgwire
