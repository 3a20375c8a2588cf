// JSON bodies by simdjson: whole documents, checked to the last byte, nesting bounded.
#pragma once
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "server/dialect/rejection.h"

namespace kpi::server {

static_assert(simdjson::SIMDJSON_PADDING <= kBodySlackBytes);

// Reusable; what it answered lives until its next parse(). Not thread-safe.
class JsonParser {
 public:
  // `text` has kBodySlackBytes readable bytes behind it. kMalformed: not JSON, not UTF-8, or nested
  // deeper than kReportDepthMax; kOutOfRange: JSON with a number that no 64 bits hold.
  Check parse(std::string_view text, simdjson::dom::element& root);
  // The same for text without slack: copies it.
  Check parse_copy(std::string_view text, simdjson::dom::element& root);

  // Wipes what was parsed and answered: a body's texts are nobody's business any more.
  void forget();

 private:
  simdjson::dom::parser parser_;
  std::string copy_;
  std::size_t parsed_bytes_ = 0;  // The longest text since the last forget().
};

// An integer of 0..max; else kNegative, kNotInteger, kOutOfRange.
Check read_integer(simdjson::dom::element element, std::string_view field, std::uint64_t max,
                   std::uint64_t& value);
// The same of a number that may be spelled with a fraction or exponent (3340.0, 1e3), as tools that
// know only floating point do.
Check read_whole_number(simdjson::dom::element element, std::string_view field, std::uint64_t max,
                        std::uint64_t& value);
// A string, where it may also be absent (JSON null).
Check read_string(simdjson::dom::element element, std::string_view field, std::string_view& value);

}  // namespace kpi::server
