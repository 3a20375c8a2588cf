#include "server/serve.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include "kpi/assert.h"
#include "server/access.h"
#include "server/dialect/built_in_measure.h"
#include "server/http/http_server.h"
#include "server/operate/descriptors.h"
#include "server/operate/log.h"
#include "server/operate/notify.h"
#include "server/operate/signals.h"
#include "server/operate/space_watch.h"
#include "server/operate/wall_clock.h"
#include "server/progress.h"
#include "server/query_metrics.h"
#include "server/query_runner.h"
#include "server/settings.h"

namespace kpi::server {
namespace {

constexpr auto kWatchTick = std::chrono::milliseconds(1'000);
constexpr int kPingsPerWatchdog = 4;
constexpr auto kFailStopDrain = std::chrono::milliseconds(1'000);
constexpr auto kFailStopLimit = std::chrono::milliseconds(5'000);
constexpr auto kCloseLimit = std::chrono::milliseconds(5'000);  // After connections are drained.
constexpr auto kSpacePoll = std::chrono::milliseconds(500);

// Goes on while the machine sleeps: what ages, ages then as well.
std::int64_t steady_ms() {
  timespec now{};
  KPI_ASSERT(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void tell_clock_step(std::int64_t step_ms, bool held) {
  log_event(LogLevel::kWarning, "clock_step",
            {{"ms", std::to_string(step_ms)}, {"held", held ? "true" : "false"}});
}

// What ends the process: the first signal or the engine's fail-stop. Thread-safe.
class StopLatch {
 public:
  void signal(int number) {
    const std::lock_guard lock(mutex_);
    if (!signal_) signal_ = number;
    changed_.notify_all();
  }
  // The first call's status counts.
  void fail(int status) {
    const std::lock_guard lock(mutex_);
    if (!failed_) failed_ = status;
    changed_.notify_all();
  }
  // False: neither, so long.
  bool wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return failed_ || signal_; });
  }
  // The exit status, if the engine has failed.
  std::optional<int> failed() {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<int> signal_, failed_;
};

// The process must go in time, even if closing hangs on a sick disk: what was answered is safe.
class Watchdog {
 public:
  // The first call counts.
  void start(std::chrono::milliseconds limit) {
    if (thread_.joinable()) return;
    thread_ = std::thread([this, limit] {
      std::unique_lock lock(mutex_);
      if (!ended_.wait_for(lock, limit, [this] { return done_; })) _exit(kExitFailStop);
    });
  }
  ~Watchdog() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    ended_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::thread thread_;
};

class EnginePort final : public IngestPort {
 public:
  EnginePort(Engine& engine, SpaceWatch& space) : engine_(engine), space_(space) {}
  bool knows_request(std::string_view key) const override { return engine_.knows_request(key); }
  void submit(PendingAppend* chain) override {
    std::uint64_t bytes = 0;
    for (const PendingAppend* at = chain; at != nullptr; at = at->next) {
      bytes += at->batch.size_bytes();
    }
    engine_.submit(chain);
    space_.wrote(bytes);
  }

 private:
  Engine& engine_;
  SpaceWatch& space_;
};

std::uint64_t space_to_keep(const ServerOptions& options) {
  const std::optional<DiskSpace> disk = disk_space(options.data_dir);
  return min_free_bytes(options.min_free_bytes, disk ? disk->size_bytes : 0,
                        options.journal_bytes_max + options.live_bytes_max);
}

void announce(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void tell_failure(std::string_view event, const Error& error) {
  const bool bare = error.code == ErrorCode::kCorruption && error.hint.empty();
  log_event(LogLevel::kError, event,
            {{"error", error.message},
             {"hint", bare ? "kpi-admin verify tells what is damaged; then restore a backup, or "
                             "kpi-admin salvage"
                           : error.hint}});
}

int give_up(int status, std::string_view event, const Error& error) {
  tell_failure(event, error);
  return status;
}

// Damage that is met while tables are rewritten would be met again after every restart.
int fail_stop_status(const Error& error) {
  return error.code == ErrorCode::kCorruption ? kExitData : kExitFailStop;
}

// What the disk refuses now it may give at the next start.
int open_status(const Error& error) {
  if (error.code == ErrorCode::kBusy) return kExitBusy;
  return error.code == ErrorCode::kIo ? kExitFailStop : kExitData;
}

std::string endpoint_name(const Endpoint& endpoint) {
  if (endpoint.is_unix) return "unix:" + endpoint.path;
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' + std::to_string(endpoint.port);
}

// Addresses were checked by validate().
std::vector<Endpoint> endpoints(const std::vector<std::string>& texts) {
  std::vector<Endpoint> parsed;
  for (const std::string& text : texts) parsed.push_back(parse_endpoint(text).value());
  return parsed;
}

// The server's parts in the order they come up; the destructor takes them down in reverse.
class Process {
 public:
  // Both outlive the process.
  Process(const ServerOptions& options, const Access& access)
      : options_(options),
        access_(access),
        start_ms_(wall_clock().now_ms()),
        signals_([this](int number) { stop_.signal(number); }, [this] { reload(); }),
        space_(options.data_dir, space_to_keep(options),
               [this](bool is_short, std::uint64_t free) { tell_space(is_short, free); }),
        labels_(label_rules(options), label_aliases(options)),
        http_(http_options(options, access), labels_, health_) {}

  // Nothing may ask the engine any more when it goes.
  ~Process() { http_.stop(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int run() {
    if (Status status = listen_http(); !status.ok()) {
      return give_up(kExitAddress, "listen_failed", status.error());
    }
    if (!wait_for_space()) return 0;
    if (Status status = open_engine(); !status.ok()) {
      return give_up(open_status(status.error()), "open_failed", status.error());
    }
    if (Status status = listen_query(); !status.ok()) {
      return give_up(kExitAddress, "listen_failed", status.error());
    }
    health_.advance(Phase::kReady);
    wall_clock().tell(tell_clock_step);
    announce("ready");
    log_event(LogLevel::kInfo, "ready");
    notifier_.ready("ready");
    watch();
    notifier_.stopping("closing");
    const std::optional<int> failed = stop_.failed();
    const int status = failed ? fail_stop(*failed) : shut_down();
    log_suppressed(true);
    return status;
  }

 private:
  // Until a signal or a write error. A manager that waits for pings gets one a tick, and none while
  // a part stands still.
  void watch() {
    progress_.emplace(*engine_, http_);
    const bool watched = notifier_.watchdog().count() > 0;
    const auto quarter = std::chrono::duration_cast<std::chrono::milliseconds>(
        notifier_.watchdog() / kPingsPerWatchdog);
    const auto tick = watched ? std::min(kWatchTick, quarter) : kWatchTick;
    while (!stop_.wait_for(tick)) {
      (void)wall_clock().now_ms();  // A step is noticed while nobody sends.
      log_suppressed(false);
      if (watched && progress_->check()) notifier_.ping();
    }
  }

  void reload() {
    const bool ready = health_.ready();  // A start under way says so itself.
    if (ready) notifier_.reloading("reloading");
    reload_access(access_);
    if (ready) notifier_.ready("ready");
  }

  Status listen_http() {
    for (const Endpoint& endpoint : endpoints(options_.http)) {
      if (Status status = http_.listen(endpoint); !status.ok()) return status;
    }
    for (const Endpoint& endpoint : endpoints(options_.http_proxy_protocol)) {
      if (Status status = http_.listen(endpoint, true); !status.ok()) return status;
    }
    std::size_t plain = options_.http.size();
    for (const std::string& name : http_.names()) {
      announce((plain > 0 ? "listening http " : "listening proxied ") + name);
      plain -= plain > 0 ? 1 : 0;
    }
    http_.start([this] { return page(); });
    return ok_status();
  }

  void tell_space(bool is_short, std::uint64_t free_bytes) {
    health_.set_read_only(is_short);
    log_event(is_short ? LogLevel::kError : LogLevel::kInfo,
              is_short ? "disk_nearly_full" : "disk_space_back",
              {{"free_bytes", std::to_string(free_bytes)},
               {"min_free_bytes", std::to_string(space_.min_free())}});
  }

  // On a full disk a store cannot be opened to write. False: a signal came first.
  bool wait_for_space() {
    while (space_.check() && space_.free_bytes() < opening_bytes(space_.min_free())) {
      if (!stop_.wait_for(kSpacePoll)) continue;
      health_.advance(Phase::kClosing);
      return false;
    }
    space_.start();
    return true;
  }

  Status open_engine() {
    EngineOptions engine = engine_options(options_);
    engine.now_ms = [] { return wall_clock().now_ms(); };
    engine.steady_ms = steady_ms;
    engine.short_of_space = [this] { return space_.check(); };
    if (access_.clients) {
      engine.keeps_name = [this](std::string_view rp, std::string_view client) {
        return access_.clients->clients()->names(rp, client);
      };
    }
    engine.keeps_measure = is_built_in_measure;
    engine.on_fatal = [this](const Error& error) {
      const int status = fail_stop_status(error);
      exit_on_abort(status);
      health_.advance(Phase::kFailed);
      tell_failure("fail_stop", error);
      stop_.fail(status);
    };
    const std::int64_t begin_ms = wall_clock().now_ms();
    auto opened = Engine::open(std::move(engine));
    if (!opened.ok()) return std::move(opened).error();
    log_event(LogLevel::kInfo, "opened",
              {{"ms", std::to_string(wall_clock().now_ms() - begin_ms)}});
    engine_ = std::move(opened).value();
    if (Status known = load_used_tokens(); !known.ok()) return known;
    port_.emplace(*engine_, space_);
    http_.set_store(
        *port_,
        make_query_runner(*engine_, options_.result_rows_max, options_.min_group_size_reader,
                          value_aliases(options_)),
        {[this] { return engine_->documents(); },
         [this](FollowRequest request) { return engine_->follow(std::move(request)); }});
    const std::lock_guard lock(page_mutex_);
    page_engine_ = engine_.get();
    return ok_status();
  }

  Status load_used_tokens() {
    const auto tickets = engine_->tickets(kUsedTokensMax);
    if (!tickets.ok()) return tickets.error();
    access_.tokens->used().load(tickets.value());
    return ok_status();
  }

  Status listen_query() {
    if (options_.query.empty()) return ok_status();
    pgwire::QueryServerOptions query = query_options(options_);
    query.login_rules = {access_.gate.get(), options_.tls_required};
    query.tls = access_.tls.get();
    query.slots = access_.slots.get();
    auto listening =
        pgwire::QueryServer::listen(endpoints(options_.query), *engine_, std::move(query));
    if (!listening.ok()) return std::move(listening).error();
    query_ = std::move(listening).value();
    for (const Endpoint& endpoint : query_->endpoints()) {
      announce("listening query " + endpoint_name(endpoint));
    }
    const std::lock_guard lock(page_mutex_);
    page_query_ = query_.get();
    return ok_status();
  }

  int shut_down() {
    log_event(LogLevel::kInfo, "closing");
    health_.advance(Phase::kClosing);
    const auto drain = std::chrono::milliseconds(options_.drain_timeout_ms);
    watchdog_.start(drain + kCloseLimit);
    if (!http_.drain(drain)) {
      log_event(LogLevel::kWarning, "drain_incomplete");
    }
    const Status status = close_parts();
    if (!status.ok()) {
      return give_up(fail_stop_status(status.error()), "close_failed", status.error());
    }
    log_event(LogLevel::kInfo, "closed");
    return 0;
  }

  int fail_stop(int status) {
    watchdog_.start(kFailStopLimit);
    http_.drain(kFailStopDrain);
    if (Status closed = close_parts(); !closed.ok()) tell_failure("close_failed", closed.error());
    return status;
  }

  // The engine answers its last commits through the io threads, so these end after it.
  Status close_parts() {
    if (query_) query_->stop();
    Status status = engine_->close();
    http_.stop();
    return status;
  }

  std::string page() {
    MetricsInput input;
    http_.describe(input);
    input.start_ms = start_ms_;
    input.clock_steps_forward = wall_clock().steps_forward();
    input.clock_steps_back = wall_clock().steps_back();
    input.clock_held_ms = wall_clock().held_ms();
    input.disk_free_bytes = space_.free_bytes();
    input.disk_min_free_bytes = space_.min_free();
    const std::lock_guard lock(page_mutex_);
    if (page_engine_ != nullptr) input.engine = page_engine_->stats();
    std::string text = metrics_page(input);
    text += statements_metrics_page(*access_.slots);
    if (page_query_ != nullptr) text += query_metrics_page(page_query_->counters());
    return text;
  }

  const ServerOptions& options_;
  const Access& access_;
  const std::int64_t start_ms_;
  const Notifier notifier_ = Notifier::from_environment();
  StopLatch stop_;
  Watchdog watchdog_;
  Health health_;
  SignalThread signals_;  // Before every other thread.
  SpaceWatch space_;      // Told by the engine; told of health.
  LabelGate labels_;
  HttpServer http_;
  std::optional<Progress> progress_;  // Told by the engine until it is closed.
  std::unique_ptr<Engine> engine_;
  std::optional<EnginePort> port_;
  std::unique_ptr<pgwire::QueryServer> query_;
  std::mutex page_mutex_;
  Engine* page_engine_ = nullptr;
  pgwire::QueryServer* page_query_ = nullptr;
};

// Rather fewer connections than a store that cannot open its files.
ServerOptions fitted(ServerOptions options) {
  const std::uint64_t limit = raise_descriptor_limit();
  const std::uint64_t fit =
      connections_within(limit, options.connections_max, options.query_connections_max);
  if (fit < options.connections_max) {
    log_event(LogLevel::kWarning, "connections_lowered",
              {{"connections_max", std::to_string(fit)}, {"open_files", std::to_string(limit)}});
    options.connections_max = fit;
  }
  return options;
}

}  // namespace

int serve(const ServerOptions& given) {
  const ServerOptions options = fitted(given);
  const auto access = open_access(options);
  if (!access.ok()) return give_up(kExitUsage, "access_failed", access.error());
  warn_of_clear_text(options);
  Process process(options, access.value());
  return process.run();
}

}  // namespace kpi::server
