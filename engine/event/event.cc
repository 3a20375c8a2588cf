#include "kpi/event.h"

#include <charconv>
#include <cstddef>

namespace kpi {
namespace {

struct NamedError {
  ErrorId id;
  std::string_view name;
  ErrorClass error_class;
};

// The proposal's codes are those of the table in w3c-fedid/FedCM issue 352, Chrome's those of the
// enum in content/browser/webid/.
constexpr NamedError kNamedErrors[] = {
    {{Dialect::kFedcm, 101}, "idp_unavailable", ErrorClass::kIdp},
    {{Dialect::kFedcm, 102}, "invalid_well_known_response", ErrorClass::kIdp},
    {{Dialect::kFedcm, 103}, "invalid_config_response", ErrorClass::kIdp},
    {{Dialect::kFedcm, 104}, "invalid_accounts_response", ErrorClass::kIdp},
    {{Dialect::kFedcm, 105}, "invalid_client_metadata_response", ErrorClass::kIdp},
    {{Dialect::kFedcm, 106}, "invalid_token_response", ErrorClass::kIdp},
    {{Dialect::kFedcm, 201}, "rp_failure", ErrorClass::kRp},
    {{Dialect::kFedcm, 301}, "user_failure", ErrorClass::kUser},
    {{Dialect::kChrome, 1}, "other", ErrorClass::kOther},
    {{Dialect::kChrome, 100}, "rp_failure", ErrorClass::kRp},
    {{Dialect::kChrome, 101}, "canceled", ErrorClass::kRp},
    {{Dialect::kChrome, 200}, "user_failure", ErrorClass::kUser},
    {{Dialect::kChrome, 300}, "idp_server_invalid_response", ErrorClass::kIdp},
    {{Dialect::kChrome, 301}, "idp_server_unavailable", ErrorClass::kIdp},
    {{Dialect::kChrome, 302}, "manifest_error", ErrorClass::kIdp},
    {{Dialect::kChrome, 401}, "accounts_endpoint_invalid_response", ErrorClass::kIdp},
    {{Dialect::kChrome, 402}, "token_endpoint_invalid_response", ErrorClass::kIdp},
    {{Dialect::kBrowserid, 1}, "error_screen", ErrorClass::kOther},
};

constexpr std::string_view kDialectNames[] = {"", "fedcm", "chrome", "browserid"};
constexpr std::string_view kOutcomeNames[] = {"unknown", "success", "failure"};
constexpr std::string_view kUiShownNames[] = {"unknown", "no", "yes"};
constexpr std::string_view kErrorClassNames[] = {"other", "idp", "rp", "user"};

const NamedError* find_named(ErrorId error) {
  for (const NamedError& named : kNamedErrors) {
    if (named.id == error) return &named;
  }
  return nullptr;
}

template <class Enum, std::size_t N>
std::optional<Enum> parse_enum(const std::string_view (&names)[N], std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

bool EventKind::valid() const {
  const bool known_outcome = static_cast<unsigned>(outcome()) <= 2;
  const bool known_ui = static_cast<unsigned>(ui_shown()) <= 2;
  const ErrorId id = error();
  const bool known_dialect = static_cast<unsigned>(id.dialect) < std::size(kDialectNames);
  const bool no_error = id.none() && id.code == 0;
  return known_outcome && known_ui && known_dialect &&
         (no_error || (!id.none() && outcome() == Outcome::kFailure));
}

std::string error_name(ErrorId error) {
  if (error.none()) return {};
  std::string name(to_string(error.dialect));
  name += '.';
  const NamedError* named = find_named(error);
  name += named != nullptr ? std::string(named->name) : std::to_string(error.code);
  return name;
}

// Codes without a name are classed by their hundred, which each dialect counts its own way.
ErrorClass error_class(ErrorId error) {
  if (const NamedError* named = find_named(error)) return named->error_class;
  const std::uint32_t hundred = error.code / 100;
  if (error.dialect == Dialect::kFedcm) {
    if (hundred == 1) return ErrorClass::kIdp;
    if (hundred == 2) return ErrorClass::kRp;
    if (hundred == 3) return ErrorClass::kUser;
  } else if (error.dialect == Dialect::kChrome) {
    if (hundred == 1) return ErrorClass::kRp;
    if (hundred == 2) return ErrorClass::kUser;
    if (hundred == 3 || hundred == 4) return ErrorClass::kIdp;
  }
  return ErrorClass::kOther;
}

std::optional<ErrorId> parse_error_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  const auto dialect = parse_enum<Dialect>(kDialectNames, name.substr(0, dot));
  if (!dialect) return std::nullopt;
  const std::string_view rest = name.substr(dot + 1);
  for (const NamedError& named : kNamedErrors) {
    if (named.id.dialect == *dialect && named.name == rest) return named.id;
  }
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), code);
  if (error != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
  if (code > (1U << 24) - 1) return std::nullopt;
  return ErrorId{*dialect, code};
}

std::string_view to_string(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}
std::string_view to_string(UiShown ui) { return kUiShownNames[static_cast<std::size_t>(ui)]; }
std::string_view to_string(ErrorClass error_class) {
  return kErrorClassNames[static_cast<std::size_t>(error_class)];
}
std::string_view to_string(Dialect dialect) {
  return kDialectNames[static_cast<std::size_t>(dialect)];
}
std::optional<Outcome> parse_outcome(std::string_view name) {
  return parse_enum<Outcome>(kOutcomeNames, name);
}
std::optional<UiShown> parse_ui_shown(std::string_view name) {
  return parse_enum<UiShown>(kUiShownNames, name);
}

}  // namespace kpi
