// Runs the statements of POST /v1/query on a Store.
#pragma once
#include <memory>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "server/http/query_pool.h"

namespace kpi::server {

// `store` outlives the runner.
QueryRunner make_query_runner(Store& store, std::size_t rows_max,
                              std::uint64_t min_group_size_reader,
                              std::shared_ptr<const std::vector<query::ValueAlias>> aliases = {});

}  // namespace kpi::server
