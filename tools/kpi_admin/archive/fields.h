// What lines of events and of cells have in common: fields of JSON, and the kind of an event.
// Pure functions. Errors are kInvalidArgument and name the field.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>

#include "kpi/event.h"
#include "kpi/result.h"

namespace kpi::tools {

Error expected(std::string_view field, std::string_view what);
// No other fields than these.
Status check_fields(const nlohmann::json& object, std::span<const std::string_view> known);
// Empty where it is absent.
Result<std::string> text_field(const nlohmann::json& object, const char* name);
Result<std::int64_t> integer_field(const nlohmann::json& object, const char* name);

// ,"outcome":"failure","ui_shown":"yes","error":"chrome.other" without what is unknown.
void append_kind(EventKind kind, std::string* out);
Result<EventKind> kind_field(const nlohmann::json& object);

// Bytes as base64 (RFC 4648, section 4).
std::string encode_base64(std::string_view bytes);
Result<std::string> decode_base64(std::string_view text);

}  // namespace kpi::tools
