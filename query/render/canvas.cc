#include "query/render/canvas.h"

#include <cstdlib>

namespace kpi::query {
namespace {

// Bits of U+2800 + pattern by [row][column] of the dot within its character.
constexpr std::uint8_t kBrailleBits[4][2] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

void append_braille(std::string& out, std::uint8_t pattern) {
  out += '\xE2';
  out += static_cast<char>(0xA0 | (pattern >> 6));
  out += static_cast<char>(0x80 | (pattern & 0x3F));
}

}  // namespace

Canvas::Canvas(int columns, int rows, bool unicode)
    : columns_(columns),
      rows_(rows),
      unicode_(unicode),
      cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)),
      rules_(static_cast<std::size_t>(columns)) {}

void Canvas::dot(int x, int y, char ascii) {
  if (x < 0 || y < 0 || x >= width() || y >= height()) return;
  if (!unicode_) return mark(x, y, ascii);
  cells_[static_cast<std::size_t>(y / 4 * columns_ + x / 2)].dots |= kBrailleBits[y % 4][x % 2];
}

void Canvas::mark(int x, int y, char ascii) {
  if (x < 0 || y < 0 || x >= width() || y >= height()) return;
  const int cell = unicode_ ? y / 4 * columns_ + x / 2 : y * columns_ + x;
  cells_[static_cast<std::size_t>(cell)].mark = ascii;
}

void Canvas::line(int x0, int y0, int x1, int y1, char ascii) {  // Bresenham's.
  const int dx = std::abs(x1 - x0), dy = -std::abs(y1 - y0);
  const int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1;
  for (int error = dx + dy;;) {
    dot(x0, y0, ascii);
    if (x0 == x1 && y0 == y1) return;
    const int twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x0 += step_x;
    }
    if (twice <= dx) {
      error += dx;
      y0 += step_y;
    }
  }
}

void Canvas::rule(int x) {
  if (x < 0 || x >= width()) return;
  rules_[static_cast<std::size_t>(unicode_ ? x / 2 : x)] = true;
}

std::string Canvas::row(int index) const {
  std::string out;
  std::size_t used = 0;
  for (int column = 0; column < columns_; ++column) {
    const Cell& cell = cells_[static_cast<std::size_t>(index * columns_ + column)];
    if (cell.mark != 0) {
      out += cell.mark;
    } else if (cell.dots != 0) {
      append_braille(out, cell.dots);
    } else if (rules_[static_cast<std::size_t>(column)]) {
      out += unicode_ ? "┊" : ":";
    } else {
      out += ' ';
      continue;
    }
    used = out.size();
  }
  out.resize(used);
  return out;
}

}  // namespace kpi::query
