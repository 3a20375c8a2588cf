#include "query/render/time_axis.h"

#include <algorithm>
#include <cmath>

#include "query/render/display.h"
#include "query/render/plot_data.h"
#include "query/render/time_text.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

constexpr std::int64_t kDaysOnlyMs = 100LL * 86'400'000;  // A longer span is labelled with days.
constexpr std::size_t kMinuteEnd = 16;                    // Of `2026-11-22 09:00`.

std::string moment(std::int64_t time_ms, TimeForm form) {
  if (form == TimeForm::kLocal) return value_text(time_ms, Type::kTimestamp, form);
  return time_text(time_ms, ' ', "");
}

std::string time_label(std::int64_t time_ms, const TimeSpan& span, TimeForm form) {
  const std::string text = moment(time_ms, form);
  return text.substr(0, span.end_ms - span.begin_ms >= kDaysOnlyMs ? text.find(' ') : kMinuteEnd);
}

std::string labels(const TimeSpan& span, int columns, TimeForm form) {
  std::string first = time_label(span.begin_ms, span, form);
  if (span.end_ms <= span.begin_ms) return first;
  const std::string last = time_label(span.end_ms, span, form);
  const int width = static_cast<int>(first.size());
  const int middle = columns / 2 - width / 2;
  if (middle > width + 2 && middle + width + 2 < columns - static_cast<int>(last.size())) {
    first = pad(first, static_cast<std::size_t>(middle), false) +
            time_label(span.begin_ms + (span.end_ms - span.begin_ms) / 2, span, form);
  }
  const int blanks = columns - static_cast<int>(first.size() + last.size());
  return first + std::string(static_cast<std::size_t>(std::max(blanks, 1)), ' ') + last;
}

}  // namespace

int place_on_axis(const TimeSpan& span, std::int64_t time_ms, int places) {
  const double width = static_cast<double>(span.end_ms) - static_cast<double>(span.begin_ms);
  if (width <= 0) return places / 2;
  const double offset = static_cast<double>(time_ms) - static_cast<double>(span.begin_ms);
  return static_cast<int>(std::lround(offset / width * (places - 1)));
}

AxisMarks marks_on_axis(const TimeSpan& span, int columns, const RenderOptions& options) {
  AxisMarks marks;
  marks.letters.assign(static_cast<std::size_t>(columns), ' ');
  for (const Milestone& mark : options.marks) {
    if (mark.at_ms >= span.begin_ms && mark.at_ms <= span.end_ms) marks.shown.push_back(mark);
  }
  std::stable_sort(marks.shown.begin(), marks.shown.end(),
                   [](const Milestone& a, const Milestone& b) { return a.at_ms < b.at_ms; });
  if (marks.shown.size() > kAxisMarksMax) {
    marks.more = marks.shown.size() - kAxisMarksMax;
    marks.shown.resize(kAxisMarksMax);
  }
  for (std::size_t m = 0; m < marks.shown.size(); ++m) {
    char& letter =
        marks.letters[static_cast<std::size_t>(place_on_axis(span, marks.shown[m].at_ms, columns))];
    letter = letter == ' ' ? static_cast<char>('A' + m) : '+';
  }
  return marks;
}

std::string time_axis(const TimeSpan& span, int columns, std::size_t indent, const AxisMarks& marks,
                      const RenderOptions& options) {
  const std::string blanks(indent, ' ');
  std::string out = blanks + (options.unicode ? "└" : "+");
  for (const char letter : marks.letters) {
    if (letter == ' ') {
      out += options.unicode ? "─" : "-";
    } else {
      out += letter;
    }
  }
  out += '\n' + blanks + ' ' + labels(span, columns, options.time) + '\n';
  for (std::size_t m = 0; m < marks.shown.size(); ++m) {
    const std::string text = moment(marks.shown[m].at_ms, options.time).substr(0, kMinuteEnd);
    out += blanks + ' ' + static_cast<char>('A' + m) + ' ' + text + "  " +
           printable(marks.shown[m].name) + '\n';
  }
  if (marks.more != 0) out += blanks + " (and " + std::to_string(marks.more) + " more)\n";
  return out;
}

}  // namespace kpi::query
