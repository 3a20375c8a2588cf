// The extended protocol's messages: bytes -> fields. No state; views into the given bytes. Trusts
// nothing: every count and length is checked against the message.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi::server::pgwire {

// An empty name is the unnamed statement or portal.
struct ParseMessage {
  std::string_view statement, text;
  std::vector<std::uint32_t> parameter_oids;  // 0: left to the server. May be fewer than there are.
};
struct BindMessage {
  std::string_view portal, statement;
  std::vector<std::int16_t> parameter_formats;              // None, one for all, or one each.
  std::vector<std::optional<std::string_view>> parameters;  // Nothing: NULL.
  std::vector<std::int16_t> result_formats;                 // As parameter_formats.
};
// Describe and Close.
struct TargetMessage {
  bool is_portal = false;  // Else a statement.
  std::string_view name;
};
struct ExecuteMessage {
  std::string_view portal;
  std::uint32_t rows_max = 0;  // 0: all.
};

// `body`: of a whole message, without type and length. kInvalidArgument: malformed.
Result<ParseMessage> decode_parse(std::string_view body);
Result<BindMessage> decode_bind(std::string_view body);
Result<TargetMessage> decode_target(std::string_view body);
Result<ExecuteMessage> decode_execute(std::string_view body);

}  // namespace kpi::server::pgwire
