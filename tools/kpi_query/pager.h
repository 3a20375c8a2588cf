// Long results a page at a time, by the program that $PAGER names.
#pragma once
#include <string>

namespace kpi::tools {

// Shows `text` and returns when the person has seen enough. False: there is no such program.
bool show_in_pager(const std::string& text);

}  // namespace kpi::tools
