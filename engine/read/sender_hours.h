// What is known of senders, hour by hour: what is in memory and what is on disk as one.
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>

#include "engine/read/read_source.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// The hour's begin in ms, the RP's id, which the dictionary knows. Return false to stop.
using SenderHourSink = std::function<bool(std::int64_t, std::uint32_t, const SenderCounts&)>;

// Each RP's hours whose begin lies in `range`, once, in order of time. kCanceled: `stop`, which is
// looked at before each day and value; the sink gets nothing more then.
Status for_each_sender_hour(const ReadSource& source, const TimeRange& range, std::stop_token stop,
                            const SenderHourSink& sink);

}  // namespace kpi
