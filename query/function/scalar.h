// One value while an expression is evaluated: no memory of its own, so that ranking many groups
// allocates nothing.
#pragma once
#include <cstdint>
#include <string_view>

namespace kpi::query {

enum class Kind : std::uint8_t {
  kNull,
  kBool,
  kInt,
  kFloat,
  kText,
  kTime,
  kInterval,
  kOverflow,  // An integer did not fit: becomes an error where it would become an answer.
};

struct Scalar {
  Kind kind = Kind::kNull;
  std::int64_t integer = 0;    // kInt; kTime in ms since the epoch; kBool; the ms of kInterval.
  double number = 0;           // kFloat; the months of kInterval.
  std::string_view text = {};  // kText.

  bool null() const { return kind == Kind::kNull; }
  bool truth() const { return kind == Kind::kBool && integer != 0; }
  double as_double() const { return kind == Kind::kFloat ? number : static_cast<double>(integer); }
};

inline Scalar make_int(std::int64_t value) { return {Kind::kInt, value, 0, {}}; }
inline Scalar make_float(double value) { return {Kind::kFloat, 0, value, {}}; }
inline Scalar make_bool(bool value) { return {Kind::kBool, value ? 1 : 0, 0, {}}; }
inline Scalar make_time(std::int64_t ms) { return {Kind::kTime, ms, 0, {}}; }
inline Scalar make_text(std::string_view text) { return {Kind::kText, 0, 0, text}; }

}  // namespace kpi::query
