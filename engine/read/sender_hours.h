// What is known of senders, hour by hour: what is in memory and what is on disk as one.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/read/read_source.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

// The hour's begin in ms, the RP's id, which the dictionary knows. Return false to stop.
using SenderHourSink = std::function<bool(std::int64_t, std::uint32_t, const SenderCounts&)>;

// Ids of RPs, ascending; nothing: all of them.
using SenderRps = std::optional<std::vector<std::uint32_t>>;

// Their hours whose begin lies in `range`, each once, in order of time. Of other RPs nothing is
// read. kCanceled: `stop`, which is looked at before each day and value; the sink gets nothing more
// then.
Status for_each_sender_hour(const ReadSource& source, const TimeRange& range, const SenderRps& rps,
                            std::stop_token stop, const SenderHourSink& sink);

}  // namespace kpi
