// The types that pg_type lists: those that values come in, and those that drivers look up.
#pragma once
#include <string_view>
#include <vector>

#include "server/pgwire/catalog_relations.h"

namespace kpi::server::pgwire {

// Restricted as `folded` compares typname or oid with a constant; else all.
std::vector<CatalogRow> type_rows(std::string_view folded);

// The SQL name of the type with this OID, in digits; "???" as PostgreSQL has it: none.
std::string_view type_name(std::string_view oid);

// By its name in SQL, as "bigint"; "0": there is none.
std::string_view type_oid(std::string_view sql_name);

// Columns of system catalogs that hold numbers; their rows' texts are whole numbers.
bool is_number_column(std::string_view name);

}  // namespace kpi::server::pgwire
