// The event model: what one reported sign-in attempt is made of, and the names of its errors.
// Pure values, std only. Numeric values of the enums are persistent: they stand in files.
#pragma once
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace kpi {

inline constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 3'600'000, kDayMs = 86'400'000;

// Half-open, in ms since the Unix epoch, UTC. The default is all of time.
struct TimeRange {
  std::int64_t begin_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t end_ms = std::numeric_limits<std::int64_t>::max();
  bool empty() const { return begin_ms >= end_ms; }
  bool contains(std::int64_t time_ms) const { return time_ms >= begin_ms && time_ms < end_ms; }
  auto operator<=>(const TimeRange&) const = default;
};

enum class Outcome : std::uint8_t { kUnknown = 0, kSuccess = 1, kFailure = 2 };
enum class UiShown : std::uint8_t { kUnknown = 0, kNo = 1, kYes = 2 };
enum class ErrorClass : std::uint8_t { kOther = 0, kIdp = 1, kRp = 2, kUser = 3 };

// Whose error codes are meant: the code spaces of the dialects collide.
enum class Dialect : std::uint8_t { kNone = 0, kFedcm = 1, kChrome = 2, kBrowserid = 3 };

// A failure's cause, {kNone, 0} where there is none. code: 0..kErrorCodeMax.
struct ErrorId {
  Dialect dialect = Dialect::kNone;
  std::uint32_t code = 0;
  bool none() const { return dialect == Dialect::kNone; }
  auto operator<=>(const ErrorId&) const = default;
};

// Outcome, UI and error of an event in one integer: what cells count by. Bits, from the top:
// dialect 4, code 24, outcome 2, ui_shown 2. Persistent.
class EventKind {
 public:
  constexpr EventKind() = default;
  constexpr EventKind(Outcome outcome, UiShown ui, ErrorId error = {})
      : packed_((static_cast<std::uint32_t>(error.dialect) << 28) | (error.code << 4) |
                (static_cast<std::uint32_t>(outcome) << 2) | static_cast<std::uint32_t>(ui)) {}
  static constexpr EventKind from_packed(std::uint32_t packed) {
    EventKind kind;
    kind.packed_ = packed;
    return kind;
  }
  constexpr std::uint32_t packed() const { return packed_; }
  constexpr Outcome outcome() const { return static_cast<Outcome>((packed_ >> 2) & 3); }
  constexpr UiShown ui_shown() const { return static_cast<UiShown>(packed_ & 3); }
  constexpr ErrorId error() const {
    return {static_cast<Dialect>(packed_ >> 28), (packed_ >> 4) & 0xFFFFFF};
  }
  // False for bit patterns no event can have (unknown enum values; an error without a failure):
  // decoders refuse them.
  bool valid() const;
  auto operator<=>(const EventKind&) const = default;

 private:
  std::uint32_t packed_ = 0;
};

// Stable names: `fedcm.invalid_token_response`, `chrome.user_failure`, for unknown codes
// `chrome.777`; empty for no error.
std::string error_name(ErrorId error);
ErrorClass error_class(ErrorId error);
// The inverse of error_name; also takes `fedcm.106` for a code that has a name.
std::optional<ErrorId> parse_error_name(std::string_view name);

std::string_view to_string(Outcome outcome);         // unknown, success, failure
std::string_view to_string(UiShown ui);              // unknown, no, yes
std::string_view to_string(ErrorClass error_class);  // other, idp, rp, user
std::string_view to_string(Dialect dialect);         // "", fedcm, chrome, browserid
std::optional<Outcome> parse_outcome(std::string_view name);
std::optional<UiShown> parse_ui_shown(std::string_view name);

}  // namespace kpi
