#include "server/pgwire/statement_scan.h"

#include <algorithm>

namespace kpi::server::pgwire {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The end of the quoted text that begins at `begin`; a doubled quote stands for itself.
std::size_t quoted_end(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] != quote) continue;
    if (i + 1 == text.size() || text[i + 1] != quote) return i + 1;
    ++i;
  }
  return text.size();
}

// The end of the comment that begins at `begin`, or `begin` where none does.
std::size_t comment_end(std::string_view text, std::size_t begin) {
  const std::string_view start = text.substr(begin, 2);
  if (start == "--") return std::min(text.find('\n', begin), text.size());
  if (start != "/*") return begin;
  const std::size_t end = text.find("*/", begin + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<ScannedStatement> run() {
    for (std::size_t i = 0; i < text_.size();) i = step(i);
    finish(text_.size());
    return std::move(statements_);
  }

 private:
  std::size_t step(std::size_t i) {
    const char c = text_[i];
    if (c == ';') {
      finish(i);
      begin_ = i + 1;
      return i + 1;
    }
    if (const std::size_t end = comment_end(text_, i); end != i) {
      blank();
      return end;
    }
    if (c == '\'' || c == '"') {
      const std::size_t end = quoted_end(text_, i);
      current_.folded += text_.substr(i, end - i);
      current_.skeleton += c == '"' ? text_.substr(i, end - i) : std::string_view("''");
      return end;
    }
    if (is_space(c)) {
      blank();
    } else {
      current_.folded += lower(c);
      current_.skeleton += lower(c);
    }
    return i + 1;
  }

  void blank() {
    if (!current_.folded.empty() && current_.folded.back() != ' ') {
      current_.folded += ' ';
      current_.skeleton += ' ';
    }
  }

  void finish(std::size_t end) {
    if (!current_.folded.empty() && current_.folded.back() == ' ') {
      current_.folded.pop_back();
      current_.skeleton.pop_back();
    }
    current_.offset = begin_;
    current_.text = text_.substr(begin_, end - begin_);
    if (!current_.folded.empty()) statements_.push_back(std::move(current_));
    current_ = {};
  }

  std::string_view text_;
  std::size_t begin_ = 0;
  ScannedStatement current_;
  std::vector<ScannedStatement> statements_;
};

// Calls visit(index) for every character outside of parentheses and quotes until it says true.
template <class Visit>
void at_top_level(std::string_view text, Visit visit) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'' || text[i] == '"') {
      i = quoted_end(text, i) - 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && depth > 0) {
      --depth;
    } else if (depth == 0 && visit(i)) {
      return;
    }
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<ScannedStatement> scan_statements(std::string_view text) { return Scanner(text).run(); }

std::size_t unfolded_offset(std::string_view text, std::size_t index) {
  std::size_t folded = 0;
  bool blank = true;  // None stands at the beginning, and never two.
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = comment_end(text, i);
    if (end != i || is_space(text[i])) {
      if (!blank && folded++ == index) return i;
      blank = true;
      i = std::max(end, i + 1);
      continue;
    }
    blank = false;
    end = text[i] == '\'' || text[i] == '"' ? quoted_end(text, i) : i + 1;
    if (index < folded + (end - i)) return i + (index - folded);
    folded += end - i;
    i = end;
  }
  return text.size();
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || (text[0] != '"' && text[0] != '\'') || text.back() != text[0]) {
    return std::string(text);
  }
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    plain += text[i];
    if (text[i] == text[0]) ++i;
  }
  return plain;
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> items;
  std::size_t begin = 0;
  at_top_level(list, [&](std::size_t i) {
    if (list[i] == ',') {
      items.push_back(trim(list.substr(begin, i - begin)));
      begin = i + 1;
    }
    return false;
  });
  items.push_back(trim(list.substr(begin)));
  return items;
}

std::size_t find_top_level(std::string_view folded, std::string_view word) {
  std::size_t found = std::string_view::npos;
  at_top_level(folded, [&](std::size_t i) {
    if (folded.compare(i, word.size(), word) == 0) found = i;
    return found != std::string_view::npos;
  });
  return found;
}

TextSpan first_parentheses(std::string_view text) {
  TextSpan span;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const std::size_t end = comment_end(text, i); end != i) {
      i = end - 1;
    } else if (text[i] == '\'' || text[i] == '"') {
      i = quoted_end(text, i) - 1;
    } else if (text[i] == '(') {
      if (depth++ == 0) span.begin = i + 1;
    } else if (text[i] == ')' && depth > 0 && --depth == 0) {
      span.end = i;
      return span;
    }
  }
  return span;
}

}  // namespace kpi::server::pgwire
