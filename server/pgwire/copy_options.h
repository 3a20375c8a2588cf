// COPY (query) TO STDOUT: what is copied, and how its rows are written.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"
#include "server/pgwire/statement_scan.h"

namespace kpi::server::pgwire {

struct CopyOptions {
  bool csv = false, header = false;
  char delimiter = '\t';
  std::string null = "\\N";
  char quote = '"', escape = '"';               // CSV only.
  bool quote_all = false;                       // FORCE_QUOTE *
  std::vector<std::string> quote_columns = {};  // FORCE_QUOTE (a, b)
};

struct CopyStatement {
  CopyOptions options;
  std::string_view query;        // Within the statement's text,
  std::size_t query_offset = 0;  // where it begins.
};

// Nothing: not a COPY. PostgreSQL's syntax of today and that of old (WITH CSV HEADER).
// kUnsupported: COPY FROM, of a table, to a file or program, in binary. kInvalidArgument: an option
// that is wrong.
std::optional<Result<CopyStatement>> read_copy(const ScannedStatement& statement);

}  // namespace kpi::server::pgwire
