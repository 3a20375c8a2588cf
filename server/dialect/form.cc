#include "server/dialect/form.h"

namespace kpi::server {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::optional<FormReader::Field> FormReader::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('&');
    const std::string_view field = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return Field{field, {}, false};
    return Field{field.substr(0, equals), field.substr(equals + 1), true};
  }
  return std::nullopt;
}

std::optional<std::string_view> form_decode(std::string_view text, std::string& scratch) {
  if (text.find_first_of("%+") == std::string_view::npos) return text;
  scratch.clear();
  scratch.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      scratch.push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      scratch.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      scratch.push_back(text[i]);
    }
  }
  return std::string_view(scratch);
}

bool media_type_is(std::string_view content_type, std::string_view type) {
  std::string_view name = content_type.substr(0, content_type.find(';'));
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
  if (name.size() != type.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(name[i]) != type[i]) return false;
  }
  return true;
}

}  // namespace kpi::server
