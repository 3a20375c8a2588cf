// How kpi-query ends, for scripts to branch on. The numbers are part of its contract.
#pragma once

namespace kpi::tools {

enum class ExitCode : int {
  kOk = 0,
  kQueryError = 1,    // A statement was refused or failed; no rows with --fail-on-empty.
  kUsage = 2,         // Of the command line, or a file that cannot be read.
  kNoConnection = 3,  // No server, no data directory, or no answer within --timeout.
  kAuthentication = 4,
  kIncomplete = 5,     // The connection broke while an answer was under way.
  kInterrupted = 130,  // By Ctrl-C.
};

}  // namespace kpi::tools
