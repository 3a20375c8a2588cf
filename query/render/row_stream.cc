#include "kpi/render.h"
#include "query/render/writers.h"

namespace kpi::query {

struct RowStream::State {
  Table table;  // Its columns; rows pass by.
  RowWriter writer;
  bool begun = false, any_rows = false;

  void begin(std::string& out) {
    if (!begun) out += writer.begin;
    begun = true;
  }
};

RowStream::RowStream(std::vector<Column> columns, Format format, const RenderOptions& options)
    : state_(std::make_unique<State>()) {
  state_->table.columns = std::move(columns);
  state_->writer = row_writer(format, state_->table, options);
}
RowStream::~RowStream() = default;
RowStream::RowStream(RowStream&&) noexcept = default;
RowStream& RowStream::operator=(RowStream&&) noexcept = default;

void RowStream::append(std::string& out, const std::vector<std::vector<Value>>& rows) {
  state_->begin(out);
  for (const std::vector<Value>& row : rows) {
    if (state_->any_rows) out += state_->writer.between;
    state_->any_rows = true;
    state_->writer.append(out, state_->table, row);
  }
}

void RowStream::finish(std::string& out) {
  state_->begin(out);
  out += state_->any_rows ? state_->writer.end : state_->writer.end_empty;
}

}  // namespace kpi::query
