#include "server/pgwire/catalog_types.h"

#include <algorithm>
#include <array>

#include "server/pgwire/catalog_restriction.h"

namespace kpi::server::pgwire {
namespace {

struct TypeRow {
  const char* name;
  const char* sql_name;
  const char *oid, *array_oid, *size, *category;
};
constexpr std::array<TypeRow, 18> kTypes = {
    {{"bool", "boolean", "16", "1000", "1", "B"},
     {"name", "name", "19", "1003", "64", "S"},
     {"int8", "bigint", "20", "1016", "8", "N"},
     {"int2", "smallint", "21", "1005", "2", "N"},
     {"int4", "integer", "23", "1007", "4", "N"},
     {"text", "text", "25", "1009", "-1", "S"},
     {"oid", "oid", "26", "1028", "4", "N"},
     {"json", "json", "114", "199", "-1", "U"},
     {"float4", "real", "700", "1021", "4", "N"},
     {"float8", "double precision", "701", "1022", "8", "N"},
     {"unknown", "unknown", "705", "0", "-2", "X"},
     {"bpchar", "character", "1042", "1014", "-1", "S"},
     {"varchar", "character varying", "1043", "1015", "-1", "S"},
     {"date", "date", "1082", "1182", "4", "D"},
     {"timestamp", "timestamp without time zone", "1114", "1115", "8", "D"},
     {"timestamptz", "timestamp with time zone", "1184", "1185", "8", "D"},
     {"interval", "interval", "1186", "1187", "16", "T"},
     {"numeric", "numeric", "1700", "1231", "-1", "N"}}};

constexpr std::array<std::string_view, 15> kNumberColumns = {
    "oid",          "array_oid",   "typarray",  "typlen", "typelem",          "typrelid",
    "typnamespace", "typbasetype", "typtypmod", "attnum", "ordinal_position", "atttypid",
    "attlen",       "atttypmod",   "attrelid"};

// Whether `column IN ('a', 'b')`, if that is asked, has the name.
bool is_listed(std::string_view folded, std::string_view column, std::string_view name) {
  const std::size_t at = folded.find(std::string(column) + " in (");
  if (at == std::string_view::npos) return true;
  const std::string_view list = folded.substr(at, folded.find(')', at) - at);
  return list.find("'" + std::string(name) + "'") != std::string_view::npos;
}

}  // namespace

std::string_view type_name(std::string_view oid) {
  for (const TypeRow& type : kTypes) {
    if (oid == type.oid) return type.sql_name;
  }
  return "???";
}

std::string_view type_oid(std::string_view sql_name) {
  for (const TypeRow& type : kTypes) {
    if (sql_name == type.sql_name) return type.oid;
  }
  return "0";
}

bool is_number_column(std::string_view name) {
  return std::find(kNumberColumns.begin(), kNumberColumns.end(), name) != kNumberColumns.end();
}

std::vector<CatalogRow> type_rows(std::string_view folded) {
  const auto name = compared(folded, "typname");
  const auto number = compared(folded, "oid");
  std::vector<CatalogRow> rows;
  for (const TypeRow& type : kTypes) {
    if (name && *name != type.name) continue;
    if (!is_listed(folded, "typname", type.name)) continue;
    // 'text'::regtype is compared by name.
    if (number && *number != type.oid && *number != type.name && *number != type.sql_name) continue;
    rows.push_back({{"oid", type.oid},
                    {"name", type.name},
                    {"typname", type.name},
                    {"regtype", type.sql_name},
                    {"typarray", type.array_oid},
                    {"array_oid", type.array_oid},
                    {"typlen", type.size},
                    {"typtype", "b"},
                    {"typelem", "0"},
                    {"typrelid", "0"},
                    {"typbasetype", "0"},
                    {"typtypmod", "-1"},
                    {"typdelim", ","},
                    {"delimiter", ","},
                    {"typcategory", type.category},
                    {"typnotnull", "f"},
                    {"typnamespace", "11"},
                    {"nspname", "pg_catalog"}});
  }
  return rows;
}

}  // namespace kpi::server::pgwire
