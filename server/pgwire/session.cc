#include "server/pgwire/session.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "server/operate/log.h"
#include "server/pgwire/peer.h"
#include "server/pgwire/sqlstate.h"

namespace kpi::server::pgwire {
namespace {

constexpr std::size_t kReadBytesMin = 1024;  // What an idle connection costs, and a read's least.
constexpr std::size_t kOutputKeptBytes = 16U << 10;
// Received and not yet processed. Beyond, the client waits: one message and part of the next.
constexpr std::size_t kInputBytesMax = kFrontendMessageBytesMax + kReadBytesMin;
// Sessions that connected in vain wait at most this share of the ordinary time.
constexpr int kRefusedLoginShare = 4;

}  // namespace

Session::Session(SessionHost& host, Socket socket, bool admitted, auth::Entrance entrance)
    : host_(host),
      transport_(std::move(socket)),
      entrance_(entrance),
      deadline_(host.io),
      admitted_(admitted) {
  if (admitted_) ++host_.counters.connections_open;
}

Session::~Session() {
  if (admitted_) --host_.counters.connections_open;
  if (key_.process_id != 0) host_.cancel_keys.remove(key_.process_id);
}

void Session::start() {
  set_deadline(admitted_ ? host_.login_timeout : host_.login_timeout / kRefusedLoginShare,
               &Session::close);
  read();
}

void Session::interrupt(Interrupt::Reason reason) {
  if (interrupt_) interrupt_->request(reason);
  if (waiting_) resume();
}

void Session::shut_down() {
  if (phase_ == Phase::kReady && (!busy_ || waiting_)) {
    output_.clear();
    append_diagnostic(output_, {Severity::kFatal, kAdminShutdown,
                                "terminating connection: the server is shutting down"});
    transport_.write_at_once(output_);
  }
  interrupt(Interrupt::Reason::kShutdown);
  close();
}

// It may be a client that is just about to log in, and should not take this for a crash.
void Session::give_way(bool may_be_told) {
  if (!may_be_told || (phase_ != Phase::kStartup && phase_ != Phase::kSecuring)) return close();
  admitted_ = false;
  --host_.counters.connections_open;
  set_deadline(host_.login_timeout / kRefusedLoginShare, &Session::close);
}

// Absolute: bytes that trickle in do not extend it. Only between statements, when nothing else has
// a deadline.
void Session::await_rest() {
  if (phase_ != Phase::kReady || busy_ || awaits_rest_ || filled_ == consumed_) return;
  awaits_rest_ = true;
  set_deadline(host_.message_timeout, &Session::close);
}

// A read is under way whenever there is room, also while a statement runs: that is how a client
// that goes away is noticed. But until the startup is over one waits for the other: what follows an
// SSLRequest belongs to the handshake.
void Session::read() {
  await_rest();
  if (reading_ || phase_ == Phase::kClosed || phase_ == Phase::kSecuring) return;
  if (busy_ && phase_ == Phase::kStartup) return;
  if (consumed_ != 0) {
    input_.erase(0, consumed_);
    filled_ -= consumed_;
    consumed_ = 0;
  }
  if (filled_ >= kInputBytesMax) {
    if (waiting_) refuse_flood();
    return;
  }
  input_.resize(std::min(kInputBytesMax, std::max(kReadBytesMin, filled_ * 2)));
  if (filled_ == 0 && input_.capacity() > 4 * kReadBytesMin) input_.shrink_to_fit();
  reading_ = true;
  transport_.async_read_some(
      boost::asio::buffer(input_.data() + filled_, input_.size() - filled_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
        self->on_read(error, size);
      });
}

void Session::on_read(const boost::system::error_code& error, std::size_t size) {
  reading_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) {
    interrupt(Interrupt::Reason::kDisconnect);
    close();
    return;
  }
  filled_ += size;
  process();
  read();
}

void Session::process() {
  while (!busy_ && phase_ != Phase::kClosed) {
    const bool processed = phase_ == Phase::kStartup ? process_startup()
                           : phase_ == Phase::kLogin ? process_login()
                                                     : process_message();
    if (!processed) return;
  }
}

// The next whole packet of `size`, or nothing: more bytes are needed, or the session has ended.
std::optional<std::string_view> Session::take(const Result<std::optional<std::size_t>>& size) {
  if (!size.ok()) {
    ++host_.counters.protocol_errors;
    refuse(
        size.error().code == ErrorCode::kLimitExceeded ? kProgramLimitExceeded : kProtocolViolation,
        size.error());
    return std::nullopt;
  }
  if (!size.value() || filled_ - consumed_ < *size.value()) return std::nullopt;
  const std::string_view packet(input_.data() + consumed_, *size.value());
  consumed_ += packet.size();
  if (std::exchange(awaits_rest_, false)) clear_deadline();
  return packet;
}

bool Session::process_startup() {
  const std::string_view bytes(input_.data() + consumed_, filled_ - consumed_);
  const auto packet = take(startup_packet_size(bytes));
  if (!packet) return false;
  const Result<StartupPacket> decoded = decode_startup(*packet);
  if (!decoded.ok()) {
    ++host_.counters.protocol_errors;
    refuse(
        decoded.error().code == ErrorCode::kUnsupported ? kFeatureNotSupported : kProtocolViolation,
        decoded.error());
  } else if (const auto* cancel = std::get_if<CancelRequest>(&decoded.value())) {
    ++host_.counters.cancel_requests;
    const auto target = host_.cancel_keys.find({cancel->process_id, cancel->secret_key});
    if (target) target->interrupt(Interrupt::Reason::kUser);
    close();
  } else if (const auto* startup = std::get_if<StartupMessage>(&decoded.value())) {
    on_startup(*startup);
  } else {
    on_encryption_request(std::holds_alternative<SslRequest>(decoded.value()));
  }
  return true;
}

// GSS encryption is not offered. Bytes that came along with an SSLRequest were not encrypted, and
// must not be taken for the first ones that are.
void Session::on_encryption_request(bool tls) {
  bool& asked = tls ? asked_tls_ : asked_gss_;
  const bool offered = tls && host_.tls != nullptr && !transport_.is_secure();
  if (asked || (offered && (reading_ || filled_ != consumed_))) {
    ++host_.counters.protocol_errors;
    return refuse(kProtocolViolation,
                  {ErrorCode::kInvalidArgument,
                   asked ? "encryption was asked for twice" : "unencrypted data after SSLRequest"});
  }
  asked = true;
  output_ += offered ? 'S' : 'N';
  if (offered) phase_ = Phase::kSecuring;
  write(false);
}

void Session::secure() {
  transport_.async_secure(host_.tls->current(),
                          [self = shared_from_this()](const boost::system::error_code& error) {
                            self->on_secured(error);
                          });
}

void Session::on_secured(const boost::system::error_code& error) {
  if (phase_ == Phase::kClosed) return;
  if (error) {
    ++host_.counters.protocol_errors;
    return close();
  }
  phase_ = Phase::kStartup;
  busy_ = false;
  read();
}

void Session::on_startup(const StartupMessage& startup) {
  if (!admitted_) {
    return refuse(kTooManyConnections,
                  {ErrorCode::kUnavailable, "sorry, too many clients already"});
  }
  if (startup.parameter("user").empty()) {
    return refuse(kInvalidAuthorization,
                  {ErrorCode::kInvalidArgument, "the startup packet has no user name"});
  }
  const std::optional<BackendKey> key = host_.cancel_keys.add(shared_from_this());
  if (!key) return refuse("XX000", {ErrorCode::kIo, "the system has no random numbers"});
  key_ = *key;
  const std::string_view user = startup.parameter("user");
  const std::string_view database = startup.parameter("database");
  facts_ = {std::string(user), std::string(database.empty() ? user : database),
            host_.server_version, key_.process_id};
  facts_.settings = SessionSettings(host_.statement_timeout);
  if (const Status set = facts_.settings.set_at_startup(startup.parameters); !set.ok()) {
    return refuse(kpi::server::pgwire::sqlstate(set.error()), set.error());
  }
  std::vector<std::string_view> unknown;
  for (const auto& [name, value] : startup.parameters) {
    if (name.substr(0, 5) == "_pq_.") unknown.push_back(name);
  }
  if (startup.minor_version > 0 || !unknown.empty()) {
    append_negotiate_protocol_version(output_, unknown);
  }
  application_name_ = startup.parameter("application_name");
  begin_login(std::string(user));
}

// On a thread of the store's: the session itself is for the io thread only.
void Session::tell_news(const std::weak_ptr<Session>& session, boost::asio::io_context& io) {
  boost::asio::post(io, [session] {
    if (const auto self = session.lock()) self->on_news();
  });
}

void Session::begin_login(std::string user) {
  Visitor visitor{entrance_, {}, transport_.is_secure(), {}};
  const auth::Gate* const gate = host_.login_rules.gate;
  if (entrance_ == auth::Entrance::kUnixSocket && gate != nullptr && gate->has_users()) {
    visitor.peer = peer_of(transport_.socket());
  }
  if (visitor.secure) visitor.end_point = transport_.end_point();
  login_.emplace(host_.login_rules, std::move(visitor), std::move(user));
  phase_ = Phase::kLogin;
  on_login(login_->begin(output_));
}

bool Session::process_login() {
  const std::string_view bytes(input_.data() + consumed_, filled_ - consumed_);
  const auto message = take(login_message_size(bytes));
  if (!message) return false;
  on_login(login_->on_message(*message, output_));
  return true;
}

void Session::on_login(Login::State state) {
  if (state == Login::State::kAdmitted) return welcome();
  if (state == Login::State::kWaiting) return write(false);
  ++host_.counters.logins_failed;
  log_event(LogLevel::kWarning, "login_failed",
            {{"user", facts_.user}, {"error", login_->error().message}});
  refuse(login_->sqlstate(), login_->error());
}

void Session::welcome() {
  facts_.is_admin = login_->principal().role == auth::Role::kAdmin;
  facts_.offers_tls = host_.tls != nullptr;
  const auth::Gate* const gate = host_.login_rules.gate;
  if (gate != nullptr && gate->has_users()) slot_user_ = login_->principal().name;
  login_.reset();
  append_authentication_ok(output_);
  append_parameter_status(output_, "server_version", host_.server_version);
  append_parameter_status(output_, "server_encoding", "UTF8");
  append_parameter_status(output_, "client_encoding", "UTF8");
  append_parameter_status(output_, "DateStyle", "ISO, MDY");
  append_parameter_status(output_, "TimeZone", "UTC");
  append_parameter_status(output_, "integer_datetimes", "on");
  append_parameter_status(output_, "standard_conforming_strings", "on");
  append_parameter_status(output_, "is_superuser", facts_.is_admin ? "on" : "off");
  append_parameter_status(output_, "session_authorization", facts_.user);
  append_parameter_status(output_, "application_name", application_name_);
  append_backend_key_data(output_, key_.process_id, key_.secret_key);
  append_ready_for_query(output_, TransactionStatus::kIdle);
  conversation_.emplace(host_.environment,
                        [weak = weak_from_this(), &io = host_.io] { tell_news(weak, io); });
  conversation_->state().facts = facts_;
  phase_ = Phase::kReady;
  clear_deadline();
  write(false);
}

bool Session::process_message() {
  const std::string_view bytes(input_.data() + consumed_, filled_ - consumed_);
  const auto message = take(message_size(bytes));
  if (!message) return false;
  const Result<FrontendMessage> decoded = decode_message(*message);
  if (decoded.ok()) {
    on_message(decoded.value());
  } else {
    ++host_.counters.protocol_errors;
    refuse(kProtocolViolation, decoded.error());
  }
  return true;
}

void Session::on_message(const FrontendMessage& message) {
  using Kind = FrontendMessage::Kind;
  switch (message.kind) {
    case Kind::kTerminate:
      return close();
    case Kind::kFlush:
      if (!output_.empty()) write(false);
      return;
    case Kind::kCopyData:
      return;
    case Kind::kQuery:
    case Kind::kExtended:
    case Kind::kSync:
      return begin_answer(message);
    case Kind::kOther:
      break;
  }
  ++host_.counters.protocol_errors;
  refuse(kProtocolViolation, {ErrorCode::kInvalidArgument,
                              "invalid frontend message type " + std::to_string(message.type)});
}

// One interrupt for all messages up to a Sync: a cancel that comes between two of them is not lost.
void Session::begin_answer(const FrontendMessage& message) {
  if (!interrupt_) interrupt_ = std::make_shared<Interrupt>();
  if (!conversation_->begin(message, interrupt_)) return;
  if (conversation_->counts_as_query()) take_slot();
  query_began_ = std::chrono::steady_clock::now();
  if (!conversation_->is_brief()) return run_next_piece();
  const std::size_t before = output_.size();
  const RunProgress progress = conversation_->next(output_);
  on_piece(progress, output_.size() - before);
}

// One too many is answered as if it were interrupted at once, with a reason of its own.
void Session::take_slot() {
  if (host_.slots == nullptr) return;
  slot_ = host_.slots->take(slot_user_);
  if (slot_ == nullptr) interrupt_->request(Interrupt::Reason::kUserLimit);
}

void Session::run_next_piece() {
  busy_ = true;
  if (!conversation_->follows()) {
    set_deadline(conversation_->state().facts.settings.statement_timeout(),
                 &Session::on_statement_timeout);
  }
  // The guard keeps the io thread waiting for the answer even when nothing else is left to do.
  boost::asio::post(host_.workers, [self = shared_from_this(), interrupt = interrupt_,
                                    guard = boost::asio::make_work_guard(host_.io)]() mutable {
    const std::uint64_t rows_before = self->conversation_->run().rows_sent();
    const std::size_t size_before = self->output_.size();
    const RunProgress progress = self->conversation_->next(self->output_);
    const std::size_t size = self->output_.size() - size_before;
    self->host_.counters.rows_sent += self->conversation_->run().rows_sent() - rows_before;
    // The session must not end on this thread: its socket and keys belong to the io thread.
    auto& io = self->host_.io;
    boost::asio::post(
        io, [self = std::move(self), progress, size]() mutable { self->on_piece(progress, size); });
  });
}

void Session::on_piece(RunProgress progress, std::size_t size) {
  clear_deadline();
  host_.counters.bytes_sent += size;
  if (phase_ == Phase::kClosed) return finish_answer(QueryOutcome::kCanceled);
  paused_ = progress == RunProgress::kWaiting;
  if (paused_) slot_.reset();  // Those who follow have a bound of their own.
  if (paused_) return output_.empty() ? await_news() : write(false);
  if (progress == RunProgress::kMore) return write(false);
  const bool send = conversation_->wants_flush() || output_.size() >= kReplyPieceBytes;
  finish_answer(conversation_->run().outcome());
  if (send) return write(false);
  const bool was_busy = std::exchange(busy_, false);
  if (!was_busy) return;  // Within process().
  process();
  read();
}

void Session::finish_answer(QueryOutcome outcome) {
  slot_.reset();
  if (conversation_->counts_as_query()) {
    ++host_.counters.queries[static_cast<std::size_t>(outcome)];
    const auto took = std::chrono::steady_clock::now() - query_began_;
    host_.counters.query_micros_sum += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  }
  if (conversation_->ends_group()) interrupt_.reset();
  conversation_->finish();
}

// A follow has sent what it had. No worker and no deadline are held meanwhile.
void Session::await_news() {
  if (std::exchange(news_, false) || interrupt_->reason() != Interrupt::Reason::kNone) {
    return run_next_piece();
  }
  waiting_ = true;
  read();
}

void Session::resume() {
  waiting_ = news_ = false;
  run_next_piece();
}

void Session::on_news() {
  news_ = true;
  if (waiting_) resume();
}

// While one follows nothing else is read off the socket for long: a client that sends on and on
// could leave without being noticed.
void Session::refuse_flood() {
  waiting_ = false;
  refuse(kProgramLimitExceeded, {ErrorCode::kLimitExceeded,
                                 "too many messages wait for the end of a statement that follows"});
}

void Session::write(bool close_after) {
  busy_ = true;
  // Until a client is known the time for all of its login runs on.
  if (phase_ == Phase::kReady) set_deadline(host_.write_timeout, &Session::close);
  transport_.async_write(boost::asio::buffer(output_),
                         [self = shared_from_this(), close_after](
                             const boost::system::error_code& error, std::size_t) {
                           self->on_written(error, close_after);
                         });
}

void Session::on_written(const boost::system::error_code& error, bool close_after) {
  output_.clear();
  const bool answering = conversation_ && conversation_->answering();
  if (output_.capacity() > kOutputKeptBytes && !answering) output_.shrink_to_fit();
  if (phase_ == Phase::kReady) clear_deadline();
  if (error || close_after) close();
  if (phase_ == Phase::kClosed) {
    if (answering) finish_answer(QueryOutcome::kCanceled);
    return;
  }
  if (phase_ == Phase::kSecuring) return secure();
  if (answering && paused_) return await_news();
  if (answering) return run_next_piece();
  busy_ = false;
  process();
  read();
}

void Session::refuse(std::string_view sqlstate, const Error& error) {
  append_diagnostic(output_, {Severity::kFatal, sqlstate, error.message, error.hint});
  write(true);
}

void Session::set_deadline(std::chrono::milliseconds after, void (Session::*expired)()) {
  ++deadline_generation_;  // One that expired but was not yet handled must not hit its successor.
  if (after.count() == 0) {
    deadline_.cancel();
    return;
  }
  deadline_.expires_after(after);
  deadline_.async_wait([weak = weak_from_this(), expired,
                        generation = deadline_generation_](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self && self->deadline_generation_ == generation) ((*self).*expired)();
  });
}

void Session::clear_deadline() {
  ++deadline_generation_;
  deadline_.cancel();
}

void Session::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  interrupt(Interrupt::Reason::kDisconnect);
  clear_deadline();
  transport_.close();
}

}  // namespace kpi::server::pgwire
