#include "tools/kpi_query/messages.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "tools/kpi_query/terminal.h"

namespace kpi::tools {
namespace {

bool colored = false;

// `word` at the beginning of `text` in colour.
std::string paint(std::string text, std::string_view word, const char* color) {
  if (!colored || text.compare(0, word.size(), word) != 0) return text;
  return std::string(color) + std::string(word) + "\x1b[0m" + text.substr(word.size());
}

// Without what could move the cursor: the server's words are not ours.
std::string shown(std::string_view text) {
  Error plain;
  plain.message = text;
  return query::explain_error(plain, "").substr(7);  // Behind "error: ".
}

}  // namespace

void set_message_color(ColorMode mode) { colored = wants_color(mode, STDERR_FILENO); }

void print_error(const Error& error, std::string_view text) {
  const std::string message = paint(query::explain_error(error, text), "error", "\x1b[1;31m");
  std::fprintf(stderr, "%s\n", message.c_str());
}

void print_note(std::string_view text) {
  const std::string message = paint("note: " + shown(text), "note", "\x1b[1;36m");
  std::fprintf(stderr, "%s\n", message.c_str());
}

}  // namespace kpi::tools
