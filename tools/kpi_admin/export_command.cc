#include <cstdio>
#include <memory>

#include "kpi/engine.h"
#include "kpi/query.h"
#include "kpi/render.h"
#include "tools/kpi_admin/archive/export_store.h"
#include "tools/kpi_admin/archive/hashed_file.h"
#include "tools/kpi_admin/archive/progress.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/interruption.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription =
    R"(Write a store as an archive: events as NDJSON, a file a day, and what events no longer tell
(cells with their exact sketches, names, documents, milestones). Also beside a running server: what
the store holds now. Run again with the same --out, it goes on where it stopped, and takes what is new.

Examples:
  kpi-admin export --data-dir /var/lib/kpistore --out /backup/kpi
  kpi-admin export --data-dir /var/lib/kpistore --query "SELECT count(*) FROM events" --out n.csv
)";
constexpr std::size_t kPieceBytes = 1U << 20;

struct Wish {
  ExportOptions options;
  std::string query, format = "csv";
};

std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Result<query::Table> ask(const Wish& wish, std::stop_token stop) {
  const auto statements = query::parse(wish.query);
  if (!statements.ok()) return statements.error();
  if (statements.value().size() != 1) {
    return Error{ErrorCode::kInvalidArgument, "one statement is expected"};
  }
  EngineOptions engine;
  engine.dir = wish.options.data_dir;
  engine.read_only = true;
  const auto opened = Engine::open(std::move(engine));
  if (!opened.ok()) return opened.error();
  query::Options options;
  options.now_ms = wall_clock_ms();
  options.may_change = false;
  options.stop = std::move(stop);
  return query::run(statements.value().front(), *opened.value(), options);
}

// A statement's mistake is shown as kpi-query shows it.
ExitCode report_refusal(const Error& error, const std::string& statement) {
  if (error.position == 0) return report_failure(error);
  std::fprintf(stderr, "%s\n", query::explain_error(error, statement).c_str());
  return ExitCode::kQueryError;
}

Status export_answer(const Wish& wish, std::stop_token stop) {
  auto table = ask(wish, std::move(stop));
  if (!table.ok()) return table.error();
  for (const std::string& note : table.value().notes) std::fprintf(stderr, "%s\n", note.c_str());
  auto file = HashedFile::create(wish.options.out);
  if (!file.ok()) return file.error();
  query::PieceRenderer renderer(std::move(table).value(),
                                query::parse_format(wish.format).value_or(query::Format::kCsv), {});
  std::string piece;
  for (bool more = true; more; piece.clear()) {
    more = renderer.next(piece, kPieceBytes);
    if (Status written = file.value().append(piece); !written.ok()) return written;
  }
  const auto finished = file.value().finish();
  return finished.ok() ? ok_status() : Status(finished.error());
}

ExitCode run(const Wish& wish) {
  const Interruption interruption;
  if (!wish.query.empty()) {
    const Status written = export_answer(wish, interruption.token());
    return written.ok() ? ExitCode::kOk : report_refusal(written.error(), wish.query);
  }
  const auto summary = export_store(wish.options, interruption.token());
  if (!summary.ok()) return report_failure(summary.error());
  if (wish.options.quiet) return ExitCode::kOk;
  std::printf("%s events of %s days (%s written before), %s lines of the rest\n",
              with_commas(summary.value().events).c_str(),
              with_commas(summary.value().days).c_str(),
              with_commas(summary.value().days_kept).c_str(),
              with_commas(summary.value().rest_lines).c_str());
  return ExitCode::kOk;
}

}  // namespace

void add_export_command(CLI::App& app, ExitCode& exit) {
  const auto wish = std::make_shared<Wish>();
  CLI::App* const command = app.add_subcommand("export", kDescription);
  command->add_option("--data-dir", wish->options.data_dir, "Directory of the store")
      ->envname("KPI_DATA_DIR")
      ->required();
  command->add_option("--out", wish->options.out, "Directory of the archive; of --query the file")
      ->required();
  auto* query = command->add_option("--query", wish->query, "Instead: the answer to a statement");
  command->add_option("--format", wish->format, "Of --query")
      ->check(CLI::IsMember({"csv", "tsv", "json", "ndjson"}))
      ->capture_default_str()
      ->needs(query);
  command->add_flag("--quiet", wish->options.quiet, "No progress, no summary");
  command->callback([wish, &exit] { exit = run(*wish); });
}

}  // namespace kpi::tools
