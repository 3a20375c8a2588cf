#include "server/http/notes.h"

#include <algorithm>

namespace kpi::server {
namespace {

std::string note_line(std::string text) {
  const auto control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; };
  std::replace_if(text.begin(), text.end(), control, '?');
  return "Kpi-Note: " + text + "\r\n";
}

}  // namespace

std::string note_headers(const std::vector<std::string>& notes) {
  std::string out;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const std::string line = note_line(notes[i]);
    const std::string left_out = note_line(std::to_string(notes.size() - i) + " notes left out");
    const bool last = i + 1 == notes.size();
    const std::size_t reserved = last ? 0 : left_out.size();
    if (out.size() + line.size() + reserved > kNoteHeadersBytesMax) return out + left_out;
    out += line;
  }
  return out;
}

}  // namespace kpi::server
