#include "server/pgwire/catalog.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "server/pgwire/catalog_relations.h"
#include "server/pgwire/catalog_types.h"
#include "server/pgwire/statement_scan.h"

namespace kpi::server::pgwire {
namespace {

using query::Table;
using query::Type;
using query::Value;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Table one_row(std::vector<query::Column> columns, std::vector<Value> row, std::string tag) {
  return {std::move(columns), {std::move(row)}, std::move(tag), {}};
}

std::optional<std::string> setting(std::string_view name, const SessionFacts& facts) {
  for (const auto& [known, value] : session_settings(facts)) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Table all_settings(const SessionFacts& facts) {
  Table answer;
  answer.columns = {{"name", Type::kText}, {"setting", Type::kText}, {"description", Type::kText}};
  for (const auto& [name, value] : session_settings(facts)) {
    answer.rows.push_back({name, value, std::string()});
  }
  answer.command_tag = "SHOW";
  return answer;
}

// SHOW of a setting. SHOW RPS and its like belong to the query language.
std::optional<Table> show(std::string_view folded, const SessionFacts& facts) {
  if (!starts_with(folded, "show ")) return std::nullopt;
  std::string name(folded.substr(5));
  if (name == "all") return all_settings(facts);
  if (name == "time zone") name = "timezone";
  if (name == "transaction isolation level") name = "transaction_isolation";
  const std::optional<std::string> value = setting(name, facts);
  if (!value) return std::nullopt;
  return one_row({{name, Type::kText}}, {*value}, "SHOW");
}

// Expressions without a table: what drivers and health checks select.
struct Scalar {
  std::string_view expression, name;
  Value (*value)(const SessionFacts&);
  Type type = Type::kText;
};
constexpr std::array<Scalar, 14> kScalars = {
    {{"version()", "version",
      [](const SessionFacts& f) { return Value("PostgreSQL " + f.server_version); }},
     {"current_schema()", "current_schema", [](const SessionFacts&) { return Value("public"); }},
     {"current_schemas(true)", "current_schemas",
      [](const SessionFacts&) { return Value("{pg_catalog,public}"); }},
     {"current_schema", "current_schema", [](const SessionFacts&) { return Value("public"); }},
     {"current_database()", "current_database",
      [](const SessionFacts& f) { return Value(f.database); }},
     {"current_catalog", "current_catalog",
      [](const SessionFacts& f) { return Value(f.database); }},
     {"current_user", "current_user", [](const SessionFacts& f) { return Value(f.user); }},
     {"session_user", "session_user", [](const SessionFacts& f) { return Value(f.user); }},
     {"user", "user", [](const SessionFacts& f) { return Value(f.user); }},
     {"pg_backend_pid()", "pg_backend_pid",
      [](const SessionFacts& f) { return Value(std::int64_t{f.process_id}); }, Type::kInt8},
     {"pg_is_in_recovery()", "pg_is_in_recovery", [](const SessionFacts&) { return Value(false); },
      Type::kBool},
     {"1", "?column?", [](const SessionFacts&) { return Value(std::int64_t{1}); }, Type::kInt8},
     {"1+1", "?column?", [](const SessionFacts&) { return Value(std::int64_t{2}); }, Type::kInt8},
     {"1 + 1", "?column?", [](const SessionFacts&) { return Value(std::int64_t{2}); },
      Type::kInt8}}};

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

struct SelectItem {
  std::string_view expression;
  std::string name;
};

// The name PostgreSQL would give: the alias, the column, the function, or ?column?.
SelectItem select_item(std::string_view item) {
  const std::size_t as = find_top_level(item, " as ");
  if (as != std::string_view::npos) return {item.substr(0, as), unquoted(item.substr(as + 4))};
  std::string_view name = item.substr(0, item.find('('));
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) name = name.substr(dot + 1);
  return {item, is_identifier(name) ? std::string(name) : "?column?"};
}

// current_setting('name'), also as a number, and as Grafana asks for the major version. Nothing:
// another expression.
std::optional<Value> setting_value(std::string_view expression, const SessionFacts& facts) {
  constexpr std::string_view kBegin = "current_setting('";
  if (!starts_with(expression, kBegin)) return std::nullopt;
  const std::string_view rest = expression.substr(kBegin.size());
  const std::size_t end = rest.find('\'');
  const auto value = setting(rest.substr(0, end), facts);
  const std::string_view behind =
      rest.substr(std::min(rest.size(), end == rest.npos ? end : end + 1));
  for (const std::string_view text : {")", ", true)", ", false)", ")::text"}) {
    if (behind == text) return value ? Value(*value) : Value();
  }
  for (const std::string_view type : {")::int", ")::integer", ")::bigint"}) {
    if (!value || !starts_with(behind, type)) continue;
    const std::int64_t number = std::strtoll(value->c_str(), nullptr, 10);
    if (behind == type) return Value(number);
    if (behind.substr(type.size()) == "/100") return Value(number / 100);
  }
  return std::nullopt;
}

std::optional<Table> scalars(std::string_view list, const SessionFacts& facts) {
  std::vector<query::Column> columns;
  std::vector<Value> row;
  for (const std::string_view text : split_list(list)) {
    const SelectItem item = select_item(text);
    std::string_view expression = item.expression;
    if (starts_with(expression, "pg_catalog.")) expression.remove_prefix(11);
    if (const auto value = setting_value(expression, facts)) {
      const bool whole = std::holds_alternative<std::int64_t>(*value);
      columns.push_back({item.name, whole ? Type::kInt8 : Type::kText});
      row.push_back(*value);
      continue;
    }
    const auto known = std::find_if(kScalars.begin(), kScalars.end(), [&](const Scalar& scalar) {
      return scalar.expression == expression;
    });
    if (known == kScalars.end()) return std::nullopt;
    const bool aliased = item.expression.size() != text.size();
    columns.push_back({aliased ? item.name : std::string(known->name), known->type});
    row.push_back(known->value(facts));
  }
  return one_row(std::move(columns), std::move(row), "SELECT 1");
}

// What psql's \\gdesc asks to have the types of its columns named:
// SELECT name AS "Column", pg_catalog.format_type(tp, tpm) AS "Type"
// FROM (VALUES ('n', '20'::pg_catalog.oid, -1), ...) s(name, tp, tpm)
std::optional<Table> described_columns(std::string_view folded) {
  constexpr std::string_view kBegin =
      "select name as \"Column\", pg_catalog.format_type(tp, tpm) as \"Type\" from (values ";
  if (!starts_with(folded, kBegin)) return std::nullopt;
  const std::string_view inside = folded.substr(folded.find("(values "));
  const TextSpan values = first_parentheses(inside);
  if (values.end == std::string_view::npos) return std::nullopt;
  Table answer;
  answer.columns = {{"Column", Type::kText}, {"Type", Type::kText}};
  const std::string_view list = inside.substr(values.begin + 7, values.end - values.begin - 7);
  for (const std::string_view tuple : split_list(list)) {
    const TextSpan fields = first_parentheses(tuple);
    if (fields.end == std::string_view::npos) return std::nullopt;
    const auto parts = split_list(tuple.substr(fields.begin, fields.end - fields.begin));
    if (parts.size() != 3 || parts[0].size() < 2 || parts[1].empty()) return std::nullopt;
    const std::string_view number = parts[1].substr(1);
    answer.rows.push_back({std::string(parts[0].substr(1, parts[0].size() - 2)),
                           std::string(type_name(number.substr(0, number.find('\''))))});
  }
  answer.command_tag = "SELECT " + std::to_string(answer.rows.size());
  return answer;
}

// The column that an item shows as it is: without its table, and what quotes or casts it.
std::string_view source_column(std::string_view expression) {
  for (const std::string_view call : {"pg_catalog.quote_ident(", "quote_ident("}) {
    if (!starts_with(expression, call) || expression.back() != ')') continue;
    expression = expression.substr(call.size(), expression.size() - call.size() - 1);
  }
  expression = expression.substr(0, expression.find("::"));
  const std::size_t dot = expression.rfind('.');
  return dot == std::string_view::npos ? expression : expression.substr(dot + 1);
}

// The relation a FROM clause begins with, where it is one of the system's.
std::optional<std::string> system_relation(std::string_view from) {
  std::string name(from.substr(0, from.find_first_of(" ,()")));
  if (starts_with(name, "information_schema.")) return name;
  if (starts_with(name, "pg_catalog.")) return name.substr(11);
  return starts_with(name, "pg_") ? std::optional(name) : std::nullopt;
}

// SELECT count(*) FROM a relation: how many rows it shows. Nothing: another list.
std::optional<Table> counted(std::string_view list, std::size_t rows) {
  const SelectItem item = select_item(list);
  if (item.expression != "count(*)" && item.expression != "count(1)") return std::nullopt;
  return one_row({{item.name, Type::kInt8}}, {static_cast<std::int64_t>(rows)}, "SELECT 1");
}

// What a row has under a column's name, or else under what stands behind it; null: nothing.
const std::string* shown(const CatalogRow& row, const std::string& name, std::string_view source) {
  auto value = row.find(name);
  if (value == row.end()) value = row.find(source);
  return value == row.end() ? nullptr : &value->second;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// By its name; but a text may be given the name of a number: SELECT nspname AS oid.
Type type_of(const std::vector<CatalogRow>& rows, const std::string& name,
             std::string_view source) {
  const bool number = std::all_of(rows.begin(), rows.end(), [&](const CatalogRow& row) {
    const std::string* const value = shown(row, name, source);
    return value == nullptr || number_in(*value).has_value();
  });
  return number && is_number_column(name) ? Type::kInt8 : Type::kText;
}

Result<Table> select_rows(std::string_view list, const std::string& relation,
                          std::string_view folded, const SessionFacts& facts, Store& store) {
  const std::vector<CatalogRow> rows = catalog_rows(relation, folded, facts, store);
  if (auto count = counted(list, rows.size())) return *std::move(count);
  Table answer;
  std::vector<std::string_view> sources;
  for (const std::string_view text : split_list(list)) {
    if (text.empty() || text == "*" || text.substr(text.size() - 1) == "*") {
      return Error{ErrorCode::kUnsupported,
                   relation +
                       " is not kept here: only single columns "
                       "of system catalogs can be selected",
                   "SHOW MEASURES, SHOW LABELS and SHOW RPS tell what is stored"};
    }
    const SelectItem item = select_item(text);
    std::string name = item.name;
    sources.push_back(source_column(item.expression));
    const Type type = type_of(rows, name, sources.back());
    answer.columns.push_back({std::move(name), type});
  }
  for (const CatalogRow& known : rows) {
    auto& row = answer.rows.emplace_back();
    for (std::size_t c = 0; c < answer.columns.size(); ++c) {
      const query::Column& column = answer.columns[c];
      const std::string* const value = shown(known, column.name, sources[c]);
      if (value == nullptr) {
        row.emplace_back();
      } else if (column.type == Type::kInt8) {
        row.emplace_back(number_in(*value).value_or(0));
      } else {
        row.emplace_back(*value);
      }
    }
  }
  answer.command_tag = "SELECT " + std::to_string(answer.rows.size());
  return answer;
}

// SELECT ... FROM (SELECT ...) alias ..., where what is inside asks about the system: its columns
// as they are, or those of them that are named outside.
std::optional<Result<Table>> wrapped(std::string_view list, std::string_view from,
                                     const SessionFacts& facts, Store& store) {
  const TextSpan inside = first_parentheses(from);
  if (from.empty() || from[0] != '(' || inside.end == std::string_view::npos) return std::nullopt;
  // Outer restrictions by name are understood where they stand as inner ones are.
  const std::string query = std::string(from.substr(inside.begin, inside.end - inside.begin)) +
                            std::string(from.substr(inside.end + 1));
  auto answer = catalog_answer(query, facts, store);
  if (!answer || !answer->ok() || list == "*") return answer;
  const Table& found = answer->value();
  Table named;
  std::vector<std::size_t> sources;
  for (const std::string_view text : split_list(list)) {
    const SelectItem item = select_item(text);
    const std::string_view source = source_column(item.expression);
    const auto column =
        std::find_if(found.columns.begin(), found.columns.end(), [&](const query::Column& known) {
          return known.name == source || known.name == item.name;
        });
    const bool known = column != found.columns.end();
    named.columns.push_back({item.name, known ? column->type : Type::kText});
    sources.push_back(static_cast<std::size_t>(column - found.columns.begin()));
  }
  for (const auto& row : found.rows) {
    auto& out = named.rows.emplace_back();
    for (const std::size_t source : sources) {
      out.push_back(source < row.size() ? row[source] : Value());
    }
  }
  named.command_tag = found.command_tag;
  return named;
}

// SELECT EXISTS (SELECT ... FROM ...): whether what is inside has rows.
std::optional<Result<Table>> existence(std::string_view list, const SessionFacts& facts,
                                       Store& store) {
  const SelectItem item = select_item(list);
  const TextSpan inside = first_parentheses(item.expression);
  const bool asked =
      starts_with(item.expression, "exists(") || starts_with(item.expression, "exists (");
  if (!asked || inside.end + 1 != item.expression.size()) return std::nullopt;
  const std::string_view query = item.expression.substr(inside.begin, inside.end - inside.begin);
  if (find_top_level(query, " from ") == std::string_view::npos) return std::nullopt;
  auto answer = catalog_answer(query, facts, store);
  if (!answer || !answer->ok()) return answer;
  const std::string name = item.name == "?column?" ? "exists" : item.name;
  return one_row({{name, Type::kBool}}, {!answer->value().rows.empty()}, "SELECT 1");
}

}  // namespace

std::optional<Result<Table>> catalog_answer(std::string_view folded, const SessionFacts& facts,
                                            Store& store) {
  if (auto answer = show(folded, facts)) return *std::move(answer);
  if (!starts_with(folded, "select ")) return std::nullopt;
  std::string_view list = folded.substr(7);
  for (const std::string_view word : {"distinct ", "all "}) {
    if (starts_with(list, word)) list.remove_prefix(word.size());
  }
  const std::size_t from = find_top_level(list, " from ");
  if (from == std::string_view::npos) {
    if (auto answer = scalars(list, facts)) return *std::move(answer);
    return existence(list, facts, store);
  }
  if (auto answer = described_columns(folded)) return *std::move(answer);
  if (auto answer = wrapped(list.substr(0, from), list.substr(from + 6), facts, store)) {
    return answer;
  }
  const std::optional<std::string> relation = system_relation(list.substr(from + 6));
  if (!relation) return std::nullopt;
  return select_rows(list.substr(0, from), *relation, folded, facts, store);
}

}  // namespace kpi::server::pgwire
