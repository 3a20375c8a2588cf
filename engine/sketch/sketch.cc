#include "kpi/sketch.h"

#include "engine/sketch/sketch_view.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

SketchView view_of(const std::string& bytes) {
  SketchView view;
  KPI_ASSERT(view.read(bytes));  // decode() or a builder made them.
  return view;
}

}  // namespace

Result<Sketch> Sketch::decode(std::string_view bytes) {
  SketchView view;
  if (!view.read(bytes) || !view.validate()) {
    return Error{ErrorCode::kCorruption, "A sketch's bytes are damaged"};
  }
  Sketch sketch;
  sketch.bytes_ = bytes;
  return sketch;
}

std::uint64_t Sketch::count() const { return view_of(bytes_).count(); }
std::uint64_t Sketch::weight() const { return view_of(bytes_).weight(); }
Uint128 Sketch::weighted_sum() const { return view_of(bytes_).weighted_sum(); }
std::optional<std::uint32_t> Sketch::min() const { return view_of(bytes_).min(); }
std::optional<std::uint32_t> Sketch::max() const { return view_of(bytes_).max(); }
std::optional<double> Sketch::mean() const { return view_of(bytes_).mean(); }
std::optional<double> Sketch::quantile(double q) const { return view_of(bytes_).quantile(q); }
std::optional<double> Sketch::fraction_at_most(std::uint32_t bound) const {
  return view_of(bytes_).fraction_at_most(bound);
}
std::vector<Sketch::Bin> Sketch::bins() const { return view_of(bytes_).bins(); }

}  // namespace kpi
