// Everything an operator can set, with its defaults. option_table.h says how each is spelled.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace kpi::server {

inline constexpr const char* kNoRollups = "none";  // As the only one of rollup_labels: drop all.

// Sizes in bytes, times in ms, unless the name says otherwise. Ranges stand in the option table.
struct ServerOptions {
  std::vector<std::string> http = {"127.0.0.1:8090"};
  std::vector<std::string> http_proxy_protocol;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> query = {"127.0.0.1:5433"};

  std::string token_keys_file;  // Empty: no tokens.
  std::string token_mode = "off";
  std::uint64_t token_lifetime_ms = 600'000;

  std::string users_file;                // Empty: no users; then only this machine may ask.
  std::string tls_certificate, tls_key;  // Both or none: of the query sockets.
  bool tls_required = false;

  std::string data_dir;
  std::string durability = "fsync";
  std::uint64_t journal_bytes_max = 64U << 20;
  std::uint64_t live_bytes_max = 128U << 20;
  std::uint64_t block_cache_bytes = 64U << 20;
  std::uint64_t write_buffer_bytes = 16U << 20;
  std::uint64_t settle_ms = 10'000;
  std::uint64_t min_free_bytes = 0;  // 0: by the size of the disk and the budgets above.

  std::uint64_t retention_raw_days = 30;  // 0: for ever, here and below.
  std::uint64_t retention_minute_days = 7;
  std::uint64_t retention_hour_days = 400;
  std::uint64_t retention_day_days = 0;
  std::vector<std::string> rollup_labels;

  std::uint64_t scrub_rate = 4U << 20;  // Bytes a second; 0: off.
  std::uint64_t scrub_every_ms = 7 * 24 * 3'600'000ULL;

  std::vector<std::string> trust_request_id;  // Peers; empty: of nobody.
  std::string request_id_header = "X-Request-ID";
  std::uint64_t dedup_window_ms = 3'600'000;
  std::uint64_t dedup_entries_max = 1'000'000;

  std::vector<std::string> metrics_paths = {"/metrics_endpoint", "/metrics", "/fedcm/metrics"};
  std::vector<std::string> labels;         // Empty: the built-in list.
  std::vector<std::string> label_aliases;  // Beside the built-in ones.
  std::uint64_t timing_ms_max = 600'000;
  bool require_webidentity = false;
  bool require_same_origin = false;
  bool require_https = false;
  std::string clients_file;  // Empty: any client.
  std::string clients_mode = "refuse";

  std::uint64_t body_bytes_max = 64U << 10;
  std::uint64_t browserid_body_bytes_max = 10'240;
  std::uint64_t bulk_body_bytes_max = 64U << 20;
  std::uint64_t header_bytes_max = 8U << 10;
  std::uint64_t body_memory_bytes_max = 128U << 20;
  std::uint64_t connections_max = 8192;
  std::uint64_t connections_per_sender = 0;  // 0: a quarter of connections_max.
  std::uint64_t streams_max = 64;
  std::uint64_t events_in_flight_max = 1'000'000;

  std::uint64_t sender_rate = 0, rp_rate = 0, total_rate = 0;  // Requests a second; 0: no limit.
  std::uint64_t rate_burst_ms = 10'000;

  std::uint64_t rps_max = 100'000, clients_max = 100'000, series_max = 1'000'000;
  std::uint64_t measures_max = 4'096, labels_max = 256, label_values_max = 10'000;

  std::uint64_t header_timeout_ms = 5'000;
  std::uint64_t body_timeout_ms = 10'000;
  std::uint64_t bulk_timeout_ms = 60'000;
  std::uint64_t idle_timeout_ms = 60'000;
  std::uint64_t write_timeout_ms = 10'000;
  std::uint64_t drain_timeout_ms = 10'000;

  std::uint64_t io_threads = 0;  // 0: one on up to two cores, cores - 1 above.
  std::uint64_t query_threads = 2;
  std::uint64_t query_queue_max = 64;
  std::uint64_t statement_timeout_ms = 10'000;
  std::uint64_t result_rows_max = 1'000'000;
  std::uint64_t query_connections_max = 100;
  std::uint64_t follows_max = 16;
  std::uint64_t user_statements_max = 100;  // As many as connections: less where users share.
  std::uint64_t min_group_size_reader = 1;  // Reports; 1: readers see everything.

  std::string log_level = "info";
};

}  // namespace kpi::server
