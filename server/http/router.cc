#include "server/http/router.h"

#include <algorithm>

#include "kpi/limits.h"
#include "server/http/post_token.h"

namespace kpi::server {
namespace {

// Bodies where none is expected: read past, so that the connection can go on.
constexpr std::size_t kStrayBodyBytesMax = 64U << 10;

}  // namespace

bool reads_store(Service service) {
  return service == Service::kQuery || service == Service::kToken || service == Service::kRecords ||
         service == Service::kRecordCount || service == Service::kLastRecord ||
         service == Service::kRecordStream;
}

Router::Router(const std::vector<RouteRule>& reports) {
  for (const RouteRule& rule : reports) {
    Row& added = row(rule.path);
    added.post = Service::kReport;
    added.route = rule.route;
    added.body_bytes_max = rule.body_bytes_max;
  }
  Row& query = row("/v1/query");
  query.post = Service::kQuery;
  query.body_bytes_max = 2 * kStatementBytesMax;  // A statement grows inside a JSON string.
  Row& token = row("/v1/token");
  token.post = Service::kToken;
  token.body_bytes_max = kTokenRequestBytesMax;
  row("/wsapi/interaction_data").get = Service::kRecords;
  row("/wsapi/interaction_data/count").get = Service::kRecordCount;
  row("/wsapi/interaction_data/last").get = Service::kLastRecord;
  row("/wsapi/interaction_data/stream").get = Service::kRecordStream;
  row("/metrics").get = Service::kMetrics;
  row("/wsapi/ping").get = Service::kPing;
  row("/healthz").get = Service::kHealthz;
  row("/readyz").get = Service::kReadyz;
  for (Row& each : rows_) {
    if (each.get != Service::kNotFound) each.allow = "GET, HEAD, ";
    if (each.post != Service::kNotFound) each.allow += "POST, ";
    each.allow += "OPTIONS";
  }
}

Router::Row& Router::row(std::string_view path) {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.path == path; });
  if (found != rows_.end()) return *found;
  rows_.push_back({std::string(path), {}, {}, {}, {}, {}});
  return rows_.back();
}

Target Router::find(std::string_view path, Method method) const {
  if (path == "*") return {Service::kOptions, Route::kNone, 0, "GET, HEAD, POST, OPTIONS"};
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.path == path; });
  if (found == rows_.end()) return {Service::kNotFound, Route::kNone, kStrayBodyBytesMax, {}};
  Target target{Service::kWrongMethod, found->route, kStrayBodyBytesMax, found->allow};
  const bool reads = method == Method::kGet || method == Method::kHead;
  if (method == Method::kOptions) {
    target.service = found->post == Service::kReport ? Service::kPreflight : Service::kOptions;
  } else if (reads && found->get != Service::kNotFound) {
    target.service = found->get;
  } else if (method == Method::kPost && found->post != Service::kNotFound) {
    target.service = found->post;
    target.body_bytes_max = found->body_bytes_max;
  }
  return target;
}

}  // namespace kpi::server
