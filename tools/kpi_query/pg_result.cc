#include "tools/kpi_query/pg_result.h"

#include <charconv>
#include <chrono>

namespace kpi::tools {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

query::Type type_of(Oid oid) {
  switch (oid) {
    case 16:
      return query::Type::kBool;
    case 20:
    case 21:
    case 23:
      return query::Type::kInt8;
    case 700:
    case 701:
    case 1700:
      return query::Type::kFloat8;
    case 1114:
    case 1184:
      return query::Type::kTimestamp;
    default:
      return query::Type::kText;
  }
}

template <class T>
query::Value value_or_text(std::optional<T> value, std::string_view text) {
  if (value) return *value;
  return std::string(text);
}

query::Value to_value(std::string_view text, query::Type type) {
  switch (type) {
    case query::Type::kBool:
      return value_or_text(text == "t" || text == "f" ? std::optional(text == "t") : std::nullopt,
                           text);
    case query::Type::kInt8:
      return value_or_text(parse_whole<std::int64_t>(text), text);
    case query::Type::kFloat8:
      return value_or_text(parse_whole<double>(text), text);
    case query::Type::kTimestamp:
      return value_or_text(parse_timestamp(text), text);
    case query::Type::kText:
      break;
  }
  return std::string(text);
}

std::string_view field(const PGresult* result, int code) {
  const char* const text = PQresultErrorField(result, code);
  return text != nullptr ? std::string_view(text) : std::string_view();
}

// PostgreSQL counts characters where kpi/result.h counts bytes.
std::size_t byte_position(std::string_view statement, std::size_t character) {
  if (character == 0) return 0;
  std::size_t bytes = 0;
  for (std::size_t seen = 0; bytes < statement.size(); ++bytes) {
    if ((static_cast<unsigned char>(statement[bytes]) & 0xC0) != 0x80 && ++seen == character) break;
  }
  return bytes + 1;
}

Failure classify(std::string_view sqlstate) {
  const std::string_view kind = sqlstate.substr(0, 2);
  if (sqlstate == "57014") return {{ErrorCode::kCanceled, ""}, ExitCode::kQueryError};
  if (kind == "28") return {{ErrorCode::kInvalidArgument, ""}, ExitCode::kAuthentication};
  if (kind == "57") return {{ErrorCode::kUnavailable, ""}, ExitCode::kNoConnection};
  if (kind == "54") return {{ErrorCode::kLimitExceeded, ""}, ExitCode::kQueryError};
  return {{ErrorCode::kInvalidArgument, ""}, ExitCode::kQueryError};
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  // Offsets of the form that the server prints in; other zones than +00 it never does.
  constexpr std::size_t kSecondsEnd = 19;
  if (text.size() < kSecondsEnd + 3 || text.substr(text.size() - 3) != "+00") return std::nullopt;
  const std::string_view fraction = text.substr(kSecondsEnd, text.size() - 3 - kSecondsEnd);
  const auto part = [&](std::size_t at, std::size_t size) {
    return parse_whole<int>(text.substr(at, size));
  };
  const auto year = part(0, 4), month = part(5, 2), day = part(8, 2);
  const auto hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  if (!year || !month || !day || !hour || !minute || !second || text[10] != ' ')
    return std::nullopt;
  int milliseconds = 0;
  if (!fraction.empty()) {
    const auto parsed = fraction.size() == 4 ? parse_whole<int>(fraction.substr(1)) : std::nullopt;
    if (fraction[0] != '.' || !parsed) return std::nullopt;
    milliseconds = *parsed;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + *hour) * 60 + *minute) * 60 + *second) * 1000 + milliseconds;
}

std::vector<query::Column> columns_of(const PGresult* result) {
  std::vector<query::Column> columns;
  const int count = PQnfields(result);
  for (int c = 0; c < count; ++c) {
    columns.push_back({PQfname(result, c), type_of(PQftype(result, c))});
  }
  return columns;
}

void append_rows(const PGresult* result, const std::vector<query::Column>& columns, Rows& rows) {
  const int count = PQntuples(result);
  for (int r = 0; r < count; ++r) {
    auto& row = rows.emplace_back();
    row.reserve(columns.size());
    for (int c = 0; c < static_cast<int>(columns.size()); ++c) {
      const std::string_view text(PQgetvalue(result, r, c),
                                  static_cast<std::size_t>(PQgetlength(result, r, c)));
      const query::Type type = columns[static_cast<std::size_t>(c)].type;
      row.push_back(PQgetisnull(result, r, c) ? query::Value() : to_value(text, type));
    }
  }
}

Failure to_failure(const PGresult* result, std::string_view statement) {
  Failure failure = classify(field(result, PG_DIAG_SQLSTATE));
  failure.error.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  failure.error.hint = field(result, PG_DIAG_MESSAGE_HINT);
  if (failure.error.message.empty()) failure.error.message = PQresultErrorMessage(result);
  const auto position = parse_whole<std::size_t>(field(result, PG_DIAG_STATEMENT_POSITION));
  failure.error.position = byte_position(statement, position.value_or(0));
  return failure;
}

}  // namespace kpi::tools
