// A grid of dots drawn with braille characters (2 x 4 dots each), or ASCII characters (1 x 1).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kpi::query {

class Canvas {
 public:
  // columns, rows >= 1: in characters.
  Canvas(int columns, int rows, bool unicode);

  int width() const { return columns_ * (unicode_ ? 2 : 1); }  // In dots.
  int height() const { return rows_ * (unicode_ ? 4 : 1); }
  // Dots are addressed from the top left. Anything outside is left out.
  void dot(int x, int y, char ascii);
  void line(int x0, int y0, int x1, int y1, char ascii);
  // Writes a character over the cell that holds the dot.
  void mark(int x, int y, char ascii);
  // A dotted line down the column of characters that holds `x`, behind everything else.
  void rule(int x);
  // One row of characters, without trailing blanks.
  std::string row(int index) const;

 private:
  struct Cell {
    std::uint8_t dots = 0;  // Braille pattern.
    char mark = 0;          // Stands over the dots; 0: none.
  };
  int columns_, rows_;
  bool unicode_;
  std::vector<Cell> cells_;
  std::vector<bool> rules_;  // By column of characters.
};

}  // namespace kpi::query
