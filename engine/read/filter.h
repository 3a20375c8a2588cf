// What a predicate needs to know of an event before it can be decided, and a WHERE split by that:
// conditions on series choose what is read, those on kinds are answered from cells, those on one
// label perhaps too, the rest need raw events. Pure functions.
#pragma once
#include <cstdint>
#include <vector>

#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

inline constexpr int kPredicateDepthMax = 256;

// A set of bits.
using Needs = std::uint8_t;
inline constexpr Needs kNeedsSeries = 1;   // rp, client
inline constexpr Needs kNeedsOutcome = 2;  // outcome
inline constexpr Needs kNeedsKind = 4;     // error, error_class, ui_shown
inline constexpr Needs kNeedsLabel = 8;    // labels
inline constexpr Needs kNeedsEvent = 16;   // measures, the exact time

Needs needs_of(Dimension dimension);
Needs needs_of(const Predicate& predicate);

// Conjuncts, all of which an event must meet; pointers into the predicate.
using Conjuncts = std::vector<const Predicate*>;
struct Filter {
  TimeRange range;   // Narrowed by times in the top-level AND, and cut to what events can have.
  Conjuncts series;  // Need no more than the series.
  Conjuncts kind;    // Need outcome or kind, perhaps the series too.
  Conjuncts event;   // Need labels or the event, perhaps all of the above too.
  Needs needs = 0;   // Of `kind` and `event` together.
};

// kInvalidArgument: a predicate without the children or values its kind has.
// kLimitExceeded: deeper than kPredicateDepthMax. `where` outlives the filter.
Result<Filter> split_filter(const Predicate& where, TimeRange range);

// The common part; empty ones are any with begin >= end.
TimeRange intersect(TimeRange a, TimeRange b);

}  // namespace kpi
