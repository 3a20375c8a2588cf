// DECLARE, FETCH and MOVE: cursors as statements, taken apart.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/pgwire/statement_scan.h"

namespace kpi::server::pgwire {

struct DeclareStatement {
  std::string cursor;
  bool hold = false;             // Outlives its transaction.
  std::string_view query;        // Within the statement's text,
  std::size_t query_offset = 0;  // where it begins.
};

// Nothing: not a DECLARE. kUnsupported: SCROLL, BINARY. kInvalidArgument: no such syntax.
std::optional<Result<DeclareStatement>> read_declare(const ScannedStatement& statement);

// Forward only: passes over rows, then gives (or, where it moves, counts) some.
struct FetchStatement {
  std::string cursor;
  bool moves = false;  // Nothing is given.
  // ABSOLUTE: `place` is the row to give, from 1 on; RELATIVE: so many further.
  enum class From : std::uint8_t { kHere, kRelative, kAbsolute } from = From::kHere;
  std::uint64_t place = 0;
  std::uint64_t rows = 1;  // UINT64_MAX: all.
};

// Nothing: neither FETCH nor MOVE. kUnsupported: backwards. kInvalidArgument: no such syntax.
std::optional<Result<FetchStatement>> read_fetch(const ScannedStatement& statement);

}  // namespace kpi::server::pgwire
