// How every fallible call of this project reports failure: Result<T>, one error channel.
#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace kpi {

// Stable: callers branch on it, surfaces map it to an HTTP status, an SQLSTATE or an exit code.
enum class ErrorCode {
  kInvalidArgument,   // The caller's input is wrong; the message says where and what was expected.
  kNotFound,          // A name that had to exist does not.
  kLimitExceeded,     // A named limit of kpi/limits.h or of the options.
  kUnavailable,       // Overloaded, closing, or stopped after a write error: try again later.
  kCanceled,          // The caller asked for it.
  kPermissionDenied,  // Known, but not allowed to: a role, a user.
  kBusy,              // Another process has the data directory open.
  kUnsupported,       // Data of a newer format version, or a statement of a later language level.
  kCorruption,        // Stored bytes fail a check; never a wrong number instead.
  kIo,                // The file system or a socket said no.
};

struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;       // One sentence for a human, no trailing full stop.
  std::string hint = {};     // What to do about it, or empty.
  std::size_t position = 0;  // 1-based byte offset in the text that was parsed; 0: no place.
};

// A T or an Error: never both, never neither. value() requires ok() and error() requires !ok();
// a caller that breaks that gets std::bad_variant_access. Thread-compatible, like std::variant.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit
  bool ok() const { return state_.index() == 0; }
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;  // For calls with nothing to return but success.
inline Status ok_status() { return std::monostate{}; }

}  // namespace kpi
