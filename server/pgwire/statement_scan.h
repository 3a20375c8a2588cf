// The pieces of a Query message, found without understanding them: where its statements begin,
// and each in a folded form that rules can match.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kpi::server::pgwire {

struct ScannedStatement {
  std::size_t offset = 0;  // Of `text` in the message.
  std::string_view text;   // Up to the ';', which is left out.
  // Lower case outside of quotes, comments gone, white space and line ends one blank, none at the
  // ends. `skeleton` is the same with string literals emptied, so that no rule can match data.
  std::string folded, skeleton;
};

// Where in `text` of a ScannedStatement the character stands that is folded[index].
std::size_t unfolded_offset(std::string_view text, std::size_t index);

// A name or value without its quotes, a doubled one inside standing for itself.
std::string unquoted(std::string_view text);

// Split at every ';' outside of quotes and comments. Statements with nothing in them are left out.
std::vector<ScannedStatement> scan_statements(std::string_view text);

// `list` split at commas outside of parentheses and quotes, without blanks around.
std::vector<std::string_view> split_list(std::string_view list);

// Where `word` (lower case, with its blanks) begins in folded text outside of parentheses and
// quotes; npos: nowhere.
std::size_t find_top_level(std::string_view folded, std::string_view word);

// What stands within the first parentheses of `text` outside of quotes and comments: from behind
// the opening one to the closing one that belongs to it. end is npos where there are none.
struct TextSpan {
  std::size_t begin = 0, end = std::string_view::npos;
};
TextSpan first_parentheses(std::string_view text);

}  // namespace kpi::server::pgwire
