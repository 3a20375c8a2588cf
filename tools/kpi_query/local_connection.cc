#include "tools/kpi_query/local_connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "kpi/engine.h"
#include "tools/kpi_query/stop_signal.h"

namespace kpi::tools {
namespace {

// Requests a stop on Ctrl-C or when the time is up, until it is destroyed.
class Watch {
 public:
  explicit Watch(std::chrono::milliseconds timeout)
      : done_(eventfd(0, EFD_CLOEXEC)), thread_([this, timeout] { watch(timeout); }) {}
  ~Watch() {
    eventfd_write(done_, 1);
    thread_.join();
    close(done_);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  std::stop_token token() const { return source_.get_token(); }
  bool timed_out() const { return timed_out_; }

 private:
  void watch(std::chrono::milliseconds timeout) {
    pollfd fds[2] = {{done_, POLLIN, 0}, {StopSignal::fd(), POLLIN, 0}};
    const int ready = poll(fds, 2, timeout.count() > 0 ? static_cast<int>(timeout.count()) : -1);
    if (fds[0].revents != 0 && ready > 0) return;
    timed_out_ = ready == 0;
    source_.request_stop();
  }

  const int done_;
  std::stop_source source_;
  std::atomic<bool> timed_out_{false};
  std::thread thread_;
};

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class LocalConnection final : public Connection {
 public:
  LocalConnection(std::unique_ptr<Engine> engine, std::string dir)
      : engine_(std::move(engine)), dir_(std::move(dir)) {}

  std::optional<Failure> run(std::string_view statement, std::chrono::milliseconds timeout,
                             ResultSink& sink) override {
    auto parsed = query::parse(statement);
    if (!parsed.ok()) return Failure{std::move(parsed).error()};
    const Watch watch(timeout);
    for (const query::Statement& each : parsed.value()) {
      if (query::follows(each)) return Failure{following_error()};
      query::Options options;
      options.now_ms = wall_clock_ms();
      options.stop = watch.token();
      Result<query::Table> result = query::run(each, *engine_, options);
      if (!result.ok()) return failed(result.error(), watch);
      query::Table table = std::move(result).value();
      sink.begin(std::move(table.columns));
      if (!table.rows.empty() && !sink.rows(std::move(table.rows))) return unwanted_failure();
      sink.end(std::move(table.command_tag), std::move(table.notes));
    }
    return std::nullopt;
  }

  std::string describe() const override { return dir_ + " (read-only)"; }

 private:
  static Error following_error() {
    return {ErrorCode::kInvalidArgument,
            "following needs a server: a data directory is read as it is now",
            "connect to the kpi-server that writes it, with -h and -p"};
  }

  static Failure failed(const Error& error, const Watch& watch) {
    if (error.code != ErrorCode::kCanceled) return {error};
    if (watch.timed_out()) {
      return {{ErrorCode::kCanceled, "no answer within the time of --timeout"},
              ExitCode::kNoConnection};
    }
    return {{ErrorCode::kCanceled, "interrupted"}, ExitCode::kInterrupted};
  }

  std::unique_ptr<Engine> engine_;
  std::string dir_;
};

}  // namespace

std::variant<std::unique_ptr<Connection>, Failure> open_directory(const Options& options) {
  EngineOptions engine_options;
  engine_options.dir = options.data_dir;
  engine_options.read_only = true;
  engine_options.create_if_missing = false;
  auto engine = Engine::open(std::move(engine_options));
  if (!engine.ok()) return Failure{std::move(engine).error(), ExitCode::kNoConnection};
  return std::make_unique<LocalConnection>(std::move(engine).value(), options.data_dir);
}

}  // namespace kpi::tools
