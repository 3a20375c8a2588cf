#include <algorithm>

#include "kpi/query.h"
#include "query/render/display.h"

namespace kpi::query {
namespace {

constexpr std::size_t kContextBytes = 60;  // Shown of a long line, on each side of the place.

struct Place {
  std::size_t line = 1, column = 1;  // 1-based; the column counts characters.
  std::string shown;                 // The line, or the part of it around the place.
  std::size_t caret = 0;             // Terminal columns before the caret.
};

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

Place find_place(std::string_view text, std::size_t position) {
  const std::size_t offset = std::min(position - 1, text.size());
  const std::size_t before_line = text.substr(0, offset).rfind('\n');
  const std::size_t begin = before_line == std::string_view::npos ? 0 : before_line + 1;
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  Place place;
  place.line = 1 + static_cast<std::size_t>(
                       std::count(text.begin(), text.begin() + static_cast<long>(begin), '\n'));
  const std::string_view before = text.substr(begin, offset - begin);
  place.column =
      1 + before.size() -
      static_cast<std::size_t>(std::count_if(before.begin(), before.end(), continues_character));
  std::size_t from = offset - std::min(before.size(), kContextBytes);
  while (from < offset && from > begin && continues_character(text[from])) ++from;
  std::size_t to = std::min(end, offset + kContextBytes);
  while (to < end && continues_character(text[to])) ++to;
  std::string left(text.substr(from, offset - from)), right(text.substr(offset, to - offset));
  // A tab would make the caret's place depend on the terminal's stops.
  std::replace(left.begin(), left.end(), '\t', ' ');
  std::replace(right.begin(), right.end(), '\t', ' ');
  left = (from > begin ? "..." : "") + printable(left);
  place.caret = display_width(left);
  place.shown = left + printable(right) + (to < end ? "..." : "");
  return place;
}

}  // namespace

std::string explain_error(const Error& error, std::string_view text) {
  std::string out = "error";
  if (error.position != 0) {
    const Place place = find_place(text, error.position);
    out += " at line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
    out += ": " + printable(error.message);
    out += "\n  " + place.shown + "\n  " + std::string(place.caret, ' ') + '^';
  } else {
    out += ": " + printable(error.message);
  }
  if (!error.hint.empty()) out += "\nhint: " + printable(error.hint);
  return out;
}

}  // namespace kpi::query
