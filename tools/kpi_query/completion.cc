#include "tools/kpi_query/completion.h"

#include <algorithm>
#include <cctype>

#include "tools/kpi_query/script.h"

namespace kpi::tools {
namespace {

constexpr std::string_view kKeywords[] = {
    "ANALYZE",   "AND",        "AROUND",   "AS",      "ASC",       "AT",    "BASELINE", "BETWEEN",
    "BY",        "CANDIDATE",  "CLIENTS",  "COMPARE", "CREATE",    "DESC",  "DROP",     "ERRORS",
    "EXCLUDE",   "EXPLAIN",    "FILL",     "FOLLOW",  "FOR",       "FROM",  "FUNNEL",   "GROUP",
    "HAVING",    "IN",         "INTERVAL", "IS",      "LABELS",    "LIKE",  "LIMIT",    "MEASURES",
    "MILESTONE", "MILESTONES", "NOT",      "NULL",    "OFFSET",    "OR",    "ORDER",    "PREVIOUS",
    "RPS",       "SELECT",     "SHOW",     "STATUS",  "TIMESTAMP", "WHERE", "WINDOW"};
// Each with what it is called by.
constexpr std::string_view kFunctions[] = {"avg(",
                                           "click_through_rate()",
                                           "count(",
                                           "date_trunc(",
                                           "failures()",
                                           "fraction_below(",
                                           "histogram(",
                                           "largest_sender_share()",
                                           "max(",
                                           "median(",
                                           "min(",
                                           "now()",
                                           "p50(",
                                           "p90(",
                                           "p95(",
                                           "p99(",
                                           "p99_9(",
                                           "quantile(",
                                           "quantile_of_attempts(",
                                           "success_rate()",
                                           "successes()",
                                           "sum(",
                                           "time_bucket("};
constexpr std::string_view kColumns[] = {"client",  "error", "error_class", "events",
                                         "outcome", "rp",    "time",        "ui_shown"};
// What a statement begins with, and what can be shown.
constexpr std::string_view kBeginnings[] = {
    "COMPARE", "CREATE MILESTONE", "DROP MILESTONE", "EXPLAIN",
    "FOLLOW",  "FUNNEL",           "SELECT",         "SHOW"};
constexpr std::string_view kShown[] = {"CLIENTS FOR", "ERRORS", "LABELS", "MEASURES",
                                       "MILESTONES",  "RPS",    "STATUS"};
// Closed lists of values.
struct Values {
  std::string_view column;
  std::vector<std::string> values;
};

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '.' || byte >= 0x80;
}

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

bool begins_with(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(), same_letter);
}

// Where the quoted text begins that is open at the end of `text`; npos: none is.
std::size_t open_quote(std::string_view text) {
  std::size_t open = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (open == std::string_view::npos) {
      if (text[i] == '\'' || text[i] == '"') open = i;
    } else if (text[i] == text[open]) {
      open = std::string_view::npos;
    }
  }
  return open;
}

// The words of `text` in lower case, what is quoted and every sign left out.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  char quote = 0;
  bool joined = false;
  for (const char c : text) {
    if (quote != 0 || c == '\'') {
      quote = quote == 0 ? c : c == quote ? 0 : quote;
      joined = false;
    } else if (is_word(c)) {
      if (!joined) words.emplace_back();
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      joined = true;
    } else {
      joined = false;
    }
  }
  return words;
}

std::string doubled(const std::string& text, char quote) {
  std::string out;
  for (const char c : text) out.append(c == quote ? 2 : 1, c);
  return out;
}

// The column that the quoted text is compared with: the last word that is no operator.
std::string compared_with(const std::vector<std::string>& words) {
  static const std::string_view kOperators[] = {"in", "not", "like"};
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    if (std::find(std::begin(kOperators), std::end(kOperators), *word) == std::end(kOperators)) {
      return *word;
    }
  }
  return {};
}

std::vector<std::string> values_for(const std::string& column, const Names& names) {
  static const Values kClosed[] = {
      {"outcome", {"failure", "success", "unknown"}},
      {"error_class", {"idp", "other", "rp", "user"}},
      {"ui_shown", {"no", "unknown", "yes"}},
      {"time_bucket", {"1 day", "1 hour", "1 minute", "1 month", "1 week", "15 minutes"}},
      {"date_trunc", {"day", "hour", "minute", "month", "quarter", "week", "year"}},
      {"interval", {"1 day", "1 hour", "30 days", "7 days"}},
      {"window", {"1 day", "14 days", "7 days"}}};
  for (const Values& closed : kClosed) {
    if (closed.column == column) return closed.values;
  }
  if (column == "rp" || column == "for") return names.rps;
  if (column == "milestone") return names.milestones;
  if (column == "funnel" || column == "exclude") return names.measures;
  for (const auto& [label, values] : names.labels) {
    if (label == column) return values;
  }
  return {};
}

void finish(Completion& completion) {
  auto& candidates = completion.candidates;
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
}

Completion complete_quoted(std::string_view text, std::size_t quote, const Names& names) {
  Completion completion{quote + 1, {}};
  const std::string_view typed = text.substr(quote + 1);
  std::vector<std::string> values;
  if (text[quote] == '"') {  // A name as it is written.
    values = names.measures;
    for (const auto& label : names.labels) values.push_back(label.first);
  } else {
    values = values_for(compared_with(words_of(text.substr(0, quote))), names);
  }
  for (const std::string& value : values) {
    const std::string written = doubled(value, text[quote]);
    if (begins_with(written, typed)) completion.candidates.push_back(written + text[quote]);
  }
  finish(completion);
  return completion;
}

// A word of the language in the case of what was typed.
std::string in_case_of(std::string_view keyword, std::string_view typed) {
  const bool lower = std::any_of(typed.begin(), typed.end(), [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0;
  });
  std::string out(keyword);
  if (!lower) return out;
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return out;
}

Completion complete_word(std::string_view text, const std::function<const Names&()>& ask) {
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  const std::string_view typed = text.substr(begin);
  Completion completion{begin, {}};
  const auto offer = [&](std::string_view candidate) {
    if (begins_with(candidate, typed)) completion.candidates.emplace_back(candidate);
  };
  const auto offer_words = [&](std::span<const std::string_view> keywords) {
    for (const std::string_view keyword : keywords) {
      if (begins_with(keyword, typed)) completion.candidates.push_back(in_case_of(keyword, typed));
    }
    finish(completion);
    return completion;
  };
  const std::vector<std::string> before = words_of(text.substr(0, begin));
  if (before.empty()) return offer_words(kBeginnings);
  if (before.size() == 1 && before[0] == "show") return offer_words(kShown);
  offer_words(kKeywords);
  for (const std::string_view function : kFunctions) offer(function);
  for (const std::string_view column : kColumns) offer(column);
  const Names& names = ask();
  for (const std::string& measure : names.measures) offer(measure);
  for (const auto& label : names.labels) offer(label.first);
  finish(completion);
  return completion;
}

}  // namespace

Completion complete(std::string_view text, std::span<const std::string_view> commands,
                    const std::function<const Names&()>& names) {
  if (!text.empty() && (text[0] == '\\' || text[0] == '.')) {
    Completion completion;
    if (text.find(' ') != std::string_view::npos) return completion;
    for (const std::string_view command : commands) {
      if (!begins_with(command.substr(1), text.substr(1))) continue;
      completion.candidates.push_back(text[0] + std::string(command.substr(1)));
    }
    finish(completion);
    return completion;
  }
  const auto statements = split_script(text);
  const std::size_t begin =
      statements.empty() || statements.back().finished ? text.size() : statements.back().offset;
  const std::string_view statement = text.substr(begin);
  const std::size_t quote = open_quote(statement);
  Completion completion = quote == std::string_view::npos
                              ? complete_word(statement, names)
                              : complete_quoted(statement, quote, names());
  completion.begin += begin;
  return completion;
}

std::string common_beginning(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::size_t size = candidates[0].size();
  for (const std::string& candidate : candidates) {
    size = std::min(size, candidate.size());
    const auto end = candidates[0].begin() + static_cast<std::ptrdiff_t>(size);
    const auto differs = std::mismatch(candidates[0].begin(), end, candidate.begin()).first;
    size = static_cast<std::size_t>(differs - candidates[0].begin());
  }
  // Half a character is no text.
  while (size > 0 && size < candidates[0].size() &&
         (static_cast<unsigned char>(candidates[0][size]) & 0xC0) == 0x80) {
    --size;
  }
  return candidates[0].substr(0, size);
}

}  // namespace kpi::tools
