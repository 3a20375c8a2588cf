// What a half-typed statement may go on with.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/kpi_query/names.h"

namespace kpi::tools {

struct Completion {
  std::size_t begin = 0;                // Of the word under way, in the text.
  std::vector<std::string> candidates;  // Ascending, each once; they stand in place of that word.
};

// `text` is all that stands before the cursor. Words of the language keep the case of what was
// typed. Within quotes, by what stands before them: RPs, values of a label, milestones. `names` is
// asked only where it is needed.
Completion complete(std::string_view text, std::span<const std::string_view> commands,
                    const std::function<const Names&()>& names);

// What all candidates begin with.
std::string common_beginning(const std::vector<std::string>& candidates);

}  // namespace kpi::tools
