// A statement's parameter from the bytes that a client binds: text or binary, by its type.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "kpi/query.h"

namespace kpi::server::pgwire {

// The type that clients are told for a parameter whose type they left open.
std::uint32_t parameter_oid(query::Type inferred);

// As query::bind() takes it. Times and all texts become text, which is read as a literal at the
// parameter's place. A type that is not known here is taken as text in text format.
// kInvalidArgument: no value of that type. kUnsupported: a type without a binary format here.
Result<query::Value> parameter_value(std::uint32_t type, bool binary, std::string_view bytes);

}  // namespace kpi::server::pgwire
