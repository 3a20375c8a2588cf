// The system catalogs' few rows: one database, one schema, one table `events` and its columns.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/store.h"
#include "server/pgwire/catalog.h"

namespace kpi::server::pgwire {

// A row by the names that clients give its columns; a name that is missing is NULL.
using CatalogRow = std::map<std::string, std::string, std::less<>>;

// Of `relation` ("pg_class", "information_schema.columns") as `folded` restricts them; none for a
// relation that is not modelled.
std::vector<CatalogRow> catalog_rows(std::string_view relation, std::string_view folded,
                                     const SessionFacts& facts, const Store& store);

// The session's settings, as SHOW and pg_settings have them.
std::vector<std::pair<std::string, std::string>> session_settings(const SessionFacts& facts);

}  // namespace kpi::server::pgwire
