#include "server/pgwire/sqlstate.h"

namespace kpi::server::pgwire {

std::string_view sqlstate(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:  // A place in the text: syntax. None: a value.
      return error.position != 0 ? "42601" : "22023";
    case ErrorCode::kNotFound:
      return "42703";
    case ErrorCode::kLimitExceeded:
      return kProgramLimitExceeded;
    case ErrorCode::kUnavailable:
      return "57P03";
    case ErrorCode::kCanceled:
      return kQueryCanceled;
    case ErrorCode::kPermissionDenied:
      return "42501";
    case ErrorCode::kBusy:
      return "55006";
    case ErrorCode::kUnsupported:
      return kFeatureNotSupported;
    case ErrorCode::kCorruption:
      return "XX001";
    case ErrorCode::kIo:
      return "58030";
  }
  return "XX000";
}

}  // namespace kpi::server::pgwire
