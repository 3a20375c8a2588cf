// Which code points terminals draw in no column of their own, and which in two.
#pragma once
#include <span>

namespace kpi::query {

struct CodePointRange {
  char32_t first, last;  // Both inclusive.
};
// Ascending, without overlap.
std::span<const CodePointRange> combining_ranges();
std::span<const CodePointRange> wide_ranges();

}  // namespace kpi::query
