// One client's connection to the query socket: startup, login, then Query after Query. Lives on the
// io thread; statements and the encoding of their rows run on the worker pool, one at a time.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "server/auth/statement_slots.h"
#include "server/pgwire/cancel_keys.h"
#include "server/pgwire/conversation.h"
#include "server/pgwire/frontend.h"
#include "server/pgwire/login.h"
#include "server/pgwire/query_counters.h"
#include "server/pgwire/transport.h"

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
  std::chrono::milliseconds login_timeout, message_timeout, statement_timeout,
      write_timeout;  // 0: none.
  LoginRules login_rules = {};
  const TlsSource* tls = nullptr;  // nullptr: TLS is not offered.
  auth::StatementSlots* slots = nullptr;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = Transport::Socket;

  // admitted = false: one connection too many. It may cancel another's statement, but not log in.
  Session(SessionHost& host, Socket socket, bool admitted, auth::Entrance entrance);
  ~Session();
  void start();
  // Ends the running statement, if there is one, with the reason's message.
  void interrupt(Interrupt::Reason reason);
  // Ends the session: an idle client is told why as far as its socket takes it at once.
  void shut_down();
  bool admitted() const { return admitted_; }
  // Open, but who it is has not been shown yet.
  bool is_stranger() const { return phase_ != Phase::kReady && phase_ != Phase::kClosed; }
  // Makes room for another connection. Requires is_stranger().
  // may_be_told: it may stay until it asks to log in, no longer admitted, else it is closed at
  // once.
  void give_way(bool may_be_told);

 private:
  // kSecuring: from the answer to SSLRequest to the end of the TLS handshake.
  enum class Phase : std::uint8_t { kStartup, kSecuring, kLogin, kReady, kClosed };

  void read();
  void await_rest();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void process();
  bool process_startup();
  bool process_login();
  bool process_message();
  std::optional<std::string_view> take(const Result<std::optional<std::size_t>>& size);
  void on_encryption_request(bool tls);
  void secure();
  void on_secured(const boost::system::error_code& error);
  void on_startup(const StartupMessage& startup);
  void begin_login(std::string user);
  void on_login(Login::State state);
  void welcome();
  void on_message(const FrontendMessage& message);
  void begin_answer(const FrontendMessage& message);
  void take_slot();
  void run_next_piece();
  void on_piece(RunProgress progress, std::size_t size);
  void finish_answer(QueryOutcome outcome);
  static void tell_news(const std::weak_ptr<Session>& session, boost::asio::io_context& io);
  void await_news();
  void resume();
  void on_news();
  void refuse_flood();
  void write(bool close_after);
  void on_written(const boost::system::error_code& error, bool close_after);
  void refuse(std::string_view sqlstate, const Error& error);
  void set_deadline(std::chrono::milliseconds after, void (Session::*expired)());
  void clear_deadline();
  void close();
  void on_statement_timeout() { interrupt(Interrupt::Reason::kTimeout); }

  SessionHost& host_;
  Transport transport_;
  const auth::Entrance entrance_;
  boost::asio::steady_timer deadline_;  // Of whatever is waited for just now.
  std::uint64_t deadline_generation_ = 0;
  bool admitted_;
  bool asked_tls_ = false, asked_gss_ = false;  // Each may be asked for once.
  std::optional<Login> login_;
  std::string application_name_;
  Phase phase_ = Phase::kStartup;
  bool reading_ = false;
  bool awaits_rest_ = false;  // Of a message that has begun: `deadline_` is its.
  bool busy_ = false;         // A piece is being made or written: the next message waits.
  bool waiting_ = false;      // Busy, but with nothing to do until a follow has news.
  bool paused_ = false;       // The last piece was all that the follow had.
  bool news_ = false;         // Told, and not yet asked for.
  std::string input_;         // Bytes received; the first `consumed_` are done with.
  std::size_t filled_ = 0, consumed_ = 0;
  std::string output_;
  SessionFacts facts_;
  BackendKey key_;
  std::shared_ptr<Interrupt> interrupt_;      // Of what runs, and of all up to the next Sync.
  std::optional<Conversation> conversation_;  // From the end of the login.
  std::chrono::steady_clock::time_point query_began_;
  std::string slot_user_;  // Empty where nobody is asked who they are.
  std::shared_ptr<const auth::StatementSlots::Slot> slot_;  // Of the statement under way.
};

}  // namespace kpi::server::pgwire
