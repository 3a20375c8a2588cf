#include "query/function/aggregate.h"

namespace kpi::query::aggregates {

const Aggregate kHistogram = {"histogram", Aggregate::Arguments::kMeasure, Kind::kText,
                              "JSON: an array of [lower, upper, count], bounds inclusive",
                              [](const GroupState& state, double) {
                                if (state.sketch.empty()) return Scalar{};
                                std::string text = "[";
                                for (const Sketch::Bin& bin : state.sketch.bins()) {
                                  if (text.size() > 1) text += ',';
                                  text += '[' + std::to_string(bin.lower) + ',' +
                                          std::to_string(bin.upper) + ',' +
                                          std::to_string(rounded(bin.weight)) + ']';
                                }
                                return make_text(state.texts.emplace_back(text + ']'));
                              }};

}  // namespace kpi::query::aggregates
