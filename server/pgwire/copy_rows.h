// Rows of COPY TO as text or CSV lines, each with its line end, as PostgreSQL writes them.
#pragma once
#include <string>
#include <vector>

#include "kpi/query.h"
#include "server/pgwire/copy_options.h"

namespace kpi::server::pgwire {

class CopyRows {
 public:
  // kInvalidArgument: a column to quote that is not among `columns`.
  static Result<CopyRows> of(CopyOptions options, std::vector<query::Column> columns);
  std::string header() const;
  std::string line(const std::vector<query::Value>& row) const;
  const CopyOptions& options() const { return options_; }

 private:
  CopyRows(CopyOptions options, std::vector<query::Column> columns)
      : options_(std::move(options)),
        columns_(std::move(columns)),
        quoted_(columns_.size(), options_.quote_all) {}
  void append_text(std::string& line, const std::string& value) const;
  void append_csv(std::string& line, const std::string& value, bool quoted) const;

  CopyOptions options_;
  std::vector<query::Column> columns_;
  std::vector<bool> quoted_;  // By column: whatever its values are.
};

}  // namespace kpi::server::pgwire
