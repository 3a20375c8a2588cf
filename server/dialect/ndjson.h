// Bulk bodies: one event a line, each judged alone, good ones stored, bad ones named by line.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/dialect/event_draft.h"
#include "server/dialect/json.h"
#include "server/dialect/line_template.h"

namespace kpi::server {

inline constexpr std::size_t kTemplatesMax = 4;        // Of one parser.
inline constexpr std::size_t kFormsPerTemplate = 256;  // A power of two.
inline constexpr std::size_t kSeriesSlots = 1U << 15;  // A power of two; at most half are used.
// Once all templates are in use, one in so many lines of the general path may replace one: bodies
// of ever-changing forms must not pay for learning on every line.
inline constexpr std::uint32_t kLinesPerRelearn = 64;

inline constexpr std::size_t kLineErrorsMax = 100;  // Told in one answer; all are counted.

struct LineError {
  std::uint32_t line = 0;  // 1-based.
  std::string error;       // What was wrong and what was expected.
};

// Reusable; keeps templates and memory between bodies. Not thread-safe.
class NdjsonParser {
 public:
  NdjsonParser(const DialectOptions& options, EventDraft& draft);

  // Adds the good lines of `report.body` to `batch` and fills `verdict`, reply included.
  void parse(const HttpReport& report, Batch& batch, Verdict& verdict);
  void forget() { json_.forget(); }  // Wipes what was parsed.

  // Lines that took the general path, since construction: for tests and benchmarks.
  std::uint64_t general_lines() const { return general_lines_; }
  // Off: every line takes the general path. For tests.
  void use_templates(bool use) { use_templates_ = use; }

 private:
  // The event form that a template's form values stand for, within the present batch.
  struct Form {
    std::uint64_t generation = 0;
    std::string values;
    std::uint32_t shape = 0, folded_labels = 0, dropped_labels = 0;
  };
  struct Learned {
    LineTemplate lines;
    std::vector<std::uint32_t> measure_max;  // By measure of the line.
    // Of show, continue, token, turnaround; where one is missing there is no identity to check.
    std::array<std::size_t, 4> identity{};
    bool has_identity = false;
    std::uint64_t hits = 0;
    std::vector<Form> forms = std::vector<Form>(kFormsPerTemplate);
  };
  struct SeriesSlot {
    std::uint64_t generation = 0, hash = 0;
    std::string_view rp, client;  // As the lines spell them; into the body.
    std::uint32_t series = 0;
  };
  struct Body {  // What one call of parse() works on.
    const HttpReport& report;
    Batch& batch;
    Verdict& verdict;
    std::vector<LineError> errors;
    std::uint32_t line = 0;  // 1-based, of the line being read.
    std::int64_t time_ms_max = 0;
    bool full = false;  // The batch: no more lines are taken.
  };

  const char* take_line(Body& body, const char* begin, const char* end);
  bool take_matched(Body& body, Learned& learned, const LineValues& values);
  void take_general(Body& body, std::string_view line, Learned* matched, const LineValues& values);
  void learn(std::string_view line);
  Check add_draft(Body& body, std::uint32_t& shape);
  bool plausible(const Body& body, const Learned& learned, const LineValues& values) const;
  const std::uint32_t* find_series(Body& body, std::string_view rp, std::string_view client);
  void refuse_line(Body& body, Rejection rejection);

  const DialectOptions& options_;
  EventDraft& draft_;
  JsonParser json_;
  std::vector<Learned> templates_;
  std::size_t recent_ = 0;          // The template that matched last.
  std::vector<SeriesSlot> series_;  // kSeriesSlots from the first body on.
  std::size_t series_used_ = 0;
  std::uint64_t generation_ = 0;  // Slots and forms of an older one are free.
  std::vector<std::uint32_t> measure_ids_, label_ids_, values_;  // Scratch.
  std::uint64_t general_lines_ = 0;
  std::uint32_t lines_since_learn_ = 0;
  bool use_templates_ = true;
};

}  // namespace kpi::server
