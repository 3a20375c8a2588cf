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

}  // namespace kpi::tools
