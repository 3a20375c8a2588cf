// An expression with every name resolved and every type known, ready to run on groups.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "query/function/aggregate.h"
#include "query/function/group_table.h"
#include "query/function/scalar.h"

namespace kpi::query {

struct Compiled {
  enum class Op : std::uint8_t {
    kLiteral,
    kBucket,     // The begin of the group's time bucket.
    kKey,        // Key number `slot` of the group.
    kAggregate,  // On the group; `slot` is its measure's number, if it has one.
    kNegate,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kModulo,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kIn,
    kBetween,
    kAnd,
    kOr,
    kNot,
    kIsNull,
    kToInt,
    kToFloat,
    kToText,
  };
  Op op = Op::kLiteral;
  Kind kind = Kind::kNull;  // Of every value that is not NULL.
  Scalar literal = {};
  std::string text = {};  // Of a literal of kind kText.
  std::size_t slot = 0;
  const Aggregate* aggregate = nullptr;
  double parameter = 0;
  bool has_measure = false;
  bool has_aggregate = false;  // Here or below.
  std::vector<Compiled> children = {};
};

// One row under evaluation. `table` may be null for constants.
struct RowContext {
  const GroupTable* table = nullptr;
  std::size_t group = 0;
  std::int64_t bucket_ms = 0;
  std::deque<std::string>& texts;  // Owns the text that results point to.
};

// Division by zero is NULL. Text results live as long as the row's table, texts and `expr`.
Scalar evaluate(const Compiled& expr, const RowContext& row);

// Order of two values of one kind, NULL aside: negative, 0, positive.
int compare(const Scalar& left, const Scalar& right);

}  // namespace kpi::query
