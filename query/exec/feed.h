// FOLLOW: rows of events as they are accepted.
#pragma once
#include <functional>
#include <memory>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/text/ast.h"

namespace kpi::query {

// Errors carry the place in the text.
Result<std::unique_ptr<RowFeed>> open_feed(const Follow& follow, Store& store,
                                           const Options& options, std::function<void()> on_rows);

}  // namespace kpi::query
