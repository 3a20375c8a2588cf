// One client's connection to the query socket: startup, then Query after Query. Lives on the io
// thread; statements and the encoding of their rows run on the worker pool, one at a time.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "server/pgwire/cancel_keys.h"
#include "server/pgwire/frontend.h"
#include "server/pgwire/query_counters.h"
#include "server/pgwire/query_run.h"

namespace kpi::server::pgwire {

// What all sessions of a server share; outlives them. Touched on the io thread only, except for
// `environment` and `counters`.
struct SessionHost {
  boost::asio::io_context& io;
  boost::asio::thread_pool& workers;
  QueryEnvironment environment;
  QueryCounters& counters;
  CancelKeys& cancel_keys;
  std::string server_version;
  std::chrono::milliseconds login_timeout, statement_timeout, write_timeout;  // 0: none.
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  // admitted = false: one connection too many. It may cancel another's statement, but not log in.
  Session(SessionHost& host, Socket socket, bool admitted);
  ~Session();
  void start();
  // Ends the running statement, if there is one, with the reason's message.
  void interrupt(Interrupt::Reason reason);
  // Ends the session: an idle client is told why as far as its socket takes it at once.
  void shut_down();
  bool admitted() const { return admitted_; }

 private:
  enum class Phase : std::uint8_t { kStartup, kReady, kClosed };

  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void process();
  bool process_startup();
  bool process_message();
  std::optional<std::string_view> take(const Result<std::optional<std::size_t>>& size);
  void on_startup(const StartupMessage& startup);
  void on_message(const FrontendMessage& message);
  void run_query(std::string_view text);
  void run_next_piece();
  void on_piece(bool more, std::size_t size);
  void write(bool close_after);
  void on_written(const boost::system::error_code& error, bool close_after);
  void refuse(std::string_view sqlstate, const Error& error);
  void set_deadline(std::chrono::milliseconds after, void (Session::*expired)());
  void clear_deadline();
  void finish_query(QueryOutcome outcome);
  void close();
  void on_statement_timeout() { interrupt(Interrupt::Reason::kTimeout); }

  SessionHost& host_;
  Socket socket_;
  boost::asio::steady_timer deadline_;  // Of whatever is waited for just now.
  std::uint64_t deadline_generation_ = 0;
  const bool admitted_;
  Phase phase_ = Phase::kStartup;
  bool reading_ = false;
  bool busy_ = false;          // A piece is being made or written: the next message waits.
  bool skip_to_sync_ = false;  // After an error among extended-protocol messages.
  std::string input_;          // Bytes received; the first `consumed_` are done with.
  std::size_t filled_ = 0, consumed_ = 0;
  std::string output_;
  SessionFacts facts_;
  BackendKey key_;
  TransactionStatus status_ = TransactionStatus::kIdle;
  std::shared_ptr<Interrupt> interrupt_;  // Of the running query.
  std::unique_ptr<QueryRun> query_;
  std::chrono::steady_clock::time_point query_began_;
};

}  // namespace kpi::server::pgwire
