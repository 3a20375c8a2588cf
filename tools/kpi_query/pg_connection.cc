#include "tools/kpi_query/pg_connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tools/kpi_query/pg_result.h"
#include "tools/kpi_query/stop_signal.h"
#include "tools/prompt/quiet_terminal.h"

namespace kpi::tools {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kConnectTimeout{10'000};
constexpr std::chrono::milliseconds kCancelGrace{2'000};  // For the server to answer a cancel.
constexpr std::size_t kRowsPerBatch = 1000;
constexpr std::string_view kFatal = "FATAL:  ";  // libpq's, before the server's last words.

struct Closes {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Handle = std::unique_ptr<PGconn, Closes>;
using ResultHandle = std::unique_ptr<PGresult, Closes>;

enum class Woken { kSocket, kStop, kTimeout };

// stop = false: Ctrl-C is known already and no longer waited for.
Woken wait(PGconn* connection, short events, std::optional<Clock::time_point> deadline, bool stop) {
  pollfd fds[2] = {{PQsocket(connection), events, 0}, {StopSignal::fd(), POLLIN, 0}};
  for (;;) {
    int left_ms = -1;
    if (deadline) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now());
      left_ms = static_cast<int>(std::max<std::int64_t>(left.count() + 1, 0));
    }
    const int ready = poll(fds, stop ? 2 : 1, left_ms);
    if (stop && StopSignal::requested()) return Woken::kStop;
    if (ready > 0 && fds[0].revents != 0) return Woken::kSocket;
    if (ready == 0) return Woken::kTimeout;
  }
}

void keep_notice(void* notes, const PGresult* result) {
  const char* const text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text != nullptr) static_cast<std::vector<std::string>*>(notes)->emplace_back(text);
}

class PgConnection final : public Connection {
 public:
  explicit PgConnection(Handle handle) : handle_(std::move(handle)) {
    PQsetNoticeReceiver(handle_.get(), keep_notice, &notes_);
  }

  std::optional<Failure> run(std::string_view statement, std::chrono::milliseconds timeout,
                             ResultSink& sink) override {
    if (PQstatus(handle_.get()) != CONNECTION_OK) PQreset(handle_.get());
    const std::string text(statement);
    stopped_ = Woken::kSocket;
    if (PQsendQuery(handle_.get(), text.c_str()) != 1) return lost(ExitCode::kNoConnection);
    PQsetSingleRowMode(handle_.get());
    std::optional<Clock::time_point> deadline;
    if (timeout.count() > 0) deadline = Clock::now() + timeout;
    answer_ = {};
    notes_.clear();
    std::optional<Failure> failure;
    for (;;) {
      if (!wait_for_result(deadline, sink)) return lost(ExitCode::kIncomplete);
      const ResultHandle result(PQgetResult(handle_.get()));
      if (!result) break;
      std::optional<Failure> failed = take(result.get(), statement, sink);
      if (failed && !failure) failure = std::move(failed);
    }
    if (answer_.unwanted) return unwanted_failure();
    // Rows were dropped after a stop, also where the server had nothing left to cancel.
    if (!failure && stopped_ != Woken::kSocket) return stop_failure();
    return failure;
  }

  std::string describe() const override {
    const char* const version = PQparameterStatus(handle_.get(), "server_version");
    return std::string(version != nullptr ? version : "unknown server") + " at " +
           PQhost(handle_.get()) + ":" + PQport(handle_.get());
  }

 private:
  // The result that is under way.
  struct Answer {
    std::vector<query::Column> columns;
    Rows rows;  // Not handed over yet.
    bool begun = false, unwanted = false;
  };

  std::optional<Failure> take(const PGresult* result, std::string_view statement,
                              ResultSink& sink) {
    switch (PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
      case PGRES_TUPLES_OK:
        take_rows(result, sink);
        return std::nullopt;
      case PGRES_COMMAND_OK:
        sink.begin({});
        sink.end(PQcmdStatus(const_cast<PGresult*>(result)), std::exchange(notes_, {}));
        return std::nullopt;
      case PGRES_EMPTY_QUERY:
        return std::nullopt;
      case PGRES_COPY_OUT:
        drain_copy();
        return Failure{{ErrorCode::kUnsupported, "COPY is for PostgreSQL's own clients",
                        "select the rows with --format csv"}};
      default:
        return failed(result, statement);
    }
  }

  void take_rows(const PGresult* result, ResultSink& sink) {
    if (!answer_.begun) {
      answer_.begun = true;
      answer_.columns = columns_of(result);
      sink.begin(answer_.columns);
    }
    append_rows(result, answer_.columns, answer_.rows);
    const bool last = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (last || answer_.rows.size() >= kRowsPerBatch) hand_over(sink);
    if (!last || stopped_ != Woken::kSocket || answer_.unwanted) return;
    sink.end(PQcmdStatus(const_cast<PGresult*>(result)), std::exchange(notes_, {}));
    answer_ = {};
  }

  void hand_over(ResultSink& sink) {
    Rows rows = std::exchange(answer_.rows, {});
    if (rows.empty() || stopped_ != Woken::kSocket || answer_.unwanted) return;
    if (sink.rows(std::move(rows))) return;
    answer_.unwanted = true;
    stop(Woken::kStop);
  }

  void drain_copy() {
    char* data = nullptr;
    while (PQgetCopyData(handle_.get(), &data, 0) > 0) PQfreemem(data);
  }

  // False: the connection is gone, or the server does not answer a cancel.
  bool wait_for_result(std::optional<Clock::time_point> deadline, ResultSink& sink) {
    while (PQisBusy(handle_.get()) == 1) {
      hand_over(sink);  // Nothing more is here for now: what is, is due.
      const bool waiting = stopped_ == Woken::kSocket;
      const Woken woken = wait(handle_.get(), POLLIN, waiting ? deadline : grace_end_, waiting);
      if (woken == Woken::kSocket) {
        if (PQconsumeInput(handle_.get()) != 1) return false;
      } else if (waiting) {
        stop(woken);
      } else {
        return false;
      }
    }
    return true;
  }

  void stop(Woken why) {
    stopped_ = why;
    grace_end_ = Clock::now() + kCancelGrace;
    PGcancel* const cancel = PQgetCancel(handle_.get());
    if (cancel == nullptr) return;
    char ignored[256];
    PQcancel(cancel, ignored, sizeof(ignored));
    PQfreeCancel(cancel);
  }

  Failure failed(const PGresult* result, std::string_view statement) {
    if (PQstatus(handle_.get()) != CONNECTION_OK) return lost(ExitCode::kIncomplete);
    Failure failure = to_failure(result, statement);
    if (failure.error.code == ErrorCode::kCanceled && stopped_ != Woken::kSocket) {
      failure = stop_failure();
    }
    return failure;
  }

  Failure stop_failure() const {
    if (stopped_ == Woken::kStop) {
      return {{ErrorCode::kCanceled, "interrupted"}, ExitCode::kInterrupted};
    }
    return {{ErrorCode::kCanceled, "no answer within the time of --timeout"},
            ExitCode::kNoConnection};
  }

  Failure lost(ExitCode exit) {
    if (stopped_ != Woken::kSocket) {
      PQreset(handle_.get());  // The unanswered statement would be in the way of the next one.
      return stop_failure();
    }
    std::string message = PQerrorMessage(handle_.get());
    message.erase(message.find_last_not_of(" \n") + 1);
    if (message.rfind(kFatal, 0) == 0) message.erase(0, kFatal.size());
    return {{ErrorCode::kUnavailable, message.substr(0, message.find('\n'))}, exit};
  }

  std::vector<std::string> notes_;  // Of the running statement, for its end.
  Answer answer_;
  Handle handle_;
  Woken stopped_ = Woken::kSocket;  // Why the running statement was canceled; kSocket: it was not.
  Clock::time_point grace_end_;
};

bool given(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// What the flags and the environment leave open is the server's default address.
struct Parameters {
  std::vector<const char*> names, values;
  void add(const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  }
};

Parameters connection_parameters(const Options& options, const std::string& password) {
  Parameters parameters;
  const bool service = given("PGSERVICE");
  std::string host = options.host;
  if (!host.empty()) {
    parameters.add("host", options.host.c_str());
  } else if (!given("PGHOST") && !given("PGHOSTADDR") && !service) {
    parameters.add("host", "127.0.0.1");
  } else if (given("PGHOST")) {
    host = std::getenv("PGHOST");
  }
  const bool directory = !host.empty() && (host[0] == '/' || host[0] == '@');
  if (!options.port.empty()) {
    parameters.add("port", options.port.c_str());
  } else if (!given("PGPORT") && !service) {
    parameters.add("port", directory ? "5432" : "5433");
  }
  if (!options.user.empty()) parameters.add("user", options.user.c_str());
  if (!options.database.empty()) {
    parameters.add("dbname", options.database.c_str());
  } else if (!given("PGDATABASE") && !service) {
    parameters.add("dbname", "kpi");
  }
  if (!password.empty()) parameters.add("password", password.c_str());
  parameters.add("fallback_application_name", "kpi-query");
  parameters.add("client_encoding", "UTF8");
  parameters.add("connect_timeout", "10");  // Of a later connection in place of a lost one.
  parameters.add(nullptr, nullptr);
  return parameters;
}

Failure connect_failure(PGconn* connection) {
  std::string message = PQerrorMessage(connection);
  message.erase(message.find_last_not_of(" \n") + 1);
  const bool authentication = PQconnectionNeedsPassword(connection) == 1 ||
                              PQconnectionUsedPassword(connection) == 1 ||
                              message.find("authentication failed") != std::string::npos;
  const bool answered = message.find("FATAL:") != std::string::npos;
  return {{ErrorCode::kUnavailable, message.substr(0, message.find('\n')),
           authentication ? "set PGPASSWORD or ~/.pgpass"
           : answered     ? ""
                          : "is kpi-server running? -h and -p say where"},
          authentication ? ExitCode::kAuthentication : ExitCode::kNoConnection};
}

struct PasswordNeeded {
  std::string user;
};
using Attempt = std::variant<Handle, Failure, PasswordNeeded>;

// `password`: empty is as the environment and the password file have it.
Attempt attempt(const Options& options, const std::string& password) {
  const Parameters parameters = connection_parameters(options, password);
  Handle handle(PQconnectStartParams(parameters.names.data(), parameters.values.data(), 0));
  const auto deadline =
      Clock::now() + (options.timeout.count() > 0 ? options.timeout : kConnectTimeout);
  for (PostgresPollingStatusType status = PGRES_POLLING_WRITING; status != PGRES_POLLING_OK;) {
    if (PQstatus(handle.get()) == CONNECTION_BAD || status == PGRES_POLLING_FAILED) {
      if (PQconnectionNeedsPassword(handle.get()) == 1) return PasswordNeeded{PQuser(handle.get())};
      return connect_failure(handle.get());
    }
    const short events = status == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
    switch (wait(handle.get(), events, deadline, true)) {
      case Woken::kStop:
        return Failure{{ErrorCode::kCanceled, "interrupted"}, ExitCode::kInterrupted};
      case Woken::kTimeout:
        return Failure{{ErrorCode::kUnavailable, "the server does not answer"},
                       ExitCode::kNoConnection};
      case Woken::kSocket:
        status = PQconnectPoll(handle.get());
    }
  }
  return handle;
}

}  // namespace

std::variant<std::unique_ptr<Connection>, Failure> connect_to_server(const Options& options) {
  Attempt tried = attempt(options, "");
  if (const auto* needed = std::get_if<PasswordNeeded>(&tried)) {
    std::optional<std::string> password;
    if (QuietTerminal terminal; terminal.ok()) {
      password = terminal.ask("Password of " + needed->user + ": ");
    }
    if (password && !password->empty()) tried = attempt(options, *password);
  }
  if (auto* failure = std::get_if<Failure>(&tried)) return std::move(*failure);
  if (auto* handle = std::get_if<Handle>(&tried)) {
    return std::make_unique<PgConnection>(std::move(*handle));
  }
  return Failure{
      {ErrorCode::kUnavailable, "the server asks for a password", "set PGPASSWORD or ~/.pgpass"},
      ExitCode::kAuthentication};
}

}  // namespace kpi::tools
