// The rows of a COMPARE: differences, p-values over the whole statement, verdicts.
#pragma once
#include <string>
#include <vector>

#include "kpi/query.h"
#include "query/compare/compare_plan.h"
#include "query/compare/judge.h"

namespace kpi::query {

struct VerdictRow {
  const GroupKey* key = nullptr;
  const Judged* item = nullptr;
  const Judgement* judgement = nullptr;
};

// Rows as given, with p-values corrected over all of them. Appends to `table`.
void add_verdicts(const std::vector<VerdictRow>& rows, Table& table);

// The methods behind the rows, with their sources.
std::vector<std::string> method_notes(const std::vector<VerdictRow>& rows);

}  // namespace kpi::query
