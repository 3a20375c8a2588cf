// Text with several statements, cut at each ';' outside of quotes and comments.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace kpi::tools {

struct ScriptStatement {
  std::size_t offset = 0;  // Where `text` begins in the script.
  std::string_view text;   // Without its ';'.
  bool finished = false;   // By a ';'. Only the last may not be.
};

// Statements of nothing but blanks and comments are left out.
std::vector<ScriptStatement> split_script(std::string_view script);

// Where the first word begins, behind blanks and comments; the size of `text` where none does.
std::size_t first_word(std::string_view text);

}  // namespace kpi::tools
