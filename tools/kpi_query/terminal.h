// The terminal that the program's output may be: its size, its powers, and what is written to it.
#pragma once
#include <string>
#include <string_view>

#include "tools/kpi_query/options.h"

namespace kpi::tools {

bool is_terminal(int file);
int terminal_columns();  // Of standard output; 0: it has none.
int terminal_rows();
bool locale_is_utf8();
// Whether what goes to `file` is to be in colour: NO_COLOR, TERM=dumb and files without a
// terminal say no unless asked for by name.
bool wants_color(ColorMode mode, int file);

// Writes all of `text` to standard output. False: it cannot be written, or Ctrl-C came meanwhile.
bool write_output(std::string_view text);
// No write to standard output has failed.
bool output_is_whole();

}  // namespace kpi::tools
