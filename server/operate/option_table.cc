#include "server/operate/option_table.h"

#include <algorithm>
#include <cctype>

namespace kpi::server {
namespace {

using O = ServerOptions;
using K = OptionKind;
constexpr std::uint64_t kKiB = 1024, kMiB = kKiB * 1024, kGiB = kMiB * 1024;
constexpr std::uint64_t kSecondMs = 1000, kHour = 3600 * kSecondMs;

const OptionRow kTable[] = {
    {"Sockets", "http", K::kList, &O::http,
     "Listen for reports: ADDR:PORT or unix:PATH; repeatable; port 0 picks a free one"},
    {"Sockets", "http-proxy-protocol", K::kList, &O::http_proxy_protocol,
     "The same for proxies that speak PROXY protocol, version 2; connections without its header "
     "are "
     "closed"},
    {"Sockets", "trusted-proxies", K::kList, &O::trusted_proxies,
     "Peer whose X-Forwarded-For and PROXY headers say where reports come from: unix, an address, "
     "or a network as 10.0.0.0/8; repeatable"},
    {"Sockets", "query", K::kList, &O::query,
     "Listen for the PostgreSQL protocol: ADDR:PORT or unix:DIR; repeatable; "
     "beyond loopback only with users"},
    {"Sockets", "connections-max", K::kCount, &O::connections_max,
     "HTTP connections at a time; one more is answered 503", 1, 1'000'000},
    {"Sockets", "connections-per-sender", K::kCount, &O::connections_per_sender,
     "The same of one /24 or /56 network; one more is answered 429; 0: a quarter of "
     "connections-max; Unix sockets, this machine and trusted peers are not counted",
     0, 1'000'000},
    {"Sockets", "streams-max", K::kCount, &O::streams_max,
     "Live streams of records at a time; one more is answered 503", 0, 256},
    {"Sockets", "io-threads", K::kCount, &O::io_threads,
     "Threads that serve HTTP; 0: one on up to two cores, else cores - 1", 0, 256},

    {"Access", "users", K::kText, &O::users_file,
     "Users file, made by kpi-admin user add; without it everybody on this machine may ask, as "
     "admin, and nobody else"},
    {"Access", "tls-cert", K::kText, &O::tls_certificate,
     "Certificate of the query sockets: PEM, with its chain"},
    {"Access", "tls-key", K::kText, &O::tls_key, "Key of the certificate: PEM, no passphrase"},
    {"Access", "tls-required", K::kFlag, &O::tls_required,
     "Refuse query connections over TCP without TLS"},

    {"Access", "token-keys", K::kText, &O::token_keys_file,
     "Keys file, made by kpi-admin token-key add; with it POST /v1/token gives out tokens for "
     "metrics URLs"},
    {"Access", "token-mode", K::kChoice, &O::token_mode,
     "Tokens of reports: off (not looked at), count (all reports are taken, with label trust) or "
     "require (403 without a valid one)",
     0, 0, "off|count|require"},
    {"Access", "token-lifetime", K::kDuration, &O::token_lifetime_ms,
     "A token can be used for so long, once", kSecondMs, kHour},

    {"Storage", "data-dir", K::kText, &O::data_dir, "Directory of the store; required"},
    {"Storage", "durability", K::kChoice, &O::durability,
     "What an answer promises: fsync (survives power loss) or os (survives a killed process)", 0, 0,
     "fsync|os"},
    {"Storage", "journal-max", K::kBytes, &O::journal_bytes_max,
     "Journal budget; reaching it seals, and a restart replays at most this", kMiB, 64 * kGiB},
    {"Storage", "live-max", K::kBytes, &O::live_bytes_max,
     "Memory of events not yet sealed; at twice this, reports wait", kMiB, 64 * kGiB},
    {"Storage", "block-cache", K::kBytes, &O::block_cache_bytes, "Memory for blocks read from disk",
     kMiB, 1024 * kGiB},
    {"Storage", "write-buffer", K::kBytes, &O::write_buffer_bytes,
     "Memory per column family before it is written out", kMiB, 4 * kGiB},
    {"Storage", "settle", K::kDuration, &O::settle_ms,
     "A closed hour or day seals after so long without a late event", 0, 24 * kHour},
    {"Storage", "min-free", K::kBytes, &O::min_free_bytes,
     "Space to keep free on the data disk; below it reports are answered 503 and queries go on; 0: "
     "5 % of the disk or 4 x (journal-max + live-max), at most a quarter of the disk",
     0, 1024 * 1024 * kGiB},

    {"Storage", "scrub-rate", K::kBytes, &O::scrub_rate,
     "Bytes a second of files read in the background against their checksums; 0: none", 0,
     4 * kGiB},
    {"Storage", "scrub-every", K::kDuration, &O::scrub_every_ms,
     "From the end of one such pass over all files to the begin of the next", kSecondMs,
     8760 * kHour},

    {"Retention", "retention-raw-days", K::kCount, &O::retention_raw_days,
     "Days that raw events are kept; 0: for ever", 0, 36'500},
    {"Retention", "retention-minute-days", K::kCount, &O::retention_minute_days,
     "Days that 1-minute figures are kept; 0: for ever", 0, 36'500},
    {"Retention", "retention-hour-days", K::kCount, &O::retention_hour_days,
     "Days that 1-hour figures are kept; 0: for ever", 0, 36'500},
    {"Retention", "retention-day-days", K::kCount, &O::retention_day_days,
     "Days that 1-day figures are kept; 0: for ever", 0, 36'500},
    {"Retention", "rollup-labels", K::kList, &O::rollup_labels,
     "Label whose values get 1-day figures of their own from the next day on, as 'os'; repeatable; "
     "one that others replace loses them; 'none' drops all; not given: as the store has it"},

    {"Reports", "metrics-path", K::kList, &O::metrics_paths,
     "Path that browsers post FedCM metrics to; repeatable; replaces the defaults"},
    {"Reports", "label", K::kList, &O::labels,
     "Label to keep: NAME (any value, capped) or NAME=V1,V2 (others become '(other)'); repeatable; "
     "replaces the built-in list"},
    {"Reports", "label-alias", K::kList, &O::label_aliases,
     "Store a label's value under another, as in 'os:Windows NT 6.1=Windows 7'; repeatable; beside "
     "the built-in ones"},
    {"Reports", "measure-max", K::kDuration, &O::timing_ms_max,
     "Largest plausible FedCM timing; a report beyond it is refused", 1, 0xFFFFFFFFU},
    {"Reports", "require-webidentity", K::kFlag, &O::require_webidentity,
     "Refuse FedCM reports without 'Sec-Fetch-Dest: webidentity', and those whose Origin and url "
     "disagree"},
    {"Reports", "require-same-origin", K::kFlag, &O::require_same_origin,
     "Refuse reports whose Origin and url disagree"},
    {"Reports", "require-https", K::kFlag, &O::require_https,
     "Refuse FedCM reports of pages without https"},
    {"Reports", "clients", K::kText, &O::clients_file,
     "Clients file: CLIENT ORIGIN [ORIGIN ...] a line; FedCM reports of others are refused"},
    {"Reports", "clients-mode", K::kChoice, &O::clients_mode,
     "What becomes of reports of other clients and origins: refuse (403) or low (taken, with label "
     "trust low)",
     0, 0, "refuse|low"},

    {"Retries", "trust-request-id", K::kList, &O::trust_request_id,
     "Peer whose request IDs are believed: unix, an address, or a network as 10.0.0.0/8; "
     "repeatable; a request that comes again with the same ID counts once"},
    {"Retries", "request-id-header", K::kText, &O::request_id_header,
     "Header in which a trusted peer names each request"},
    {"Retries", "dedup-window", K::kDuration, &O::dedup_window_ms,
     "How long a request is known by its ID or Idempotency-Key", kSecondMs, 24 * kHour},
    {"Retries", "dedup-entries-max", K::kCount, &O::dedup_entries_max,
     "Requests known so at a time; beyond, the oldest are forgotten", 1, 100'000'000},

    {"Limits", "body-max", K::kBytes, &O::body_bytes_max,
     "Body of a FedCM or Reporting API post; beyond: 413", 256, 16 * kMiB},
    {"Limits", "browserid-body-max", K::kBytes, &O::browserid_body_bytes_max,
     "Body of a BrowserID post; beyond: 413", 256, 16 * kMiB},
    {"Limits", "bulk-body-max", K::kBytes, &O::bulk_body_bytes_max,
     "Body of a bulk post; beyond: 413", kKiB, 64 * kMiB},
    {"Limits", "header-max", K::kBytes, &O::header_bytes_max,
     "Request line and headers together; beyond: 431", 256, 12 * kKiB},
    {"Limits", "body-memory-max", K::kBytes, &O::body_memory_bytes_max,
     "Memory for bodies over 8 KiB of all connections; beyond: 503", kMiB, 64 * kGiB},
    {"Limits", "events-in-flight-max", K::kCount, &O::events_in_flight_max,
     "Events waiting for the disk; beyond: 503", 1, 100'000'000},

    {"Limits", "sender-rate", K::kCount, &O::sender_rate,
     "Requests with reports a second from one /24 or /56 network; beyond: 429; 0: no limit", 0,
     1'000'000},
    {"Limits", "rp-rate", K::kCount, &O::rp_rate,
     "The same with one Origin; beyond: 429; 0: no limit", 0, 1'000'000},
    {"Limits", "total-rate", K::kCount, &O::total_rate, "The same in all; beyond: 503; 0: no limit",
     0, 1'000'000},
    {"Limits", "rate-burst", K::kDuration, &O::rate_burst_ms,
     "What comes in so long at these rates may come at once", kSecondMs, kHour},

    {"Limits", "rps-max", K::kCount, &O::rps_max,
     "Relying parties to know by name; reports of new ones beyond count under RP '(other)'", 1,
     100'000'000},
    {"Limits", "clients-max", K::kCount, &O::clients_max,
     "Clients of one relying party; beyond: client '(other)'", 1, 100'000'000},
    {"Limits", "series-max", K::kCount, &O::series_max,
     "Pairs of relying party and client in all; beyond: client '(other)'", 1, 100'000'000},
    {"Limits", "measures-max", K::kCount, &O::measures_max, "Measures; beyond: '(other)'", 1,
     1'000'000},
    {"Limits", "labels-max", K::kCount, &O::labels_max,
     "Names of labels in the store; beyond: '(other)'", 1, 1'000'000},
    {"Limits", "label-values-max", K::kCount, &O::label_values_max,
     "Values of one label in the store; beyond: '(other)'", 1, 100'000'000},

    {"Timeouts", "header-timeout", K::kDuration, &O::header_timeout_ms,
     "From the first byte of a request to the end of its headers", 10, kHour},
    {"Timeouts", "body-timeout", K::kDuration, &O::body_timeout_ms,
     "From the end of the headers to the end of the body", 10, kHour},
    {"Timeouts", "bulk-timeout", K::kDuration, &O::bulk_timeout_ms, "The same for a bulk post", 10,
     kHour},
    {"Timeouts", "idle-timeout", K::kDuration, &O::idle_timeout_ms,
     "A connection without a request is closed after this", 10, 24 * kHour},
    {"Timeouts", "write-timeout", K::kDuration, &O::write_timeout_ms,
     "For a client to take an answer", 10, kHour},
    {"Timeouts", "drain-timeout", K::kDuration, &O::drain_timeout_ms,
     "For requests in flight to end when the server stops", 0, kHour},

    {"Queries", "query-threads", K::kCount, &O::query_threads, "Threads for POST /v1/query", 1,
     256},
    {"Queries", "query-queue-max", K::kCount, &O::query_queue_max,
     "Statements waiting for a thread; beyond: 503", 1, 100'000},
    {"Queries", "statement-timeout", K::kDuration, &O::statement_timeout_ms,
     "A statement is cancelled after this", 1, 24 * kHour},
    {"Queries", "query-connections-max", K::kCount, &O::query_connections_max,
     "PostgreSQL connections at a time; one more is refused", 1, 10'000},
    {"Queries", "user-statements-max", K::kCount, &O::user_statements_max,
     "Statements of one user under way at a time, over all sockets; who needs no name is one user; "
     "beyond: an error",
     1, 100'000},
    {"Queries", "follows-max", K::kCount, &O::follows_max,
     "FOLLOW statements at a time, never more than half of the connections; beyond: an error", 0,
     64},
    {"Queries", "result-rows-max", K::kCount, &O::result_rows_max, "Rows of one answer", 1,
     1'000'000},
    {"Queries", "min-group-size-reader", K::kCount, &O::min_group_size_reader,
     "Groups of fewer reports are hidden from users who are no admin; 1: none are", 1, 1'000'000},

    {"Logs", "log-level", K::kChoice, &O::log_level, "Least level that is logged to stderr", 0, 0,
     "debug|info|warning|error"},
};

}  // namespace

std::span<const OptionRow> option_table() { return kTable; }

const OptionRow* find_option(std::string_view name) {
  const auto* row = std::find_if(std::begin(kTable), std::end(kTable),
                                 [&](const OptionRow& r) { return r.name == name; });
  return row == std::end(kTable) ? nullptr : row;
}

std::string environment_name(const OptionRow& row) {
  std::string name = "KPI_";
  for (const char c : row.name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string placeholder(const OptionRow& row) {
  switch (row.kind) {
    case OptionKind::kText:
    case OptionKind::kList:
      return "TEXT";
    case OptionKind::kChoice:
      return std::string(row.choices);
    case OptionKind::kFlag:
      return "true|false";
    case OptionKind::kCount:
      return "N";
    case OptionKind::kBytes:
      return "SIZE";
    case OptionKind::kDuration:
      return "TIME";
  }
  return {};
}

}  // namespace kpi::server
