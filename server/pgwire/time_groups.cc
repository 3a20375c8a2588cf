#include "server/pgwire/time_groups.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace kpi::server::pgwire {
namespace {

constexpr std::string_view kBegin = "floor(extract(epoch from ";
constexpr std::string_view kBucket = "time_bucket('";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number like 60 or 0.5.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0, dots = 0;
  while (end < text.size() && (is_digit(text[end]) || (text[end] == '.' && dots++ == 0))) ++end;
  const std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  return number;
}

// The least whole number of seconds that is as much; empty: no number of seconds.
std::string whole_seconds(std::string_view number) {
  const std::size_t dot = number.find('.');
  const std::string_view whole = number.substr(0, dot);
  const std::string_view part = dot == number.npos ? std::string_view() : number.substr(dot + 1);
  if (whole.empty() || (dot != number.npos && part.empty())) return {};
  std::uint64_t seconds = 0;
  const auto parsed = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  if (parsed.ec != std::errc() || seconds == UINT64_MAX) return {};
  return std::to_string(seconds + (part.find_first_not_of('0') == part.npos ? 0 : 1));
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

// Each: what to write for the macro that `text` begins with, of its size; empty: none does.
std::string of_epoch(std::string_view text) {
  const std::size_t before = text.size();
  if (!take(text, kBegin)) return {};
  const std::string_view column = text.substr(0, text.find(')'));
  text.remove_prefix(column.size());
  if (!is_column(column) || !take(text, ")/")) return {};
  const std::string_view width = take_number(text);
  const std::string seconds = whole_seconds(width);
  if (seconds.empty() || !take(text, ")*") || take_number(text) != width) return {};
  std::string written = "time_bucket('" + seconds + "s',";
  written.append(column) += ')';
  written.resize(before - text.size(), ' ');
  return written;
}

// As the macro is where TimescaleDB is said to be there.
std::string of_bucket(std::string_view text) {
  const std::size_t before = text.size();
  if (!take(text, kBucket)) return {};
  const std::string_view width = take_number(text);
  const std::string seconds = whole_seconds(width);
  if (seconds.empty() || width.find('.') == width.npos || !take(text, "s'")) return {};
  std::string written = std::string(kBucket) + seconds + "s'";
  written.resize(before - text.size(), ' ');
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
    } else if (text[i] == 'f' || text[i] == 't') {
      const std::string_view rest = std::string_view(text).substr(i);
      const std::string written = text[i] == 'f' ? of_epoch(rest) : of_bucket(rest);
      if (written.empty()) continue;
      text.replace(i, written.size(), written);
      i += written.size() - 1;
    }
  }
}

}  // namespace kpi::server::pgwire
