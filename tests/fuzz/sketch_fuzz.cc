// Any bytes: a sketch that decodes is what a builder writes again, every question has an answer,
// and what does not decode changes nothing.
#include <cstdint>
#include <string_view>

#include "engine/sketch/sketch_view.h"
#include "kpi/assert.h"
#include "kpi/sketch.h"

namespace {

void ask(const kpi::SketchView& view) {
  for (const double q : {0.0, 0.001, 0.5, 0.95, 0.999999999, 1.0}) view.quantile(q);
  for (const std::uint32_t bound : {0U, 183U, 3000U, 600'000U, 0xFFFFFFFFU}) {
    const auto fraction = view.fraction_at_most(bound);
    KPI_ASSERT(!fraction || (*fraction >= 0 && *fraction <= 1));
  }
  view.bins();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto view = kpi::SketchView::parse(bytes);
  if (view.ok()) ask(view.value());
  kpi::SketchBuilder builder;
  const bool merged = builder.merge_bytes(bytes).ok();
  KPI_ASSERT(merged || builder.empty());
  const auto decoded = kpi::Sketch::decode(bytes);
  if (!decoded.ok()) return 0;
  KPI_ASSERT(view.ok() && merged);
  KPI_ASSERT(builder.build() == decoded.value());
  return 0;
}
