#include "server/pgwire/copy_options.h"

#include <algorithm>

namespace kpi::server::pgwire {
namespace {

// The words, quoted texts and single signs of folded text.
class Tokens {
 public:
  explicit Tokens(std::string_view folded) : rest_(folded) {}

  bool done() {
    skip();
    return rest_.empty();
  }
  std::string_view peek() {
    skip();
    if (rest_.empty()) return {};
    if (rest_[0] == '\'' || rest_[0] == '"') return rest_.substr(0, quoted_size());
    const std::size_t end = rest_.find_first_of(" (),'\"*");
    return rest_.substr(0, end == 0 ? 1 : end);
  }
  std::string_view next() {
    const std::string_view token = peek();
    rest_.remove_prefix(token.size());
    return token;
  }
  bool take(std::string_view word) {
    if (peek() != word) return false;
    next();
    return true;
  }

 private:
  void skip() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  std::size_t quoted_size() const {
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] != rest_[0]) continue;
      if (i + 1 == rest_.size() || rest_[i + 1] != rest_[0]) return i + 1;
      ++i;
    }
    return rest_.size();
  }
  std::string_view rest_;
};

Error wrong(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message),
          "COPY (SELECT ...) TO STDOUT WITH (FORMAT csv, HEADER)"};
}

std::optional<std::string> quoted_text(std::string_view token) {
  if (token.size() < 2 || token[0] != '\'' || token.back() != '\'') return std::nullopt;
  std::string text;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    text += token[i];
    if (token[i] == '\'') ++i;
  }
  return text;
}

class OptionReader {
 public:
  explicit OptionReader(Tokens tokens) : tokens_(tokens) {}

  Result<CopyOptions> read() {
    tokens_.take("with");
    const bool in_list = tokens_.take("(");
    Status status = in_list ? read_list() : read_old();
    if (status.ok() && !tokens_.done()) status = wrong("COPY has words behind its options");
    if (status.ok()) status = finish();
    if (!status.ok()) return status.error();
    return options_;
  }

 private:
  Status read_list() {
    do {
      const std::string_view name = tokens_.next();
      Status status = read_option(name, true);
      if (!status.ok()) return status;
    } while (tokens_.take(","));
    return tokens_.take(")") ? ok_status() : Status(wrong("expected , or ) among COPY's options"));
  }

  Status read_old() {
    while (!tokens_.done()) {
      const std::string_view name = tokens_.next();
      Status status = ok_status();
      if (name == "csv") {
        options_.csv = true;
      } else if (name == "binary") {
        status = format("binary");
      } else if (name == "force") {
        if (!tokens_.take("quote")) return wrong("expected QUOTE after FORCE");
        status = force_quote(false);
      } else {
        status = read_option(name, false);
      }
      if (!status.ok()) return status;
    }
    return ok_status();
  }

  Status read_option(std::string_view name, bool in_list) {
    if (name == "header") return header(in_list);
    if (name == "force_quote" && in_list) return force_quote(true);
    if (name == "format" && in_list) {
      const std::string_view value = tokens_.next();
      const auto quoted = quoted_text(value);
      return format(quoted ? *quoted : value);
    }
    if (!in_list) tokens_.take("as");
    const bool known = name == "delimiter" || name == "delimiters" || name == "null" ||
                       name == "quote" || name == "escape" || name == "encoding";
    if (!known) return wrong("option \"" + std::string(name) + "\" of COPY is not known");
    const auto value = quoted_text(tokens_.next());
    if (!value) return wrong("expected a text in quotes after " + std::string(name));
    return text_option(name, *value);
  }

  Status text_option(std::string_view name, const std::string& value) {
    if (name == "null") {
      null_ = value;
      return ok_status();
    }
    if (name == "encoding") {
      if (value == "utf8" || value == "UTF8" || value == "utf-8" || value == "UTF-8") {
        return ok_status();
      }
      return wrong("COPY's encoding must be UTF8");
    }
    if (value.size() != 1) {
      return wrong("COPY's " + std::string(name) + " must be a single one-byte character");
    }
    (name == "quote" ? quote_ : name == "escape" ? escape_ : delimiter_) = value[0];
    return ok_status();
  }

  Status header(bool in_list) {
    options_.header = true;
    if (!in_list) return ok_status();
    const std::string_view value = tokens_.peek();
    if (value == "," || value == ")") return ok_status();
    tokens_.next();
    if (value == "false" || value == "off" || value == "0") {
      options_.header = false;
    } else if (value != "true" && value != "on" && value != "1") {
      return wrong("HEADER of COPY TO is true or false");
    }
    return ok_status();
  }

  Status format(std::string_view name) {
    if (name == "binary") {
      return Error{ErrorCode::kUnsupported, "COPY in binary format is not supported",
                   "use FORMAT text or csv"};
    }
    if (name != "text" && name != "csv") {
      return wrong("COPY format \"" + std::string(name) + "\" is not known");
    }
    options_.csv = name == "csv";
    return ok_status();
  }

  Status force_quote(bool in_list) {
    force_ = true;
    if (tokens_.take("*")) {
      options_.quote_all = true;
      return ok_status();
    }
    if (in_list && !tokens_.take("(")) return wrong("expected * or ( after FORCE_QUOTE");
    do {
      std::string_view column = tokens_.next();
      if (column.size() >= 2 && column[0] == '"') column = column.substr(1, column.size() - 2);
      if (column.empty()) return wrong("expected a column after FORCE QUOTE");
      options_.quote_columns.emplace_back(column);
    } while (tokens_.take(","));
    if (in_list && !tokens_.take(")")) return wrong("expected ) behind the columns to quote");
    return ok_status();
  }

  Status finish() {
    if (!options_.csv && (quote_ || escape_ || force_)) {
      return wrong("QUOTE, ESCAPE and FORCE_QUOTE of COPY are for CSV only");
    }
    options_.delimiter = delimiter_.value_or(options_.csv ? ',' : '\t');
    options_.null = null_.value_or(options_.csv ? "" : "\\N");
    options_.quote = quote_.value_or('"');
    options_.escape = escape_.value_or(options_.quote);
    return check();
  }

  // What could not be read back.
  Status check() const {
    constexpr std::string_view kNotDelimiters = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    const char delimiter = options_.delimiter;
    if (delimiter == '\n' || delimiter == '\r') {
      return wrong("COPY's delimiter cannot be a newline or carriage return");
    }
    if (!options_.csv && kNotDelimiters.find(delimiter) != std::string_view::npos) {
      return wrong(std::string("COPY's delimiter cannot be \"") + delimiter + "\"");
    }
    if (options_.csv && delimiter == options_.quote) {
      return wrong("COPY's delimiter and quote must be different");
    }
    if (options_.null.find_first_of("\r\n") != std::string::npos ||
        options_.null.find(delimiter) != std::string::npos ||
        (options_.csv && options_.null.find(options_.quote) != std::string::npos)) {
      return wrong("COPY's null text cannot hold line ends, the delimiter or the quote");
    }
    return ok_status();
  }

  Tokens tokens_;
  CopyOptions options_;
  bool force_ = false;
  std::optional<char> delimiter_, quote_, escape_;
  std::optional<std::string> null_;
};

Error not_supported(std::string message, std::string hint) {
  return {ErrorCode::kUnsupported, std::move(message), std::move(hint)};
}

Result<CopyStatement> read_query(const ScannedStatement& statement) {
  const TextSpan inside = first_parentheses(statement.text);
  if (inside.end == std::string_view::npos) return wrong("expected ) behind the query of COPY");
  CopyStatement copy;
  copy.query = statement.text.substr(inside.begin, inside.end - inside.begin);
  copy.query_offset = inside.begin;
  const auto rest = scan_statements(statement.text.substr(inside.end + 1));
  Tokens tokens(rest.empty() ? std::string_view() : rest[0].folded);
  if (!tokens.take("to")) return wrong("expected TO STDOUT behind the query of COPY");
  if (!tokens.take("stdout")) {
    return not_supported("COPY TO a file or program of the server is not supported",
                         "COPY (...) TO STDOUT, or \\copy in psql, writes a file of the client");
  }
  Result<CopyOptions> options = OptionReader(tokens).read();
  if (!options.ok()) return options.error();
  copy.options = std::move(options).value();
  return copy;
}

}  // namespace

std::optional<Result<CopyStatement>> read_copy(const ScannedStatement& statement) {
  Tokens tokens(statement.skeleton);
  if (!tokens.take("copy")) return std::nullopt;
  if (tokens.peek() == "(") return read_query(statement);
  Error error = statement.skeleton.find(" from ") != std::string::npos
                    ? not_supported("COPY FROM is not supported: events are sent by HTTP",
                                    "POST /v1/events takes one JSON object a line")
                    : not_supported("COPY of a table is not supported",
                                    "COPY (SELECT ...) TO STDOUT copies what a query answers");
  error.position = statement.offset + statement.text.find_first_not_of(" \t\r\n") + 1;
  return error;
}

}  // namespace kpi::server::pgwire
