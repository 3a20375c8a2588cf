// What is expected where an expression stands, and what an expression is: by its place in the
// statement, without running it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "query/plan/names.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Place {
  enum class Wanted : std::uint8_t {
    kAny,
    kColumn,  // Any, as a column of the answer.
    kText,
    kInt,
    kFloat,
    kTime,
    kInterval,
    kBool,
    kRows,
  };
  Wanted wanted = Wanted::kAny;
  std::string sample = {};  // A text that fits where not every text does.
};

inline bool decides(Place::Wanted wanted) {
  return wanted != Place::Wanted::kAny && wanted != Place::Wanted::kColumn;
}
Type type_of(Place::Wanted wanted);  // What decides nothing, and kInterval, come as texts.
ExprPtr sample_of(const Place& place, std::size_t position);  // A value that fits.

// What names stand for. `names` may be null: then labels and measures are not told apart.
struct PlaceScope {
  Names* names = nullptr;
  const std::vector<SelectItem>* aliases = nullptr;
};
// What `expr` gives; kAny where that depends on its parameters.
Place place_of(const Expr& expr, const PlaceScope& scope);
Place place_of_cast(const std::string& type);

}  // namespace kpi::query
