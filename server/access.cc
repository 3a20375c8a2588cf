#include "server/access.h"

#include <algorithm>

#include "server/http/sender.h"
#include "server/operate/endpoint.h"
#include "server/operate/log.h"

namespace kpi::server {
namespace {

void log_reload(std::string_view what, const Status& status) {
  if (status.ok()) {
    log_event(LogLevel::kInfo, "reloaded", {{"what", std::string(what)}});
  } else {
    log_event(LogLevel::kError, "reload_failed",
              {{"what", std::string(what)}, {"error", status.error().message}});
  }
}

bool any_remote(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    return !parse_endpoint(text).value().is_loopback();
  });
}

TokenGate::Options token_options(const ServerOptions& options) {
  TokenGate::Options tokens;
  tokens.keys_path = options.token_keys_file;
  if (options.token_mode == "count") tokens.mode = TokenMode::kCount;
  if (options.token_mode == "require") tokens.mode = TokenMode::kRequire;
  tokens.lifetime_s = static_cast<std::int64_t>(options.token_lifetime_ms / 1000);
  return tokens;
}

}  // namespace

Result<Access> open_access(const ServerOptions& options) {
  Access access;
  access.slots = std::make_unique<auth::StatementSlots>(options.user_statements_max);
  auto gate = auth::Gate::open(options.users_file);
  if (!gate.ok()) return std::move(gate).error();
  access.gate = std::move(gate).value();
  auto tokens = TokenGate::open(token_options(options));
  if (!tokens.ok()) return std::move(tokens).error();
  access.tokens = std::move(tokens).value();
  if (!options.clients_file.empty()) {
    auto clients = ClientRegistry::open(options.clients_file);
    if (!clients.ok()) return std::move(clients).error();
    access.clients = std::move(clients).value();
  }
  if (options.tls_certificate.empty()) return access;
  auto tls = pgwire::TlsSource::open(options.tls_certificate, options.tls_key);
  if (!tls.ok()) return std::move(tls).error();
  access.tls = std::move(tls).value();
  return access;
}

void reload_access(const Access& access) {
  if (access.gate->has_users()) log_reload("users", access.gate->reload());
  if (access.tokens->has_keys()) log_reload("token keys", access.tokens->reload());
  if (access.clients) log_reload("clients", access.clients->reload());
  if (access.tls) log_reload("certificate", access.tls->reload());
}

void warn_of_clear_text(const ServerOptions& options) {
  if (any_remote(options.query) && !options.tls_required) {
    log_event(LogLevel::kWarning, "clear_text",
              {{"socket", "query"},
               {"hint", options.tls_certificate.empty()
                            ? "answers are not encrypted: set tls-cert and tls-key"
                            : "clients may connect without TLS: set tls-required"}});
  }
  if (any_remote(options.http) && !options.users_file.empty()) {
    log_event(LogLevel::kWarning, "clear_text",
              {{"socket", "http"},
               {"hint", "passwords of HTTP queries are not encrypted: put a TLS proxy in front"}});
  }
}

}  // namespace kpi::server
