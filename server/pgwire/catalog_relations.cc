#include "server/pgwire/catalog_relations.h"

#include <algorithm>
#include <array>

#include "server/pgwire/catalog_restriction.h"
#include "server/pgwire/catalog_types.h"

namespace kpi::server::pgwire {
namespace {

constexpr const char* kEventsOid = "16384";  // The first that PostgreSQL gives to users' objects.

struct EventsColumn {
  std::string name, type;
  bool not_null;
};

std::vector<EventsColumn> events_columns(const Store& store) {
  std::vector<EventsColumn> columns = {{"time", "timestamp with time zone", true},
                                       {"rp", "text", true},
                                       {"client", "text", true},
                                       {"outcome", "text", true},
                                       {"error", "text", false},
                                       {"error_class", "text", false},
                                       {"ui_shown", "text", true}};
  const auto view = store.view();
  if (!view.ok()) return columns;
  for (const std::string& name : view.value()->measures())
    columns.push_back({name, "bigint", false});
  for (const auto& label : view.value()->labels()) columns.push_back({label.name, "text", false});
  return columns;
}

// Whether the pattern that psql compares `column` with, if there is one, can mean `name`.
bool pattern_allows(std::string_view folded, std::string_view column, std::string_view name) {
  const std::size_t at = folded.find(std::string(column) + " operator(pg_catalog.~) '");
  if (at == std::string_view::npos) return true;
  const std::string_view pattern = folded.substr(folded.find('\'', at));
  return pattern.substr(0, pattern.find('\'', 1)).find(name) != std::string_view::npos;
}

bool is_of_events(std::string_view folded) {
  return allows(folded, "relname", "events") && allows(folded, "nspname", "public");
}

std::vector<CatalogRow> class_rows(std::string_view folded) {
  const std::size_t kinds = folded.find("relkind in (");
  if (kinds != std::string_view::npos &&
      folded.substr(kinds, folded.find(')', kinds) - kinds).find("'r'") == std::string_view::npos) {
    return {};  // \di, \dv, \ds
  }
  const bool by_kind = folded.find("c.relkind = '") != std::string_view::npos;
  if (by_kind && folded.find("c.relkind = 'r'") == std::string_view::npos) return {};
  if (!pattern_allows(folded, "c.relname", "events") ||
      !pattern_allows(folded, "n.nspname", "public") || !is_of_events(folded)) {
    return {};
  }
  return {{{"Schema", "public"},
           {"Name", "events"},
           {"Type", "table"},
           {"table_type", "TABLE"},  // As JDBC names it.
           {"Owner", "kpi"},
           {"oid", kEventsOid},
           {"nspname", "public"},
           {"relname", "events"},
           {"relkind", "r"},
           {"relchecks", "0"},
           {"relhasindex", "f"},
           {"relhasrules", "f"},
           {"relhastriggers", "f"},
           {"relrowsecurity", "f"},
           {"relforcerowsecurity", "f"},
           {"relhasoids", "f"},
           {"relispartition", "f"},
           {"reltablespace", "0"},
           {"relpersistence", "p"},
           {"relreplident", "d"},
           {"Persistence", "permanent"},
           {"Description", "sign-in attempts"}}};
}

std::vector<CatalogRow> attribute_rows(std::string_view folded, const Store& store) {
  if (!allows(folded, "attrelid", kEventsOid) || !is_of_events(folded)) return {};
  std::vector<CatalogRow> rows;
  for (const EventsColumn& column : events_columns(store)) {
    if (!allows(folded, "attname", column.name)) continue;
    rows.push_back({{"attname", column.name},
                    {"nspname", "public"},
                    {"relname", "events"},
                    {"attrelid", kEventsOid},
                    {"atttypid", std::string(type_oid(column.type))},
                    {"atttypmod", "-1"},
                    {"attlen", column.type == "text" ? "-1" : "8"},
                    {"typtype", "b"},
                    {"typbasetype", "0"},
                    {"typtypmod", "-1"},
                    {"format_type", column.type},
                    {"attnotnull", column.not_null ? "t" : "f"},
                    {"attidentity", ""},
                    {"attgenerated", ""},
                    {"attstorage", column.type == "text" ? "x" : "p"},
                    {"attnum", std::to_string(rows.size() + 1)}});
  }
  return rows;
}

std::vector<CatalogRow> information_columns(const SessionFacts& facts, const Store& store) {
  std::vector<CatalogRow> rows;
  for (const EventsColumn& column : events_columns(store)) {
    rows.push_back({{"table_catalog", facts.database},
                    {"table_schema", "public"},
                    {"table_name", "events"},
                    {"column_name", column.name},
                    {"column", column.name},  // As Grafana names them.
                    {"type", column.type},
                    {"data_type", column.type},
                    {"is_nullable", column.not_null ? "NO" : "YES"},
                    {"ordinal_position", std::to_string(rows.size() + 1)}});
  }
  return rows;
}

std::vector<CatalogRow> setting_rows(std::string_view folded, const SessionFacts& facts) {
  std::vector<CatalogRow> rows;
  for (const auto& [name, value] : session_settings(facts)) {
    if (!allows(folded, "name", name)) continue;
    rows.push_back({{"name", name}, {"setting", value}, {"Parameter", name}, {"Value", value}});
  }
  return rows;
}

// Those whose columns have the values that WHERE compares them with. All have the same columns.
std::vector<CatalogRow> restricted(std::vector<CatalogRow> rows, std::string_view folded) {
  if (rows.empty() || folded.find(" or ") != std::string_view::npos) return rows;
  std::vector<std::string> named;
  for (const auto& [column, value] : rows[0]) {
    if (folded.find(column) != std::string_view::npos) named.push_back(column);
  }
  std::erase_if(rows, [&](const CatalogRow& row) {
    return std::any_of(named.begin(), named.end(), [&](const std::string& column) {
      return !allows(folded, column, row.find(column)->second);
    });
  });
  return rows;
}

std::vector<CatalogRow> plain_rows(std::string_view relation, const SessionFacts& facts,
                                   const Store& store) {
  if (relation == "pg_database") {
    return {{{"Name", facts.database},
             {"datname", facts.database},
             {"Owner", "kpi"},
             {"Encoding", "UTF8"},
             {"Collate", "C"},
             {"Ctype", "C"}}};
  }
  if (relation == "pg_namespace") {
    return {{{"Name", "public"}, {"nspname", "public"}, {"Owner", "kpi"}, {"oid", "2200"}}};
  }
  if (relation == "pg_tables") {
    return {{{"schemaname", "public"}, {"tablename", "events"}, {"tableowner", "kpi"}}};
  }
  if (relation == "information_schema.tables") {
    return {{{"table_catalog", facts.database},
             {"table_schema", "public"},
             {"table_name", "events"},
             {"table", "events"},  // As Grafana names it.
             {"table_type", "BASE TABLE"}}};
  }
  if (relation == "information_schema.schemata") return {{{"schema_name", "public"}}};
  if (relation == "information_schema.columns") return information_columns(facts, store);
  return {};
}

}  // namespace

std::vector<CatalogRow> catalog_rows(std::string_view relation, std::string_view folded,
                                     const SessionFacts& facts, const Store& store) {
  // What events inherits from, and what inherits from it: joins that have no rows.
  if (folded.find("pg_inherits") != std::string_view::npos) return {};
  // Neither indexes nor keys.
  for (const std::string_view empty : {"pg_index", "pg_constraint", "pg_trigger"}) {
    if (requires_rows_of(folded, empty)) return {};
  }
  if (relation == "pg_namespace") {  // Joined with what is in it.
    if (requires_rows_of(folded, "pg_attribute")) return attribute_rows(folded, store);
    if (requires_rows_of(folded, "pg_class")) return class_rows(folded);
  }
  if (relation == "pg_class") return class_rows(folded);
  if (relation == "pg_attribute") return attribute_rows(folded, store);
  if (relation == "pg_type") return type_rows(folded);
  if (relation == "pg_settings") return setting_rows(folded, facts);
  return restricted(plain_rows(relation, facts, store), folded);
}

std::vector<std::pair<std::string, std::string>> session_settings(const SessionFacts& facts) {
  std::map<std::string, std::string, std::less<>> settings = {
      {"application_name", ""},
      {"bytea_output", "hex"},
      {"client_encoding", "UTF8"},
      {"client_min_messages", "notice"},
      {"datestyle", "ISO, MDY"},
      {"default_transaction_isolation", "repeatable read"},
      {"default_transaction_read_only", "on"},
      {"extra_float_digits", "1"},
      {"idle_in_transaction_session_timeout", "0"},
      {"in_hot_standby", "off"},
      {"integer_datetimes", "on"},
      {"intervalstyle", "postgres"},
      {"is_superuser", facts.is_admin ? "on" : "off"},
      {"lock_timeout", "0"},
      {"max_identifier_length", "128"},
      {"max_index_keys", "32"},
      {"search_path", "public"},
      {"server_encoding", "UTF8"},
      {"server_version", facts.server_version},
      {"server_version_num", "150000"},
      {"session_authorization", facts.user},
      {"ssl", facts.offers_tls ? "on" : "off"},
      {"standard_conforming_strings", "on"},
      {"timezone", "UTC"},
      {"transaction_isolation", "repeatable read"},
      {"transaction_read_only", "on"}};
  for (auto& [name, value] : facts.settings.all()) settings.insert_or_assign(name, value);
  return {settings.begin(), settings.end()};
}

}  // namespace kpi::server::pgwire
