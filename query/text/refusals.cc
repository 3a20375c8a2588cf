#include "query/text/refusals.h"

#include <array>

namespace kpi::query {
namespace {

struct Refusal {
  const char* word;
  const char* hint;
};
constexpr const char* kParametersHint = "send the statement itself, with its values written out";
constexpr const char* kCursorHint = "send the SELECT itself; in psql: \\unset FETCH_COUNT";
constexpr const char* kReadOnlyHint = "events come in over HTTP, and retention removes them";
constexpr std::array<Refusal, 28> kRefusals = {
    {{"copy", "for an export use SELECT with psql --csv, kpi-query --format or POST /v1/query"},
     {"prepare", kParametersHint},
     {"execute", kParametersHint},
     {"declare", kCursorHint},
     {"fetch", kCursorHint},
     {"move", kCursorHint},
     {"insert", kReadOnlyHint},
     {"update", kReadOnlyHint},
     {"delete", kReadOnlyHint},
     {"merge", kReadOnlyHint},
     {"truncate", kReadOnlyHint},
     {"alter", ""},
     {"with", "write one SELECT over events"},
     {"table", "write SELECT with aggregates over events"},
     {"values", "write one SELECT over events"},
     {"analyze", "to see what a statement reads: EXPLAIN ANALYZE SELECT ..."},
     {"call", ""},
     {"cluster", ""},
     {"comment", ""},
     {"do", ""},
     {"grant", ""},
     {"listen", ""},
     {"lock", ""},
     {"notify", ""},
     {"refresh", ""},
     {"reindex", ""},
     {"revoke", ""},
     {"vacuum", ""}}};

}  // namespace

std::optional<std::string_view> refusal_hint(std::string_view word) {
  for (const Refusal& refusal : kRefusals) {
    if (word == refusal.word) return refusal.hint;
  }
  return std::nullopt;
}

}  // namespace kpi::query
