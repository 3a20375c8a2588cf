#include "kpi/assert.h"
#include "kpi/query.h"
#include "kpi/render.h"
#include "query/render/writers.h"

namespace kpi::query {

struct PieceRenderer::State {
  Table table;
  Format format;
  RenderOptions options;
  RowWriter writer;
  std::size_t row = 0;
  bool begun = false;
};

PieceRenderer::PieceRenderer(Table table, Format format, const RenderOptions& options) {
  KPI_ASSERT(format != Format::kTable);  // Its widths are known at the end only.
  RowWriter writer = row_writer(format, table, options);
  state_ = std::make_unique<State>(State{std::move(table), format, options, std::move(writer)});
}
PieceRenderer::~PieceRenderer() = default;
PieceRenderer::PieceRenderer(PieceRenderer&&) noexcept = default;
PieceRenderer& PieceRenderer::operator=(PieceRenderer&&) noexcept = default;

bool PieceRenderer::next(std::string& out, std::size_t bytes_min) {
  State& state = *state_;
  const std::size_t enough = out.size() + bytes_min;
  if (!state.begun) out += state.writer.begin;
  state.begun = true;
  auto& rows = state.table.rows;
  for (; state.row < rows.size() && out.size() < enough; ++state.row) {
    if (state.row != 0) out += state.writer.between;
    state.writer.append(out, state.table, rows[state.row]);
    rows[state.row] = {};  // Memory shrinks as the text leaves.
  }
  if (state.row < rows.size()) return true;
  out += rows.empty() ? state.writer.end_empty : state.writer.end;
  return false;
}

}  // namespace kpi::query
