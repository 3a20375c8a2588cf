#include <algorithm>
#include <set>

#include "kpi/limits.h"
#include "server/admission/label_alias.h"
#include "server/admission/trust.h"
#include "server/operate/config.h"
#include "server/operate/endpoint.h"
#include "server/operate/trusted_peers.h"

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
  for (const std::string& text : options.http_proxy_protocol) {
    if (const auto endpoint = parse_endpoint(text); !endpoint.ok()) return endpoint.error();
  }
  for (const std::string& text : options.query) {
    const auto endpoint = parse_endpoint(text);
    if (!endpoint.ok()) return endpoint.error();
    if (!endpoint.value().is_loopback() && options.users_file.empty()) {
      return wrong("option query: '" + text +
                       "' is reachable from other machines, and no users are configured",
                   "make a users file with kpi-admin user add and set option users, or use "
                   "127.0.0.1, ::1 or unix:DIR");
    }
  }
  return ok_status();
}

Status check_tls(const ServerOptions& options) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return wrong("options tls-cert and tls-key: either needs the other");
  }
  if (options.tls_required && options.tls_certificate.empty()) {
    return wrong("option tls-required needs tls-cert and tls-key");
  }
  return ok_status();
}

Status check_tokens(const ServerOptions& options) {
  if (options.token_mode != "off" && options.token_keys_file.empty()) {
    return wrong("option token-mode: '" + options.token_mode + "' needs keys",
                 "make a keys file with kpi-admin token-key add and set option token-keys");
  }
  return ok_status();
}

Status check_peers(const char* option, const std::vector<std::string>& texts) {
  const auto peers = TrustedPeers::parse(texts);
  if (peers.ok()) return ok_status();
  return wrong("option " + std::string(option) + ": " + peers.error().message, peers.error().hint);
}

Status check_proxies(const ServerOptions& options) {
  return check_peers("trusted-proxies", options.trusted_proxies);
}

Status check_request_ids(const ServerOptions& options) {
  if (Status peers = check_peers("trust-request-id", options.trust_request_id); !peers.ok()) {
    return peers;
  }
  const std::string& name = options.request_id_header;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), letter)) {
    return wrong("option request-id-header: '" + name + "' is no name of a header");
  }
  return ok_status();
}

Status check_paths(const ServerOptions& options) {
  static const std::set<std::string> kTaken = {"/reports", "/wsapi/interaction_data", "/v1/events",
                                               "/v1/query", "/v1/token"};
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
    if (name == kTrustLabel) return wrong("option label: 'trust' is the server's own");
  }
  return ok_status();
}

Status check_rollups(const ServerOptions& options) {
  if (options.rollup_labels.size() > kRollupLabelsMax) {
    return wrong("option rollup-labels: at most " + std::to_string(kRollupLabelsMax) + " of them");
  }
  std::set<std::string> seen;
  for (const std::string& name : options.rollup_labels) {
    if (name.empty() || name.size() > kLabelNameBytesMax) {
      return wrong("option rollup-labels: '" + name + "' is no name of 1 to 64 bytes");
    }
    if (!seen.insert(name).second) {
      return wrong("option rollup-labels: '" + name + "' is named twice");
    }
  }
  return ok_status();
}

Status check_aliases(const ServerOptions& options) {
  if (options.label_aliases.size() > kLabelAliasesMax) {
    return wrong("option label-alias: at most " + std::to_string(kLabelAliasesMax) + " of them");
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const std::string& text : options.label_aliases) {
    auto alias = parse_label_alias(text);
    if (!alias.ok()) {
      return wrong("option label-alias: " + alias.error().message, alias.error().hint);
    }
    if (!seen.insert({alias.value().label, alias.value().value}).second) {
      return wrong("option label-alias: '" + alias.value().value + "' has two aliases");
    }
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
  for (const auto check : {check_sockets, check_tls, check_tokens, check_proxies, check_request_ids,
                           check_paths, check_labels, check_rollups, check_aliases}) {
    if (Status status = check(options); !status.ok()) return status;
  }
  return ok_status();
}

}  // namespace kpi::server
