#include "tools/kpi_query/script.h"

#include <algorithm>

namespace kpi::tools {
namespace {

// The end of the block comment that begins at `begin`; they nest. npos where it is open.
std::size_t comment_end(std::string_view script, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t i = begin; i + 1 < script.size(); ++i) {
    const std::string_view two = script.substr(i, 2);
    if (two == "/*") {
      ++depth;
      ++i;
    } else if (two == "*/") {
      if (--depth == 0) return i + 2;
      ++i;
    }
  }
  return std::string_view::npos;
}

// An open comment waits for its end as an open quote does.
bool is_open_comment(std::string_view script, std::size_t begin) {
  return script.substr(begin, 2) == "/*" && comment_end(script, begin) == std::string_view::npos;
}

// The end of the quoted text or comment that begins at `begin`, or `begin` where none does.
std::size_t skip_end(std::string_view script, std::size_t begin) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = script.find(end, from);
    return found == std::string_view::npos ? script.size() : found + end.size();
  };
  const char c = script[begin];
  // A doubled quote reads as the end of one string and the beginning of the next.
  if (c == '\'' || c == '"') return behind(script.substr(begin, 1), begin + 1);
  if (script.substr(begin, 2) == "--") return behind("\n", begin);
  if (script.substr(begin, 2) != "/*") return begin;
  return std::min(comment_end(script, begin), script.size());
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::vector<ScriptStatement> split_script(std::string_view script) {
  std::vector<ScriptStatement> statements;
  std::size_t begin = 0;
  bool empty = true;
  const auto finish = [&](std::size_t end, bool finished) {
    if (!empty) statements.push_back({begin, script.substr(begin, end - begin), finished});
    begin = end + 1;
    empty = true;
  };
  for (std::size_t i = 0; i < script.size();) {
    const std::size_t end = skip_end(script, i);
    if (end != i) {
      const bool quoted = script[i] == '\'' || script[i] == '"';
      empty = empty && !quoted && !is_open_comment(script, i);
      i = end;
    } else {
      if (script[i] == ';') {
        finish(i, true);
      } else if (!is_blank(script[i])) {
        empty = false;
      }
      ++i;
    }
  }
  finish(script.size(), false);
  return statements;
}

std::size_t first_word(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const bool quoted = text[i] == '\'' || text[i] == '"';
    const std::size_t end = quoted ? i : skip_end(text, i);
    if (end == i && !is_blank(text[i])) return i;
    i = end == i ? i + 1 : end;
  }
  return text.size();
}

}  // namespace kpi::tools
