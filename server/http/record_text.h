// Records as the readers of BrowserID data get them, and what they ask with.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "kpi/document.h"
#include "kpi/event.h"
#include "server/http/problem.h"

namespace kpi::server {

void append_row(std::string& out, const Document& document);     // {"id":,"key":,"value":}
void append_result(std::string& out, const Document& document);  // {"results":}
// {"seq":,"id":,"doc":} and CRLF.
void append_change(std::string& out, std::uint64_t seq, const Document& document);

// Of GET /wsapi/interaction_data.
struct RecordQuery {
  std::optional<std::string> id;  // Wins over the range.
  TimeRange range;                // Half-open; empty where start > end.
};
// `query` is the part of the target behind '?'. `start` and `end` are both inclusive; one that is
// empty or absent is open. A fraction is cut off. Other parameters mean nothing.
std::variant<RecordQuery, Problem> read_record_query(std::string_view query);

}  // namespace kpi::server
