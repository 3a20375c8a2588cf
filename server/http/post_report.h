// POST of a report: dialect, then the batch of this loop turn, then the answer after the commit.
#pragma once
#include <optional>

#include "server/http/dispatcher.h"

namespace kpi::server {

// Why no report can be taken now, counted; nothing where it can. `waiting`: as has_room() of
// Appender.
std::optional<Problem> refuse_report(Loop& loop, std::size_t waiting = 0);
void count_refusal(Loop& loop, Refusal refusal);

void post_report(Loop& loop, const Exchange& exchange, AnswerFrame frame);

}  // namespace kpi::server
