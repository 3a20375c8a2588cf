#include "server/query_runner.h"

#include <memory>

#include "kpi/query.h"
#include "kpi/render.h"
#include "server/http/notes.h"
#include "server/http/problem.h"
#include "server/operate/wall_clock.h"

namespace kpi::server {
namespace {

constexpr std::size_t kPieceBytes = 128U << 10;

struct FormatRow {
  query::Format format;
  const char* content_type;
};

FormatRow format_row(QueryFormat format) {
  switch (format) {
    case QueryFormat::kJson:
      return {query::Format::kJson, "application/json"};
    case QueryFormat::kCsv:
      return {query::Format::kCsv, "text/csv; charset=utf-8"};
    case QueryFormat::kNdjson:
      return {query::Format::kNdjson, "application/x-ndjson"};
  }
  return {query::Format::kJson, "application/json"};
}

// The first piece of a table, and where there is more the rest as it is asked for.
QueryAnswer answer_of(query::Table table, QueryFormat format) {
  const FormatRow row = format_row(format);
  QueryAnswer answer{200, row.content_type, {}, "Cache-Control: no-store\r\n"};
  answer.extra_headers += note_headers(table.notes);
  auto renderer =
      std::make_shared<query::PieceRenderer>(std::move(table), row.format, query::RenderOptions{});
  if (renderer->next(answer.body, kPieceBytes)) {
    answer.more = [renderer](std::string& out) {
      return renderer->next(out, kPieceBytes) ? Piece::kMore : Piece::kLast;
    };
  }
  return answer;
}

QueryAnswer refused(const Error& error) {
  Problem problem = problem_of(error);
  return {problem.status, std::string(kProblemType), problem_body(problem),
          std::move(problem.extra_headers)};
}

Result<query::Table> run_one(const std::string& text, Store& store, const query::Options& options) {
  auto statements = query::parse(text);
  if (!statements.ok()) return std::move(statements).error();
  if (statements.value().size() != 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "one statement is expected, not " + std::to_string(statements.value().size())};
  }
  return query::run(statements.value().front(), store, options);
}

}  // namespace

QueryRunner make_query_runner(Store& store, std::size_t rows_max,
                              std::uint64_t min_group_size_reader,
                              std::shared_ptr<const std::vector<query::ValueAlias>> aliases) {
  return [&store, rows_max, min_group_size_reader, aliases = std::move(aliases)](
             const std::string& text, QueryFormat format, bool may_change, std::stop_token stop) {
    query::Options options;
    options.now_ms = wall_clock().now_ms();
    options.rows_max = rows_max;
    options.may_change = may_change;
    if (!may_change) options.min_group_size = min_group_size_reader;
    options.stop = std::move(stop);
    options.aliases = aliases;
    auto table = run_one(text, store, options);
    if (!table.ok()) return refused(table.error());
    return answer_of(std::move(table).value(), format);
  };
}

}  // namespace kpi::server
