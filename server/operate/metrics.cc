#include "server/operate/metrics.h"

#include "server/operate/prometheus.h"

namespace kpi::server {
namespace {

template <class Member>
std::uint64_t sum(const MetricsInput& input, Member member) {
  std::uint64_t total = 0;
  for (const Counters* counters : input.threads) total += member(*counters).value();
  return total;
}

struct EventTotals {
  std::array<std::uint64_t, kSpeechNames.size()> accepted{};
  std::array<std::uint64_t, kReasonCount> rejected{};
  std::array<std::uint64_t, kRefusalCount> refused{};
  std::uint64_t received = 0;
};

EventTotals read_events(const MetricsInput& input) {
  EventTotals totals;
  const auto read = [&](auto& into, auto member) {
    for (std::size_t i = 0; i < into.size(); ++i) {
      into[i] = sum(input, [&](const Counters& c) -> const Counter& { return (c.*member)[i]; });
      totals.received += into[i];
    }
  };
  read(totals.accepted, &Counters::accepted);
  read(totals.rejected, &Counters::rejected);
  read(totals.refused, &Counters::refused);
  return totals;
}

void write_events(PrometheusPage& page, const MetricsInput& input) {
  const EventTotals totals = read_events(input);
  page.counter("kpi_events_received_total", "Events received: accepted plus rejected.",
               totals.received);
  page.family("kpi_events_accepted_total", "counter", "Events committed, by dialect.");
  for (std::size_t i = 0; i < kSpeechNames.size(); ++i) {
    page.sample(totals.accepted[i], {{"dialect", kSpeechNames[i]}});
  }
  page.family("kpi_events_rejected_total", "counter", "Events refused, by reason.");
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    page.sample(totals.rejected[i], {{"reason", to_string(static_cast<Reason>(i))}});
  }
  for (std::size_t i = 0; i < kRefusalCount; ++i) {
    page.sample(totals.refused[i], {{"reason", to_string(static_cast<Refusal>(i))}});
  }
  page.counter("kpi_reports_foreign_total", "Reports of types that are no sign-in events, dropped.",
               sum(
                   input, [](const Counters& c) -> auto& { return c.foreign; }));
  page.counter("kpi_timing_identity_violations_total",
               "Reports whose turnaround time is not the sum of its parts.",
               totals.rejected[static_cast<std::size_t>(Reason::kTimingIdentity)]);
  page.counter("kpi_report_fields_unknown_total", "Fields of reports that were ignored.",
               sum(
                   input, [](const Counters& c) -> auto& { return c.unknown_fields; }));
  page.counter("kpi_report_steps_ignored_total", "Steps of BrowserID records that were ignored.",
               sum(
                   input, [](const Counters& c) -> auto& { return c.ignored_steps; }));
  page.counter("kpi_label_values_folded_total", "Label values stored as (other).",
               input.labels_folded);
}

void write_refusal_times(PrometheusPage& page, const MetricsInput& input) {
  std::array<std::uint64_t, kRefusalBucketCount> buckets{};
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    buckets[i] =
        sum(input, [&](const Counters& c) -> const Counter& { return c.refusal_buckets[i]; });
  }
  page.histogram("kpi_http_refusal_seconds",
                 "From the bytes of a report to the decision that it is refused unparsed.", buckets,
                 kRefusalMicrosFirst,
                 sum(
                     input, [](const Counters& c) -> auto& { return c.refusal_micros_sum; }));
}

void write_tokens(PrometheusPage& page, const MetricsInput& input) {
  page.family("kpi_tokens_total", "counter", "Tokens of reports, by what came of them.");
  for (std::size_t i = 0; i < kTokenResultCount; ++i) {
    const std::uint64_t n =
        sum(input, [&](const Counters& c) -> const Counter& { return c.tokens[i]; });
    page.sample(n, {{"result", to_string(static_cast<TokenResult>(i))}});
  }
  page.counter("kpi_tokens_minted_total", "Tokens given out by POST /v1/token.",
               sum(
                   input, [](const Counters& c) -> auto& { return c.tokens_minted; }));
}

void write_http(PrometheusPage& page, const MetricsInput& input) {
  const auto total = [&](auto member) {
    return sum(input, [&](const Counters& c) -> const Counter& { return c.*member; });
  };
  page.family("kpi_http_responses_total", "counter", "HTTP answers, by status code.");
  for (std::size_t i = 0; i <= kStatuses.size(); ++i) {
    const std::uint64_t n =
        sum(input, [&](const Counters& c) -> const Counter& { return c.responses[i]; });
    const std::string code = i < kStatuses.size() ? std::to_string(kStatuses[i]) : "other";
    page.sample(n, {{"code", code}});
  }
  page.counter("kpi_http_connections_accepted_total", "HTTP connections taken.",
               total(&Counters::connections_accepted));
  page.counter("kpi_http_connections_refused_total", "HTTP connections beyond the bound.",
               input.connections_refused);
  page.counter("kpi_http_sender_connections_refused_total",
               "HTTP connections beyond what one sender's network may have.",
               input.sender_connections_refused);
  page.counter("kpi_http_accepts_failed_total",
               "Times that no HTTP connection could be taken, mostly for want of file descriptors.",
               input.accepts_failed);
  page.gauge("kpi_http_connections", "HTTP connections open.", total(&Counters::connections_open));
  page.gauge("kpi_http_connections_max", "Bound of kpi_http_connections.",
             input.bounds.connections_max);
  page.gauge("kpi_http_connections_per_sender_max",
             "Bound of the HTTP connections of one sender's network.",
             input.bounds.connections_per_sender_max);
  page.counter("kpi_http_received_bytes_total", "Bytes read from HTTP clients.",
               total(&Counters::received_bytes));
  page.counter("kpi_http_timeouts_total", "HTTP connections ended because the client was slow.",
               total(&Counters::timeouts));
  page.gauge("kpi_events_in_flight", "Events waiting for the disk.",
             total(&Counters::events_in_flight));
  page.gauge("kpi_events_in_flight_max", "Bound of kpi_events_in_flight.",
             input.bounds.events_in_flight_max);
  page.gauge("kpi_requests_in_flight", "Requests whose events wait for the disk.",
             total(&Counters::requests_in_flight));
  page.gauge("kpi_requests_in_flight_max", "Bound of kpi_requests_in_flight.",
             input.bounds.requests_in_flight_max);
  page.gauge("kpi_body_memory_bytes", "Memory of large request bodies.", input.body_memory_bytes);
  page.gauge("kpi_body_memory_max_bytes", "Bound of kpi_body_memory_bytes.",
             input.bounds.body_memory_bytes_max);
  page.gauge("kpi_answer_memory_bytes", "Memory of answers that clients have not taken yet.",
             input.answer_memory_bytes);
  page.gauge("kpi_answer_memory_max_bytes", "Bound of kpi_answer_memory_bytes.",
             input.bounds.answer_memory_bytes_max);
  page.counter("kpi_http_answers_dropped_total",
               "HTTP connections ended because that memory was used up.",
               total(&Counters::answers_dropped));
  page.counter("kpi_http_queries_total", "Statements run by POST /v1/query.",
               total(&Counters::queries));
  page.counter("kpi_http_query_errors_total", "Statements of POST /v1/query that failed.",
               total(&Counters::query_errors));
  page.counter_seconds("kpi_http_query_seconds_total",
                       "Time spent in statements of POST /v1/query.",
                       total(&Counters::query_micros_sum));
  page.counter("kpi_http_logins_failed_total", "Requests to read with a wrong user or password.",
               total(&Counters::logins_failed));
  page.counter("kpi_http_proxy_headers_refused_total",
               "Connections closed because no PROXY header came that could be read.",
               total(&Counters::proxy_headers_refused));
  page.counter("kpi_record_reads_total", "Reads of BrowserID records, live streams apart.",
               total(&Counters::record_reads));
  page.gauge("kpi_streams", "Live streams of records open.", input.streams);
  page.gauge("kpi_streams_max", "Bound of kpi_streams.", input.bounds.streams_max);
  page.counter("kpi_stream_cut_total", "Live streams ended because the client was slow.",
               total(&Counters::streams_cut));
}

void write_scrub(PrometheusPage& page, const EngineStats& stats) {
  page.counter("kpi_scrub_bytes_total", "Bytes read against their checksums.", stats.scrub_bytes);
  page.counter("kpi_scrub_files_total", "Files read against their checksums.", stats.scrub_tables);
  page.counter("kpi_scrub_passes_total", "Passes over all files that ended.", stats.scrub_passes);
  page.counter("kpi_scrub_damages_total", "Files found damaged, in each pass anew.",
               stats.scrub_damages);
  page.gauge("kpi_scrub_last_pass_timestamp_seconds",
             "When the last pass over all files ended, Unix time; 0: never.",
             static_cast<std::uint64_t>(stats.scrub_finished_ms / 1000));
}

void write_names(PrometheusPage& page, const EngineStats& stats) {
  const NameLimits& limits = stats.name_limits;
  const NameLimits& other = stats.events_under_other;
  page.gauge("kpi_rps", "Relying parties known.", stats.rps);
  page.gauge("kpi_rps_max", "Bound of kpi_rps.", limits.rps);
  page.gauge("kpi_series", "Pairs of relying party and client known.", stats.series);
  page.gauge("kpi_series_max", "Bound of kpi_series.", limits.series);
  page.gauge("kpi_clients_max", "Bound of the clients of one relying party.", limits.clients);
  page.gauge("kpi_measures", "Measures known.", stats.measures);
  page.gauge("kpi_measures_max", "Bound of kpi_measures.", limits.measures);
  page.gauge("kpi_labels", "Labels known.", stats.labels);
  page.gauge("kpi_labels_max", "Bound of kpi_labels.", limits.labels);
  page.gauge("kpi_label_values_max", "Bound of the values of one label.", limits.label_values);
  page.family("kpi_cardinality_other_total", "counter",
              "Events counted under (other), by the limit of names that they met.");
  page.sample(other.rps, {{"kind", "rp"}});
  page.sample(other.clients, {{"kind", "client"}});
  page.sample(other.series, {{"kind", "series"}});
  page.sample(other.measures, {{"kind", "measure"}});
  page.sample(other.labels, {{"kind", "label"}});
  page.sample(other.label_values, {{"kind", "label_value"}});
}

void write_engine(PrometheusPage& page, const EngineStats& stats) {
  page.histogram("kpi_commit_duration_seconds", "Time to write and sync one commit group.",
                 stats.commit_micros_buckets, 64, stats.commit_micros_sum);
  page.counter("kpi_commit_events_total", "Events in commit groups.", stats.events_appended);
  page.gauge("kpi_journal_bytes", "Journal not yet sealed.", stats.journal_bytes);
  page.gauge("kpi_journal_sequence", "Number of the last journal record.", stats.journal_sequence);
  page.gauge("kpi_live_bytes", "Memory of events not yet sealed.", stats.live_bytes);
  page.gauge("kpi_live_events", "Events not yet sealed.", stats.live_events);
  page.counter("kpi_seals_total", "Seals done.", stats.seals);
  page.counter_seconds("kpi_seal_seconds_total", "Time spent sealing.", stats.seal_micros_sum);
  page.counter("kpi_seal_events_total", "Events sealed into chunks and cells.",
               stats.events_sealed);
  page.counter("kpi_seal_chunks_total", "Chunks written.", stats.chunks_written);
  page.gauge("kpi_dedup_entries", "Request keys remembered.", stats.dedup_entries);
  page.gauge("kpi_dedup_entries_max", "Bound of kpi_dedup_entries.", stats.dedup_entries_max);
  page.counter("kpi_dedup_forgotten_total",
               "Request keys forgotten within their window, for the bound.", stats.dedup_forgotten);
  page.counter("kpi_dedup_requests_total", "Requests answered as the first of their key was.",
               stats.dedup_duplicates);
  write_names(page, stats);
  page.gauge("kpi_sender_entries", "Relying parties and days whose senders are counted.",
             stats.sender_entries);
  page.gauge("kpi_sender_entries_max", "Bound of kpi_sender_entries.", stats.sender_entries_max);
  page.counter("kpi_senders_left_out_total",
               "Events whose senders are not counted, for want of room or beyond the next hour.",
               stats.senders_left_out);
  page.gauge("kpi_followers", "Readers that are given events as they are committed.",
             stats.followers);
  page.counter("kpi_followers_cut_total", "Followers cut off because they fell behind.",
               stats.followers_cut);
  page.gauge("kpi_disk_bytes", "Files of the store.", stats.disk_bytes);
  page.gauge("kpi_engine_failed", "1 after a write error stopped the engine.",
             stats.failed ? 1 : 0);
  write_scrub(page, stats);
}

void write_clock(PrometheusPage& page, const MetricsInput& input) {
  page.family("kpi_clock_steps_total", "counter", "Times that the wall clock was set.");
  page.sample(input.clock_steps_forward, {{"direction", "forward"}});
  page.sample(input.clock_steps_back, {{"direction", "back"}});
  page.family("kpi_clock_held_seconds", "gauge",
              "How far events' time is ahead of a wall clock that was set back.");
  page.sample_seconds(static_cast<double>(input.clock_held_ms) / 1000.0);
  if (!input.engine) return;
  page.family("kpi_retention_behind_seconds", "gauge",
              "How far the wall clock is ahead of what retention believes.");
  page.sample_seconds(static_cast<double>(input.engine->retention_behind_ms) / 1000.0);
}

}  // namespace

std::string metrics_page(const MetricsInput& input) {
  PrometheusPage page;
  write_events(page, input);
  write_http(page, input);
  write_refusal_times(page, input);
  write_tokens(page, input);
  write_clock(page, input);
  if (input.engine) write_engine(page, *input.engine);
  page.gauge("kpi_ready", "1 while reports are taken.", input.phase == Phase::kReady ? 1 : 0);
  page.gauge("kpi_read_only", "1 while the data disk has too little space to take reports.",
             input.read_only ? 1 : 0);
  page.gauge("kpi_disk_free_bytes", "Free space on the data disk.", input.disk_free_bytes);
  page.gauge("kpi_disk_min_free_bytes", "Bound of kpi_disk_free_bytes.", input.disk_min_free_bytes);
  page.family("kpi_build_info", "gauge", "Always 1; the labels say what runs.");
  page.sample(1, {{"version", KPI_VERSION}, {"compiler", __VERSION__}});
  page.family("process_start_time_seconds", "gauge", "Start of the process, Unix time.");
  page.sample_seconds(static_cast<double>(input.start_ms) / 1000.0);
  return page.text();
}

}  // namespace kpi::server
