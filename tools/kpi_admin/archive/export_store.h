// Writes a store as an archive: events as NDJSON, a file a day, and the rest beside them.
#pragma once
#include <filesystem>
#include <stop_token>
#include <string>

#include "kpi/result.h"

namespace kpi::tools {

struct ExportOptions {
  std::filesystem::path data_dir, out;
  bool quiet = false;
};

struct ExportSummary {
  std::uint64_t events = 0, days = 0, rest_lines = 0;
  std::uint64_t days_kept = 0;  // That an earlier, interrupted export had written already.
};

// Reads the store as it is now, also beside a running server. Goes on with what an interrupted
// export into the same directory left; a day whose events are other ones by now is written again.
// kCanceled: `stop`. kInvalidArgument: the directory holds something else.
Result<ExportSummary> export_store(const ExportOptions& options, std::stop_token stop);

}  // namespace kpi::tools
