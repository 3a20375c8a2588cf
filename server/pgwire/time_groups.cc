#include "server/pgwire/time_groups.h"

#include <algorithm>
#include <string_view>

namespace kpi::server::pgwire {
namespace {

constexpr std::string_view kBegin = "floor(extract(epoch from ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, std::string_view expected) {
  if (text.substr(0, expected.size()) != expected) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool is_column(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || c == '"' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// What to write for the macro that `text` begins with, and how long that is; empty: none does.
std::string time_group(std::string_view text, std::size_t& size) {
  const std::size_t before = text.size();
  if (!take(text, kBegin)) return {};
  const std::string_view column = text.substr(0, text.find(')'));
  text.remove_prefix(column.size());
  if (!is_column(column) || !take(text, ")/")) return {};
  const std::string_view width = take_digits(text);
  if (width.empty() || !take(text, ")*") || take_digits(text) != width) return {};
  if (!text.empty() && text[0] == '.') return {};
  size = before - text.size();
  std::string written = "time_bucket('";
  written.append(width).append("s',").append(column) += ')';
  written.resize(size, ' ');
  return written;
}

}  // namespace

void write_time_groups(std::string& text) {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == quote) quote = '\0';
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    } else if (text[i] == 'f') {
      std::size_t size = 0;
      const std::string written = time_group(std::string_view(text).substr(i), size);
      if (written.empty()) continue;
      text.replace(i, size, written);
      i += size - 1;
    }
  }
}

}  // namespace kpi::server::pgwire
