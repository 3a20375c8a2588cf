// kpi-query: the command-line client, interactive and scripted.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "tools/kpi_query/local_connection.h"
#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/options.h"
#include "tools/kpi_query/output.h"
#include "tools/kpi_query/pg_connection.h"
#include "tools/kpi_query/runner.h"
#include "tools/kpi_query/shell.h"
#include "tools/kpi_query/stop_signal.h"
#include "tools/kpi_query/terminal.h"

namespace kpi::tools {
namespace {

std::optional<std::string> read_stream(std::FILE* stream) {
  std::string text;
  char buffer[16'384];
  for (;;) {
    const std::size_t size = std::fread(buffer, 1, sizeof(buffer), stream);
    text.append(buffer, size);
    if (size < sizeof(buffer)) break;
  }
  if (std::ferror(stream) != 0) return std::nullopt;
  return text;
}

// The statements to run, or nothing: they cannot be read, and why has been said.
std::optional<std::string> read_script(const Options& options) {
  std::string script;
  for (const std::string& statement : options.statements) script += statement + ";\n";
  if (!options.statements.empty()) return script;
  const bool standard_input = options.file.empty() || options.file == "-";
  std::FILE* const stream = standard_input ? stdin : std::fopen(options.file.c_str(), "re");
  std::optional<std::string> text;
  if (stream != nullptr) text = read_stream(stream);
  if (!text) {
    print_error({ErrorCode::kIo, "cannot read " + options.file + ": " + std::strerror(errno)}, "");
  }
  if (stream != nullptr && !standard_input) std::fclose(stream);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text && text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  return text;
}

ExitCode run_as_asked(const Options& options, bool interactive, const std::string& script,
                      Connection& connection) {
  Output output(options, interactive);
  ExitCode exit = ExitCode::kOk;
  if (interactive) {
    exit = run_shell(options, connection, output);
  } else if (options.follow) {
    const bool any = !options.statements.empty();
    exit = run_follow(any ? options.statements[0] : "", connection, output);
  } else {
    exit = run_script(script, connection, output, options.timeout);
  }
  if (exit != ExitCode::kOk) return exit;
  if (!output_is_whole()) {
    print_error({ErrorCode::kIo, "standard output cannot be written"}, "");
    return ExitCode::kIncomplete;
  }
  const bool empty = options.fail_on_empty && output.empty_results() != 0;
  return empty ? ExitCode::kQueryError : ExitCode::kOk;
}

ExitCode run(const Options& options) {
  set_message_color(options.color);
  StopSignal::install();
  const bool interactive = options.statements.empty() && options.file.empty() && !options.follow &&
                           is_terminal(STDIN_FILENO);
  std::optional<std::string> script;
  if (!interactive && !options.follow) {
    script = read_script(options);
    if (!script) return StopSignal::requested() ? ExitCode::kInterrupted : ExitCode::kUsage;
  }
  auto connected = options.data_dir.empty() ? connect_to_server(options) : open_directory(options);
  if (const auto* failure = std::get_if<Failure>(&connected)) {
    print_error(failure->error, "");
    return failure->exit;
  }
  Connection& connection = *std::get<std::unique_ptr<Connection>>(connected);
  return run_as_asked(options, interactive, script.value_or(""), connection);
}

}  // namespace
}  // namespace kpi::tools

int main(int argc, char** argv) {
  const auto parsed = kpi::tools::parse_options(argc, argv);
  const auto* const options = std::get_if<kpi::tools::Options>(&parsed);
  if (options == nullptr) return static_cast<int>(std::get<kpi::tools::ExitCode>(parsed));
  return static_cast<int>(kpi::tools::run(*options));
}
