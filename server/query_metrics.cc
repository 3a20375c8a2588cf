#include "server/query_metrics.h"

#include "server/operate/prometheus.h"

namespace kpi::server {

std::string statements_metrics_page(const auth::StatementSlots& slots) {
  PrometheusPage page;
  page.gauge("kpi_statements_under_way", "Statements of all sockets that wait or run.",
             slots.under_way());
  page.gauge("kpi_user_statements_max", "Bound of the statements of one user.", slots.user_max());
  page.counter("kpi_statements_refused_total", "Statements beyond the bound of their user.",
               slots.refused());
  return page.text();
}

std::string query_metrics_page(const pgwire::QueryCounters& counters) {
  PrometheusPage page;
  page.family("kpi_queries_total", "counter", "Statements of the query socket, by outcome.");
  for (std::size_t i = 0; i < pgwire::kQueryOutcomeCount; ++i) {
    page.sample(counters.queries[i].load(), {{"outcome", pgwire::kQueryOutcomeNames[i]}});
  }
  page.counter_seconds("kpi_query_seconds_total", "Time spent in statements of the query socket.",
                       counters.query_micros_sum.load());
  page.counter("kpi_query_rows_total", "Rows sent by the query socket.", counters.rows_sent.load());
  page.counter("kpi_query_sent_bytes_total", "Bytes sent by the query socket.",
               counters.bytes_sent.load());
  page.gauge("kpi_query_connections", "Query connections open.", counters.connections_open.load());
  page.counter("kpi_query_connections_accepted_total", "Query connections taken.",
               counters.connections_accepted.load());
  page.counter("kpi_query_connections_refused_total", "Query connections beyond the bound.",
               counters.connections_refused.load());
  page.counter("kpi_query_connections_evicted_total",
               "Query connections closed before their login, to make room for others.",
               counters.strangers_evicted.load());
  page.gauge("kpi_query_follows", "Statements of the query socket that follow.",
             counters.follows->load());
  page.counter("kpi_query_cancel_requests_total", "Cancel requests of query users.",
               counters.cancel_requests.load());
  page.counter("kpi_query_protocol_errors_total", "Query connections ended by a protocol error.",
               counters.protocol_errors.load());
  page.counter("kpi_query_logins_failed_total", "Query connections whose user was not admitted.",
               counters.logins_failed.load());
  return page.text();
}

}  // namespace kpi::server
