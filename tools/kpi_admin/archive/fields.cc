#include "tools/kpi_admin/archive/fields.h"

#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kpi::tools {

using Json = nlohmann::json;

Error expected(std::string_view field, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": expected " + std::string(what)};
}

Status check_fields(const Json& object, std::span<const std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Error{ErrorCode::kInvalidArgument, "unknown field '" + name + "'"};
    }
  }
  return ok_status();
}

Result<std::string> text_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return expected(name, "a string");
  return found->get<std::string>();
}

Result<std::int64_t> integer_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return expected(name, "an integer");
  return found->get<std::int64_t>();
}

void append_kind(EventKind kind, std::string* out) {
  if (kind.outcome() != Outcome::kUnknown) {
    *out += ",\"outcome\":\"" + std::string(to_string(kind.outcome())) + '"';
  }
  if (kind.ui_shown() != UiShown::kUnknown) {
    *out += ",\"ui_shown\":\"" + std::string(to_string(kind.ui_shown())) + '"';
  }
  if (!kind.error().none()) *out += ",\"error\":\"" + error_name(kind.error()) + '"';
}

Result<EventKind> kind_field(const Json& object) {
  const Result<std::string> outcome = text_field(object, "outcome"),
                            ui = text_field(object, "ui_shown"),
                            error = text_field(object, "error");
  for (const auto* text : {&outcome, &ui, &error}) {
    if (!text->ok()) return text->error();
  }
  const auto outcome_value = parse_outcome(outcome.value().empty() ? "unknown" : outcome.value());
  if (!outcome_value) return expected("outcome", "success, failure or unknown");
  const auto ui_value = parse_ui_shown(ui.value().empty() ? "unknown" : ui.value());
  if (!ui_value) return expected("ui_shown", "yes, no or unknown");
  ErrorId id;
  if (!error.value().empty()) {
    const auto known = parse_error_name(error.value());
    if (!known) return expected("error", "a name such as fedcm.invalid_token_response");
    id = *known;
  }
  const EventKind kind(*outcome_value, *ui_value, id);
  if (!kind.valid()) return expected("error", "none but for failures");
  return kind;
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

Result<std::string> decode_base64(std::string_view text) {
  constexpr std::size_t kTextMax = 1U << 20;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  const int size = text.empty() || text.size() > kTextMax || text.size() % 4 != 0 || padding > 2
                       ? -1
                       : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                         reinterpret_cast<const unsigned char*>(text.data()),
                                         static_cast<int>(text.size()));
  if (size < 0) return expected("sketch", "base64");
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace kpi::tools
