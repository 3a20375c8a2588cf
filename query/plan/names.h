// The names a statement may use: dimensions and aggregates by heart, measures and labels as one
// view of the store has them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

// Chrome's name and the proposal's name of one measure become the proposal's.
std::string canonical_measure(std::string_view name);
std::optional<Dimension> find_dimension(std::string_view name);  // Not labels.
std::string dimension_name(const DimensionRef& dimension);

// Asks the view only once, and only when it must. Not thread-safe.
class Names {
 public:
  explicit Names(const View& view) : view_(view) {}

  bool knows_measure(const std::string& canonical);
  bool knows_label(std::string_view name);
  // A measure name of an expression, canonical; else an error that points at it.
  Result<std::string> measure(const Expr& expr);
  // "unknown name", with the nearest of everything that may stand there.
  Error unknown(const Expr& expr, std::string_view what, bool with_measures);

 private:
  const std::vector<std::string>& measures();
  const std::vector<std::string>& labels();

  const View& view_;
  std::optional<std::vector<std::string>> measures_, labels_;
};

// A dimension that `expr` names; nothing where it names none. An unquoted name must be a known
// label or dimension; a quoted one that is no measure either is a label nobody has sent yet.
std::optional<DimensionRef> resolve_dimension(const Expr& expr, Names& names);

}  // namespace kpi::query
