#include "server/pgwire/catalog_restriction.h"

#include <string>

#include "server/pgwire/statement_scan.h"

namespace kpi::server::pgwire {
namespace {

bool is_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// % any run, _ one byte, a backslash takes what follows as it is. Only the last % is tried with
// another run: what could be found with an earlier one would be found with it as well.
bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, next = 0, run_begin = 0;
  std::size_t behind_percent = std::string_view::npos;
  while (at < text.size()) {
    const std::string_view rest = pattern.substr(next);
    if (!rest.empty() && rest[0] == '%') {
      behind_percent = ++next;
      run_begin = at;
      continue;
    }
    const bool escaped = rest.size() > 1 && rest[0] == '\\';
    const bool any = !rest.empty() && rest[0] == '_';
    if (any || (!rest.empty() && rest[escaped ? 1 : 0] == text[at])) {
      next += escaped ? 2 : 1;
      ++at;
    } else if (behind_percent != std::string_view::npos) {
      next = behind_percent;
      at = ++run_begin;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', next) == std::string_view::npos;
}

// The literal behind `column like`; nothing: there is none.
std::optional<std::string_view> liked(std::string_view folded, std::string_view column) {
  const std::string words = std::string(column) + " like '";
  const std::size_t at = folded.find(words);
  if (at == std::string_view::npos || (at > 0 && is_name(folded[at - 1]))) return std::nullopt;
  const std::string_view rest = folded.substr(at + words.size());
  return rest.substr(0, rest.find('\''));
}

}  // namespace

std::optional<std::string_view> compared(std::string_view folded, std::string_view column) {
  for (std::size_t at = folded.find(column); at != std::string_view::npos;
       at = folded.find(column, at + 1)) {
    std::string_view rest = folded.substr(at + column.size());
    if (at > 0 && folded[at - 1] != ' ' && folded[at - 1] != '.' && folded[at - 1] != '(') continue;
    if (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
    if (rest.empty() || rest[0] != '=') continue;
    rest.remove_prefix(1);
    if (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
    if (!rest.empty() && rest[0] == '\'') return rest.substr(1, rest.find('\'', 1) - 1);
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      return rest.substr(0, rest.find_first_not_of("0123456789"));
    }
  }
  return std::nullopt;
}

bool allows(std::string_view folded, std::string_view column, std::string_view value) {
  // What stands in the items or in ON restricts something else.
  const std::size_t where = find_top_level(folded, " where ");
  if (where == std::string_view::npos) return true;
  folded.remove_prefix(where);
  const auto same = compared(folded, column);
  const auto like = liked(folded, column);
  constexpr std::size_t kPatternBytesMax = 200;  // Nothing is like longer ones.
  return (!same || *same == value) &&
         (!like || (like->size() <= kPatternBytesMax && is_like(value, *like)));
}

bool requires_rows_of(std::string_view folded, std::string_view relation) {
  for (std::size_t at = folded.find(relation); at != std::string_view::npos;
       at = folded.find(relation, at + 1)) {
    std::string_view before = folded.substr(0, at);
    constexpr std::string_view kSchema = "pg_catalog.";
    if (before.size() >= kSchema.size() &&
        before.substr(before.size() - kSchema.size()) == kSchema) {
      before.remove_suffix(kSchema.size());
    }
    const auto ends = [&](std::string_view words) {
      return before.size() >= words.size() && before.substr(before.size() - words.size()) == words;
    };
    const std::size_t behind = at + relation.size();
    if (behind < folded.size() && is_name(folded[behind])) continue;
    if (ends(" left join ") || ends(" left outer join ")) continue;
    if (ends(" join ") || ends(", ") || ends(" from ")) return true;
  }
  return false;
}

}  // namespace kpi::server::pgwire
