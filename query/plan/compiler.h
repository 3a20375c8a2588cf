// AST expressions -> compiled expressions: names to slots, types checked, places in errors.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kpi/store.h"
#include "query/function/compiled.h"
#include "query/plan/bucketing.h"
#include "query/plan/names.h"
#include "query/text/ast.h"

namespace kpi::query {

// What the names of an expression mean. Filled by the compiler: the measures it meets.
struct Scope {
  bool over_events = false;  // Else: constants only.
  std::int64_t now_ms = 0;
  Names* names = nullptr;                   // Of a SELECT; null where only constants may stand.
  std::optional<Bucketing> bucketing = {};  // Of GROUP BY.
  std::vector<DimensionRef> keys = {};      // Of GROUP BY.
  const std::vector<SelectItem>* aliases = nullptr;  // Names of HAVING and ORDER BY may be these.
  std::vector<std::string> measures = {};            // By slot.
  std::vector<std::string> success_measures = {};    // By slot, of aggregates over successes.
  std::optional<std::size_t> senders_at = {};        // Where senders are asked for first.
  std::size_t terms = 0;                             // Compiled so far.
};

// An alias and a position stand for a whole expression each time, so that what a statement means
// can be far larger than its text.
inline constexpr std::size_t kCompiledTermsMax = 100'000;

// Errors carry the place in the text. kLimitExceeded: more than kCompiledTermsMax in one scope.
Result<Compiled> compile(const Expr& expr, Scope& scope);
// As `kind`: a string literal where a time, duration or number is wanted becomes one.
Result<Compiled> compile_as(const Expr& expr, Kind kind, Scope& scope);
// A constant: its value. kInvalidArgument where it depends on events. A text value points into
// `expr`, or into `texts`.
Result<Scalar> fold(const Expr& expr, std::int64_t now_ms, std::deque<std::string>& texts);
Result<Scalar> fold_as(const Expr& expr, Kind kind, std::int64_t now_ms,
                       std::deque<std::string>& texts);  // As compile_as().
std::string_view kind_name(Kind kind);

}  // namespace kpi::query
