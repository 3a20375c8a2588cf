#include "server/pgwire/copy_rows.h"

#include <algorithm>

namespace kpi::server::pgwire {

Result<CopyRows> CopyRows::of(CopyOptions options, std::vector<query::Column> columns) {
  CopyRows rows(std::move(options), std::move(columns));
  for (const std::string& name : rows.options_.quote_columns) {
    bool found = false;
    for (std::size_t c = 0; c < rows.columns_.size(); ++c) {
      if (rows.columns_[c].name != name) continue;
      rows.quoted_[c] = true;
      found = true;
    }
    if (!found) {
      return Error{ErrorCode::kInvalidArgument,
                   "the column \"" + name + "\" to quote is not in the answer"};
    }
  }
  return rows;
}

std::string CopyRows::header() const {
  std::string line;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c > 0) line += options_.delimiter;
    if (options_.csv) {
      append_csv(line, columns_[c].name, false);
    } else {
      append_text(line, columns_[c].name);
    }
  }
  return line += '\n';
}

std::string CopyRows::line(const std::vector<query::Value>& row) const {
  std::string line;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (c > 0) line += options_.delimiter;
    if (std::holds_alternative<std::monostate>(row[c])) {
      line += options_.null;
      continue;
    }
    const auto* text = std::get_if<std::string>(&row[c]);
    const std::string value = text ? *text : query::to_text(row[c], columns_[c].type);
    if (options_.csv) {
      append_csv(line, value, quoted_[c]);
    } else {
      append_text(line, value);
    }
  }
  return line += '\n';
}

void CopyRows::append_text(std::string& line, const std::string& value) const {
  constexpr std::string_view kControls = "\b\f\n\r\t\v", kLetters = "bfnrtv";
  for (const char c : value) {
    const std::size_t control = kControls.find(c);
    if (control != std::string_view::npos) {
      line += '\\';
      line += kLetters[control];
      continue;
    }
    if (c == '\\' || c == options_.delimiter) line += '\\';
    line += c;
  }
}

void CopyRows::append_csv(std::string& line, const std::string& value, bool quoted) const {
  // `\.` alone on a line would be the end of the data.
  const bool needs_quotes =
      quoted || value == options_.null || (columns_.size() == 1 && value == "\\.") ||
      std::any_of(value.begin(), value.end(), [this](char c) {
        return c == options_.delimiter || c == options_.quote || c == '\n' || c == '\r';
      });
  if (!needs_quotes) {
    line += value;
    return;
  }
  line += options_.quote;
  for (const char c : value) {
    if (c == options_.quote || c == options_.escape) line += options_.escape;
    line += c;
  }
  line += options_.quote;
}

}  // namespace kpi::server::pgwire
