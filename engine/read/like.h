// SQL's LIKE over UTF-8 text. A pure function.
#pragma once
#include <string_view>

namespace kpi {

// % stands for any run of bytes, _ for one UTF-8 character, \ takes what follows literally (at the
// very end of a pattern it stands for itself). All of `text` must match. Takes at most
// text.size() x pattern.size() steps and no memory.
bool like_matches(std::string_view text, std::string_view pattern);

}  // namespace kpi
