#include "query/exec/answer.h"

#include <algorithm>

#include "query/plan/condition.h"

namespace kpi::query {

Error beyond_rows_max(std::size_t rows, std::size_t rows_max) {
  return {ErrorCode::kLimitExceeded,
          "expected at most " + std::to_string(rows_max) + " rows, found " + std::to_string(rows),
          "add LIMIT, or ask for a shorter range or wider buckets"};
}

Error too_many_bytes(std::size_t bytes_max) {
  return {ErrorCode::kLimitExceeded,
          "expected an answer of at most " + std::to_string(bytes_max >> 20) + " MiB, found more",
          "add LIMIT, ask for a shorter range or wider buckets, or select fewer columns"};
}

std::size_t bytes_of(const std::vector<Value>& row) {
  constexpr std::size_t kAllocation = 16;
  std::size_t bytes = sizeof(row) + kAllocation + row.size() * sizeof(Value);
  for (const Value& value : row) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->capacity() >= sizeof(std::string) / 2) {
      bytes += text->capacity() + kAllocation;
    }
  }
  return bytes;
}

void note_coverage(const TimeRange& asked, const TimeRange& covered,
                   std::vector<std::string>& notes) {
  const TimeRange all;
  const bool begin = asked.begin_ms != all.begin_ms && covered.begin_ms > asked.begin_ms;
  const bool end = asked.end_ms != all.end_ms && covered.end_ms < asked.end_ms;
  if (asked.empty() || (!begin && !end)) return;
  const TimeRange answered = {std::max(asked.begin_ms, covered.begin_ms),
                              std::min(asked.end_ms, covered.end_ms)};
  notes.push_back("the answer covers " + to_text(answered) + " of " + to_text(asked) +
                  ": finer data has aged out");
}

}  // namespace kpi::query
