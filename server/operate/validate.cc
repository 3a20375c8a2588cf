#include <set>

#include "kpi/limits.h"
#include "server/operate/config.h"
#include "server/operate/endpoint.h"

namespace kpi::server {
namespace {

Error wrong(std::string message, std::string hint = {}) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), std::move(hint)};
}

Status check_sockets(const ServerOptions& options) {
  if (options.http.empty()) return wrong("option http: at least one address is needed");
  for (const std::string& text : options.http) {
    if (const auto endpoint = parse_endpoint(text); !endpoint.ok()) return endpoint.error();
  }
  for (const std::string& text : options.query) {
    const auto endpoint = parse_endpoint(text);
    if (!endpoint.ok()) return endpoint.error();
    if (!endpoint.value().is_loopback()) {
      return wrong("option query: '" + text +
                       "' is reachable from other machines, and query users are not authenticated",
                   "use 127.0.0.1, ::1 or unix:DIR, and a tunnel or proxy that authenticates");
    }
  }
  return ok_status();
}

Status check_paths(const ServerOptions& options) {
  static const std::set<std::string> kTaken = {"/reports", "/wsapi/interaction_data", "/v1/events",
                                               "/v1/query"};
  std::set<std::string> seen;
  for (const std::string& path : options.metrics_paths) {
    if (path.empty() || path.front() != '/' || path.find_first_of("?# \t") != std::string::npos) {
      return wrong("option metrics-path: '" + path + "' is no path (it starts with '/', no query)");
    }
    if (kTaken.contains(path)) {
      return wrong("option metrics-path: '" + path + "' is taken by another kind of report");
    }
    if (!seen.insert(path).second) {
      return wrong("option metrics-path: '" + path + "' is named twice");
    }
  }
  return ok_status();
}

Status check_labels(const ServerOptions& options) {
  std::set<std::string> seen;
  for (const std::string& rule : options.labels) {
    const std::string name = rule.substr(0, rule.find('='));
    if (name.empty() || name.size() > kLabelNameBytesMax) {
      return wrong("option label: '" + rule + "' has no name of 1 to 64 bytes before '='");
    }
    if (!seen.insert(name).second) return wrong("option label: '" + name + "' is named twice");
  }
  return ok_status();
}

}  // namespace

Status validate(const ServerOptions& options) {
  if (options.data_dir.empty()) {
    return wrong("option data-dir is required", "name the directory that holds the store");
  }
  if (options.body_memory_bytes_max < options.bulk_body_bytes_max) {
    return wrong("option body-memory-max is smaller than bulk-body-max: no such body would fit");
  }
  for (const auto check : {check_sockets, check_paths, check_labels}) {
    if (Status status = check(options); !status.ok()) return status;
  }
  return ok_status();
}

}  // namespace kpi::server
