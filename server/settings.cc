#include "server/settings.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "server/operate/log.h"

namespace kpi::server {
namespace {

LogLevel log_level(EngineOptions::LogLevel level) {
  switch (level) {
    case EngineOptions::LogLevel::kDebug:
      return LogLevel::kDebug;
    case EngineOptions::LogLevel::kInfo:
      return LogLevel::kInfo;
    case EngineOptions::LogLevel::kWarning:
      return LogLevel::kWarning;
    case EngineOptions::LogLevel::kError:
      return LogLevel::kError;
  }
  return LogLevel::kError;
}

// The committer and the queries want a core too.
int io_threads(std::uint64_t configured) {
  if (configured != 0) return static_cast<int>(configured);
  const unsigned cores = std::max(std::thread::hardware_concurrency(), 1U);
  return cores <= 2 ? 1 : static_cast<int>(cores - 1);
}

DialectOptions dialect_options(const ServerOptions& options) {
  DialectOptions dialect;
  dialect.routes.clear();
  for (const std::string& path : options.metrics_paths) {
    dialect.routes.push_back({path, Route::kFedcm, options.body_bytes_max});
  }
  dialect.routes.push_back({"/reports", Route::kReporting, options.body_bytes_max});
  dialect.routes.push_back(
      {"/wsapi/interaction_data", Route::kBrowserid, options.browserid_body_bytes_max});
  dialect.routes.push_back({"/v1/events", Route::kBulk, options.bulk_body_bytes_max});
  dialect.timing_ms_max = static_cast<std::uint32_t>(options.timing_ms_max);
  dialect.require_webidentity = options.require_webidentity;
  dialect.require_same_origin = options.require_same_origin || options.require_webidentity;
  dialect.require_https = options.require_https;
  dialect.clients_lenient = options.clients_mode == "low";
  return dialect;
}

LabelRule label_rule(const std::string& text) {
  const std::size_t equals = text.find('=');
  LabelRule rule{text.substr(0, equals)};
  if (equals == std::string::npos) return rule;
  std::size_t begin = equals + 1;
  while (begin < text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    if (comma > begin) rule.values.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return rule;
}

}  // namespace

EngineOptions engine_options(const ServerOptions& options) {
  EngineOptions engine;
  engine.dir = options.data_dir;
  engine.durability = options.durability == "os" ? Durability::kOs : Durability::kFsync;
  engine.journal_bytes_max = options.journal_bytes_max;
  engine.live_bytes_max = options.live_bytes_max;
  engine.block_cache_bytes = options.block_cache_bytes;
  engine.write_buffer_bytes = options.write_buffer_bytes;
  engine.settle_ms = static_cast<std::int64_t>(options.settle_ms);
  engine.dedup_window_ms = static_cast<std::int64_t>(options.dedup_window_ms);
  engine.dedup_entries_max = options.dedup_entries_max;
  engine.name_limits = {options.rps_max,      options.clients_max, options.series_max,
                        options.measures_max, options.labels_max,  options.label_values_max};
  engine.retention_raw_days = static_cast<int>(options.retention_raw_days);
  engine.retention_minute_days = static_cast<int>(options.retention_minute_days);
  engine.retention_hour_days = static_cast<int>(options.retention_hour_days);
  engine.retention_day_days = static_cast<int>(options.retention_day_days);
  engine.drop_rollups = options.rollup_labels == std::vector<std::string>{kNoRollups};
  if (!engine.drop_rollups) engine.rollup_labels = options.rollup_labels;
  engine.log = [](EngineOptions::LogLevel level, std::string_view message) {
    log_event(log_level(level), "engine", {{"message", std::string(message)}});
  };
  engine.scrub_bytes_per_second = options.scrub_rate;
  engine.scrub_every_ms = static_cast<std::int64_t>(options.scrub_every_ms);
  engine.on_damage = [](const Error& error) {
    log_event(LogLevel::kError, "scrub_damage", {{"error", error.message}, {"hint", error.hint}});
  };
  return engine;
}

HttpOptions http_options(const ServerOptions& options, const Access& access) {
  HttpOptions http;
  http.gate = access.gate.get();
  http.slots = access.slots.get();
  http.tokens = access.tokens.get();
  http.trusted_proxies = TrustedPeers::parse(options.trusted_proxies).value();
  http.rates = {options.sender_rate, options.rp_rate, options.total_rate,
                static_cast<std::int64_t>(options.rate_burst_ms)};
  http.keep_trust =
      options.token_mode != "off" || options.require_webidentity || !options.clients_file.empty();
  http.dialect = dialect_options(options);
  http.dialect.clients = access.clients.get();
  http.request_id_peers = TrustedPeers::parse(options.trust_request_id).value();
  http.request_id_header = options.request_id_header;
  http.header_bytes_max = options.header_bytes_max;
  http.body_memory_bytes_max = options.body_memory_bytes_max;
  http.connections_max = options.connections_max;
  http.connections_per_sender = options.connections_per_sender;
  http.streams_max = options.streams_max;
  http.min_group_size_reader = options.min_group_size_reader;
  http.events_in_flight_max = options.events_in_flight_max;
  http.header_timeout_ms = static_cast<std::int64_t>(options.header_timeout_ms);
  http.body_timeout_ms = static_cast<std::int64_t>(options.body_timeout_ms);
  http.bulk_timeout_ms = static_cast<std::int64_t>(options.bulk_timeout_ms);
  http.idle_timeout_ms = static_cast<std::int64_t>(options.idle_timeout_ms);
  http.write_timeout_ms = static_cast<std::int64_t>(options.write_timeout_ms);
  http.io_threads = io_threads(options.io_threads);
  http.query.threads = options.query_threads;
  http.query.queue_max = options.query_queue_max;
  http.query.timeout = std::chrono::milliseconds(options.statement_timeout_ms);
  return http;
}

pgwire::QueryServerOptions query_options(const ServerOptions& options) {
  pgwire::QueryServerOptions query;
  query.version = KPI_VERSION;
  query.worker_threads = options.query_threads;
  query.rows_max = options.result_rows_max;
  query.connections_max = options.query_connections_max;
  query.follows_max = options.follows_max;
  query.min_group_size_reader = options.min_group_size_reader;
  query.aliases = value_aliases(options);
  query.statement_timeout = std::chrono::milliseconds(options.statement_timeout_ms);
  return query;
}

std::vector<LabelRule> label_rules(const ServerOptions& options) {
  if (options.labels.empty()) return default_label_rules();
  std::vector<LabelRule> rules;
  for (const std::string& text : options.labels) rules.push_back(label_rule(text));
  return rules;
}

std::vector<LabelAlias> label_aliases(const ServerOptions& options) {
  std::vector<LabelAlias> aliases = default_label_aliases();
  for (const std::string& text : options.label_aliases) {
    aliases.push_back(parse_label_alias(text).value());
  }
  return aliases;
}

std::shared_ptr<const std::vector<query::ValueAlias>> value_aliases(const ServerOptions& options) {
  std::map<std::pair<std::string, std::string>, std::string> stored;
  for (const LabelAlias& alias : label_aliases(options)) {
    stored[{alias.label, alias.value}] = alias.stored;
  }
  auto aliases = std::make_shared<std::vector<query::ValueAlias>>();
  for (const auto& [name, kept] : stored) {
    if (name.second != kept) aliases->push_back({name.first, name.second, kept});
  }
  return aliases;
}

}  // namespace kpi::server
