// Events as scripts write them, one a line.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "tests/support/model_store.h"

namespace kpi::test {

// TIME, then in any order: rp=ORIGIN client=ID success failure unknown error=NAME ui=yes|no
// weight=THOUSANDTHS sender=NUMBER x100 (so many of them)
// MEASURE=NUMBER LABEL:VALUE. error= makes a failure.
// Appends to `events`. False: not so.
bool parse_events(std::string_view line, std::vector<ModelEvent>& events);

}  // namespace kpi::test
