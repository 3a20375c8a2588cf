// Errors as PostgreSQL's five-character states.
#pragma once
#include <string_view>

#include "kpi/result.h"

namespace kpi::server::pgwire {

inline constexpr std::string_view kProtocolViolation = "08P01";
inline constexpr std::string_view kFeatureNotSupported = "0A000";
inline constexpr std::string_view kTooManyConnections = "53300";
inline constexpr std::string_view kProgramLimitExceeded = "54000";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kAdminShutdown = "57P01";
inline constexpr std::string_view kSuccessfulCompletion = "00000";

// Of an error of the query language or the store.
std::string_view sqlstate(const Error& error);

}  // namespace kpi::server::pgwire
