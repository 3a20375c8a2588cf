// The axis of time below a chart, with marks on it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kpi/render.h"

namespace kpi::query {

struct TimeSpan {
  std::int64_t begin_ms = 0, end_ms = 0;  // Both shown; within kPlotTimeMsMax.
};

// Where of `places` a time within the span lies; the middle where the span has no length.
int place_on_axis(const TimeSpan& span, std::int64_t time_ms, int places);

inline constexpr std::size_t kAxisMarksMax = 26;
// Milestones that lie within a span.
struct AxisMarks {
  std::vector<Milestone> shown;  // The first kAxisMarksMax, by time; shown[0] is A.
  std::size_t more = 0;          // Beyond them.
  std::string letters;           // One for each column: blank, a letter, or + where several fall.
};
AxisMarks marks_on_axis(const TimeSpan& span, int columns, const RenderOptions& options);

// Lines from the axis down: the axis itself `columns` wide behind `indent` blanks, times at its
// ends and in its middle, and what the marks are called.
std::string time_axis(const TimeSpan& span, int columns, std::size_t indent, const AxisMarks& marks,
                      const RenderOptions& options);

}  // namespace kpi::query
