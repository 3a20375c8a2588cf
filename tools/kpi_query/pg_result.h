// What libpq gives -> the values of kpi/query.h, so that one renderer serves all.
#pragma once
#include <libpq-fe.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "kpi/query.h"
#include "tools/kpi_query/connection.h"

namespace kpi::tools {

std::vector<query::Column> columns_of(const PGresult* result);
// A value that does not read as its column's type stays text.
void append_rows(const PGresult* result, const std::vector<query::Column>& columns, Rows& rows);

// Of a failed result; `statement` is the text that was sent.
Failure to_failure(const PGresult* result, std::string_view statement);

// `2026-11-22 09:00:00[.123]+00` as ms since the epoch.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

}  // namespace kpi::tools
