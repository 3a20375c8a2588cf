// Any text: what parses prints back to itself, runs or says why not, and every error points into
// the text.
#include <cstdint>
#include <string_view>
#include <vector>

#include "kpi/assert.h"
#include "kpi/limits.h"
#include "kpi/query.h"
#include "query/text/ast.h"
#include "tests/support/model_store.h"

namespace {

constexpr std::int64_t kNowMs = 1'795'348'800'000;
constexpr std::size_t kRowsMax = 1000;

// A new one each time: milestones come and go.
kpi::test::ModelStore store() {
  return kpi::test::ModelStore({
      {kNowMs - kpi::kHourMs,
       "https://a.example",
       "c1",
       kpi::EventKind(kpi::Outcome::kSuccess, kpi::UiShown::kUnknown),
       1000,
       {{"turnaround_time", 250}},
       {{"browser", "x"}}},
      {kNowMs - kpi::kDayMs,
       "",
       "",
       kpi::EventKind(kpi::Outcome::kFailure, kpi::UiShown::kYes, {kpi::Dialect::kFedcm, 106}),
       2500,
       {},
       {}},
  });
}

void check(const kpi::Error& error, std::string_view text) {
  KPI_ASSERT(!error.message.empty());
  KPI_ASSERT(error.position <= text.size() + 1);
}

void run(const kpi::query::Statement& statement, std::string_view text) {
  kpi::query::Options options;
  options.now_ms = kNowMs;
  options.rows_max = kRowsMax;
  auto model = store();
  const auto columns = kpi::query::describe(statement, model);
  const auto table = kpi::query::run(statement, model, options);
  if (!table.ok()) return check(table.error(), text);
  KPI_ASSERT(columns.ok() && columns.value().size() == table.value().columns.size());
  for (const auto& row : table.value().rows) {
    KPI_ASSERT(row.size() == table.value().columns.size());
  }
}

kpi::query::Value sample(kpi::query::Type type) {
  switch (type) {
    case kpi::query::Type::kInt8:
    case kpi::query::Type::kTimestamp:
      return std::int64_t{-1};
    case kpi::query::Type::kFloat8:
      return 0.5;
    case kpi::query::Type::kBool:
      return true;
    case kpi::query::Type::kText:
      break;
  }
  return "' OR 1 = 1; --";
}

// With values of the types it wants, with texts, and with NULL.
void run_bound(const kpi::query::Statement& statement, std::string_view text) {
  const auto types = kpi::query::parameter_types(statement, store());
  if (!types.ok()) return check(types.error(), text);
  if (types.value().empty()) return;
  std::vector<kpi::query::Value> values;
  for (const kpi::query::Type type : types.value()) values.push_back(sample(type));
  for (const auto& given : {values, std::vector<kpi::query::Value>(values.size(), "x"),
                            std::vector<kpi::query::Value>(values.size())}) {
    const auto bound = kpi::query::bind(statement, given);
    if (!bound.ok()) {
      check(bound.error(), text);
    } else {
      run(bound.value(), text);
    }
  }
}

void check(const kpi::query::Statement& statement, std::string_view text) {
  const std::string printed = statement.text();
  if (printed.size() <= kpi::kStatementBytesMax) {  // A print may be longer than what it prints.
    const auto again = kpi::query::parse(printed);
    KPI_ASSERT(again.ok() && again.value().size() == 1);
    KPI_ASSERT(kpi::query::equal(again.value()[0], statement));
  }
  run(statement, text);
  run_bound(statement, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto statements = kpi::query::parse(text);
  if (!statements.ok()) {
    check(statements.error(), text);
    return 0;
  }
  for (const auto& statement : statements.value()) check(statement, text);
  return 0;
}
