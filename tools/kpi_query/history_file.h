// Where the lines of interactive sessions are kept.
#pragma once
#include <string>

namespace kpi::tools {

// $XDG_STATE_HOME/kpi-query/history, else ~/.local/state/...; its directory is made, the file gets
// mode 0600. Empty where neither variable is set or the file cannot be made: no history is kept.
std::string prepare_history_file();

}  // namespace kpi::tools
