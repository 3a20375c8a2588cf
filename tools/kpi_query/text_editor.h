// A statement in the person's own editor.
#pragma once
#include <optional>
#include <string>

namespace kpi::tools {

// `text` as it was saved in $KPI_EDITOR, $VISUAL, $EDITOR or vi. Nothing: the editor could not be
// run or failed, and a note has said so.
std::optional<std::string> edit_text(const std::string& text);

}  // namespace kpi::tools
