// What a statement's text means here: a command of the session, a question about the server, or the
// query language's; and COPY or a cursor around it.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kpi/query.h"
#include "server/pgwire/catalog.h"
#include "server/pgwire/copy_options.h"
#include "server/pgwire/cursor_statement.h"
#include "server/pgwire/session_command.h"

namespace kpi::server::pgwire {

struct EmptyPlan {};
struct CatalogPlan {
  std::string folded;  // As ScannedStatement has it; answered anew whenever it runs.
};

struct Plan;
struct DeclarePlan {
  std::string cursor;
  bool hold = false;
  std::shared_ptr<const Plan> query;  // CatalogPlan or a Statement, without COPY.
};

struct Plan {
  std::variant<EmptyPlan, SessionCommand, CatalogPlan, query::Statement, DeclarePlan,
               FetchStatement>
      what;
  std::optional<CopyOptions> copy = {};
  bool ends_failure() const;  // May run in a failed transaction.
};

// All statements of `text`, none of them run. Errors as query::parse() and catalog_answer().
Result<std::vector<Plan>> plan_statements(std::string_view text, const SessionFacts& facts,
                                          Store& store);

// Of $1, $2, ...: what the statement expects there. Errors as query::parameter_types().
Result<std::vector<query::Type>> plan_parameters(const Plan& plan, const Store& store);
// The columns of the answer; none: no rows, COPY, or FETCH, whose cursor knows. Errors as
// query::describe().
Result<std::vector<query::Column>> plan_columns(const Plan& plan, const SessionFacts& facts,
                                                Store& store);
// Errors as query::bind().
Result<Plan> bind_plan(const Plan& plan, const std::vector<query::Value>& values);

}  // namespace kpi::server::pgwire
