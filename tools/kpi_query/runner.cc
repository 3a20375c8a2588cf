#include "tools/kpi_query/runner.h"

#include <algorithm>
#include <cctype>

#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/script.h"

namespace kpi::tools {
namespace {

// Whether the first word of `text`, behind blanks and comments, is `word` (lower case).
bool begins_with_word(std::string_view text, std::string_view word) {
  const std::string_view rest = text.substr(std::min(first_word(text), text.size()));
  if (rest.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(rest[i])) != word[i]) return false;
  }
  return rest.size() == word.size() ||
         std::isalnum(static_cast<unsigned char>(rest[word.size()])) == 0;
}

std::optional<Failure> run_statement(std::string_view text, Connection& connection, Output& output,
                                     std::chrono::milliseconds timeout) {
  const bool following = begins_with_word(text, "follow");
  output.start_statement(following);
  auto failure = connection.run(text, following ? std::chrono::milliseconds(0) : timeout, output);
  if (failure) {
    output.abandon_statement();
    return failure;
  }
  if (output.finish_statement(connection)) return std::nullopt;
  return unwanted_failure();
}

}  // namespace

ExitCode run_script(std::string_view script, Connection& connection, Output& output,
                    std::chrono::milliseconds timeout) {
  for (const ScriptStatement& statement : split_script(script)) {
    std::optional<Failure> failure = run_statement(statement.text, connection, output, timeout);
    if (!failure) continue;
    if (failure->error.position != 0) failure->error.position += statement.offset;
    print_error(failure->error, script);
    return failure->exit;
  }
  return ExitCode::kOk;
}

ExitCode run_follow(std::string_view condition, Connection& connection, Output& output) {
  const auto statements = split_script(condition);
  std::string text;
  if (statements.empty()) {
    text = "FOLLOW";
  } else if (begins_with_word(condition, "follow")) {
    text = condition;
  } else {
    text = (begins_with_word(condition, "where") ? "FOLLOW " : "FOLLOW WHERE ");
    text += condition;
  }
  const auto failure = run_statement(text, connection, output, {});
  if (!failure) return ExitCode::kOk;
  if (failure->exit != ExitCode::kInterrupted) print_error(failure->error, text);
  return failure->exit;
}

}  // namespace kpi::tools
