#include "tools/kpi_admin/messages.h"

#include <cstdio>

namespace kpi::tools {

ExitCode report_failure(const Error& error) {
  std::fprintf(stderr, "kpi-admin: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "  %s\n", error.hint.c_str());
  if (error.code == ErrorCode::kCanceled) return ExitCode::kInterrupted;
  const bool file = error.code == ErrorCode::kIo || error.code == ErrorCode::kPermissionDenied;
  return file ? ExitCode::kUsage : ExitCode::kQueryError;
}

}  // namespace kpi::tools
