// Errors as PostgreSQL's five-character states.
#pragma once
#include <string_view>
#include <utility>

#include "kpi/result.h"

namespace kpi::server::pgwire {

inline constexpr std::string_view kProtocolViolation = "08P01";
inline constexpr std::string_view kUndefinedStatement = "26000";
inline constexpr std::string_view kUndefinedCursor = "34000";
inline constexpr std::string_view kDuplicateStatement = "42P05";
inline constexpr std::string_view kDuplicateCursor = "42P03";
inline constexpr std::string_view kPortalNotRunnable = "55000";
inline constexpr std::string_view kSyntaxError = "42601";
inline constexpr std::string_view kNoActiveTransaction = "25P01";
inline constexpr std::string_view kActiveTransaction = "25001";
inline constexpr std::string_view kInFailedTransaction = "25P02";
inline constexpr std::string_view kUndefinedSavepoint = "3B001";
inline constexpr std::string_view kNotInRepertoire = "22021";
inline constexpr std::string_view kInvalidText = "22P02";
inline constexpr std::string_view kInvalidBinary = "22P03";
inline constexpr std::string_view kFeatureNotSupported = "0A000";
inline constexpr std::string_view kInvalidAuthorization = "28000";
inline constexpr std::string_view kInvalidPassword = "28P01";
inline constexpr std::string_view kTooManyConnections = "53300";
inline constexpr std::string_view kConfigurationLimit = "53400";
inline constexpr std::string_view kProgramLimitExceeded = "54000";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kAdminShutdown = "57P01";
inline constexpr std::string_view kSuccessfulCompletion = "00000";

// Of an error of the query language or the store.
std::string_view sqlstate(const Error& error);

// An error with a state of its own, where its code alone does not tell.
struct Failure {
  Failure(Error why) : error(std::move(why)), state(sqlstate(error)) {}  // NOLINT: implicit
  Failure(Error why, std::string_view its_state) : error(std::move(why)), state(its_state) {}
  Error error;
  std::string_view state;
};

}  // namespace kpi::server::pgwire
