// What the server sends (PostgreSQL protocol 3.0): each function appends one whole message to
// `out`. Pure; no sockets. Strings must not hold NUL bytes where the protocol ends them with one:
// they are cut there.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/query.h"

namespace kpi::server::pgwire {

enum class TransactionStatus : char { kIdle = 'I', kOpen = 'T', kFailed = 'E' };
enum class Severity : std::uint8_t { kNotice, kWarning, kError, kFatal };

// The fields of ErrorResponse and NoticeResponse that the server fills.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string_view sqlstate;  // Five characters.
  std::string_view message;
  std::string_view hint = {};
  std::size_t position = 0;  // 1-based, in characters; 0: none.
};

void append_authentication_ok(std::string& out);
void append_parameter_status(std::string& out, std::string_view name, std::string_view value);
void append_backend_key_data(std::string& out, std::uint32_t process_id, std::uint32_t secret_key);
// Offers minor version 0 and names the protocol options that are not known.
void append_negotiate_protocol_version(std::string& out,
                                       const std::vector<std::string_view>& unknown_options);
void append_ready_for_query(std::string& out, TransactionStatus status);
// Of each column of a result, whether it is sent in binary format; empty: all in text.
using Formats = std::vector<bool>;
// `formats` is empty or as long as `columns`.
void append_row_description(std::string& out, const std::vector<query::Column>& columns,
                            const Formats& formats = {});
// `row` is as long as `columns`.
void append_data_row(std::string& out, const std::vector<query::Column>& columns,
                     const std::vector<query::Value>& row, const Formats& formats = {});
void append_command_complete(std::string& out, std::string_view tag);
void append_empty_query_response(std::string& out);
// Messages that are only their type.
enum class Signal : char {
  kParseComplete = '1',
  kBindComplete = '2',
  kCloseComplete = '3',
  kNoData = 'n',
  kPortalSuspended = 's',
  kCopyDone = 'c',
};
void append_signal(std::string& out, Signal signal);
void append_parameter_description(std::string& out, const std::vector<std::uint32_t>& oids);
// Of so many columns, in text format.
void append_copy_out_response(std::string& out, std::size_t columns);
void append_copy_data(std::string& out, std::string_view data);
// ErrorResponse, or NoticeResponse where the severity is below error.
void append_diagnostic(std::string& out, const Diagnostic& diagnostic);

}  // namespace kpi::server::pgwire
