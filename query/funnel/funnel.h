// Runs a FUNNEL: how many events reached each stage, and how long it took them.
#pragma once
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Funneled {
  Table table;
  std::vector<ReadStep> steps;  // What the store read.
};

Result<Funneled> run_funnel(const Funnel& funnel, const View& view, const Options& options);

}  // namespace kpi::query
