// Runs COMPARE: did it help, for whom, and how sure is that.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Compared {
  Table table;
  std::vector<ReadStep> steps;  // What the store read.
};

Result<std::vector<Column>> compare_columns(const Compare& compare, const View& view);
Result<Compared> run_compare(const Compare& compare, const View& view, const Options& options);

// For EXPLAIN: what is asked, and what the store would read for it.
struct ForeseenCompare {
  std::vector<std::string> lines;
  std::vector<ReadStep> steps;
};
Result<ForeseenCompare> foresee_compare(const Compare& compare, const View& view,
                                        const Options& options);

}  // namespace kpi::query
