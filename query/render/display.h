// Text on a terminal: what is safe to print there, and how many columns it takes.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace kpi::query {

// The first code point of `text`, which is not empty. `size` bytes belong to it; where they are
// not valid UTF-8, `valid` is false and `size` is 1.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
  bool valid = false;
};
CodePoint first_code_point(std::string_view text);

// `text` with everything escaped that could move the cursor, change the terminal's state or
// reorder what is seen: control characters (\n, \t, \x1b, \u0085), invisible and bidirectional
// formatting (\u202e), and bytes that are not UTF-8 (\xff).
std::string printable(std::string_view text);

// Terminal columns of printable text: East Asian wide characters take two, combining marks none.
std::size_t display_width(std::string_view text);

// `text` if it fits into `width` columns, else as much of it as fits with `ellipsis` behind.
std::string truncate_to_width(std::string_view text, std::size_t width, std::string_view ellipsis);

// `text` with blanks before (right = true) or behind it up to `width` columns.
std::string pad(std::string_view text, std::size_t width, bool right);

}  // namespace kpi::query
