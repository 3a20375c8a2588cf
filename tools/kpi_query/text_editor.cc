#include "tools/kpi_query/text_editor.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "kpi/limits.h"
#include "tools/kpi_query/messages.h"
#include "tools/kpi_query/stop_signal.h"

namespace kpi::tools {
namespace {

std::string editor_command() {
  for (const char* const variable : {"KPI_EDITOR", "VISUAL", "EDITOR"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

std::optional<std::string> read_back(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kStatementBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (!file && !file.eof())) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

std::optional<std::string> edit_text(const std::string& text) {
  const char* const dir = std::getenv("TMPDIR");
  std::string path =
      std::string(dir != nullptr && *dir == '/' ? dir : "/tmp") + "/kpi-query-XXXXXX.sql";
  const int file = mkstemps(path.data(), 4);  // Mode 0600.
  if (file < 0) {
    print_note("no file can be made for the editor: " + path);
    return std::nullopt;
  }
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  // The path is the shell's argument, not part of its text: no directory's name can be a command.
  setenv("KPI_QUERY_FILE", path.c_str(), 1);
  const int status = std::system((editor_command() + " \"$KPI_QUERY_FILE\"").c_str());
  unsetenv("KPI_QUERY_FILE");
  StopSignal::clear();
  std::optional<std::string> edited;
  if (written && status == 0) edited = read_back(path);
  unlink(path.c_str());
  if (!edited) print_note("the editor failed; EDITOR names another");
  return edited;
}

}  // namespace kpi::tools
