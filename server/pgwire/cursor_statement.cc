#include "server/pgwire/cursor_statement.h"

#include <algorithm>
#include <charconv>

namespace kpi::server::pgwire {
namespace {

// Takes the words of folded text off its front. A quoted name is one.
class Words {
 public:
  explicit Words(std::string_view folded) : rest_(folded) {}

  std::string_view peek() const {
    const bool quoted = !rest_.empty() && rest_[0] == '"';
    std::size_t end = quoted ? 1 : 0;
    bool within = quoted;
    while (end < rest_.size() && (within || rest_[end] != ' ')) {
      if (rest_[end++] == '"') within = !within;
    }
    return rest_.substr(0, end);
  }
  std::string_view next() {
    const std::string_view word = peek();
    rest_.remove_prefix(std::min(rest_.size(), word.size() + 1));
    return word;
  }
  bool take(std::string_view word) {
    if (peek() != word) return false;
    next();
    return true;
  }
  bool done() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

Error wrong(std::string_view expected) {
  return {ErrorCode::kInvalidArgument, "expected " + std::string(expected)};
}

Error backwards() {
  return {ErrorCode::kUnsupported, "cursor can only scan forward",
          "keep the rows that are needed again, or declare the cursor anew"};
}

std::optional<std::int64_t> number(std::string_view word) {
  if (!word.empty() && word[0] == '+') word.remove_prefix(1);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != word.data() + word.size()) return std::nullopt;
  return value;
}

Status read_kind(Words& words) {
  while (!words.take("cursor")) {
    const std::string_view word = words.next();
    if (word == "no" && words.take("scroll")) continue;
    if (word == "insensitive" || word == "asensitive") continue;
    if (word == "scroll" || word == "binary") {
      return Error{ErrorCode::kUnsupported,
                   "cursors with " + std::string(word == "scroll" ? "SCROLL" : "BINARY") +
                       " are not supported",
                   "leave the word out: DECLARE name CURSOR FOR SELECT ..."};
    }
    return wrong("CURSOR behind the name in DECLARE");
  }
  return ok_status();
}

Status read_hold(Words& words, bool* hold) {
  *hold = words.take("with");
  const bool said = *hold || words.take("without");
  return !said || words.take("hold") ? ok_status() : Status(wrong("HOLD in DECLARE"));
}

// A number where there is one, ALL, or 1.
Result<std::uint64_t> read_count(Words& words) {
  if (words.take("all")) return UINT64_MAX;
  const auto count = number(words.peek());
  if (!count) return std::uint64_t{1};
  words.next();
  if (*count < 0) return backwards();
  return static_cast<std::uint64_t>(*count);
}

Status read_place(Words& words, FetchStatement::From from, FetchStatement* fetch) {
  const auto place = number(words.next());
  if (!place) return wrong("a number of rows");
  if (*place < (from == FetchStatement::From::kAbsolute ? 1 : 0)) return backwards();
  fetch->from = from;
  fetch->place = static_cast<std::uint64_t>(*place);
  return ok_status();
}

Status read_direction(Words& words, FetchStatement* fetch) {
  using From = FetchStatement::From;
  for (const std::string_view back : {"prior", "backward", "last"}) {
    if (words.peek() == back) return backwards();
  }
  if (words.take("next")) return ok_status();
  if (words.take("absolute")) return read_place(words, From::kAbsolute, fetch);
  if (words.take("relative")) return read_place(words, From::kRelative, fetch);
  if (words.take("first")) {
    fetch->from = From::kAbsolute;
    fetch->place = 1;
    return ok_status();
  }
  words.take("forward");
  const Result<std::uint64_t> count = read_count(words);
  if (!count.ok()) return count.error();
  fetch->rows = count.value();
  return ok_status();
}

}  // namespace

std::optional<Result<DeclareStatement>> read_declare(const ScannedStatement& statement) {
  Words words(statement.folded);
  if (!words.take("declare")) return std::nullopt;
  DeclareStatement declare;
  declare.cursor = unquoted(words.next());
  if (declare.cursor.empty()) return wrong("the name of a cursor");
  Status status = read_kind(words);
  if (status.ok()) status = read_hold(words, &declare.hold);
  if (status.ok() && (!words.take("for") || words.done())) status = wrong("FOR and a query");
  if (!status.ok()) return status.error();
  declare.query_offset = unfolded_offset(statement.text, statement.folded.size() - words.left());
  declare.query = statement.text.substr(declare.query_offset);
  return declare;
}

std::optional<Result<FetchStatement>> read_fetch(const ScannedStatement& statement) {
  Words words(statement.folded);
  FetchStatement fetch;
  fetch.moves = words.peek() == "move";
  if (!fetch.moves && words.peek() != "fetch") return std::nullopt;
  words.next();
  if (const Status status = read_direction(words, &fetch); !status.ok()) return status.error();
  if (!words.take("from")) words.take("in");
  fetch.cursor = unquoted(words.next());
  if (fetch.cursor.empty() || !words.done()) return wrong("the name of a cursor at the end");
  return fetch;
}

}  // namespace kpi::server::pgwire
