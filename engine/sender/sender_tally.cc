#include "engine/sender/sender_tally.h"

#include <algorithm>

namespace kpi {

void SenderTally::add(std::uint64_t sender, std::uint64_t reports) {
  reports_ += reports;
  for (Counter& counter : counters_) {
    if (counter.sender != sender) continue;
    counter.reports += reports;
    return;
  }
  if (counters_.size() == kSenderCountersMax) {
    // So many reports of as many senders and this one cancel each other out.
    std::uint64_t gone = reports;
    for (const Counter& counter : counters_) gone = std::min(gone, counter.reports);
    for (Counter& counter : counters_) counter.reports -= gone;
    std::erase_if(counters_, [](const Counter& counter) { return counter.reports == 0; });
    shortfall_ += gone;
    reports -= gone;
  }
  if (reports > 0) counters_.push_back({sender, reports});
}

std::uint64_t SenderTally::largest() const {
  std::uint64_t most = 0;
  for (const Counter& counter : counters_) most = std::max(most, counter.reports);
  return most;
}

std::uint64_t SenderTally::count_of(std::uint64_t sender) const {
  for (const Counter& counter : counters_) {
    if (counter.sender == sender) return counter.reports;
  }
  return 0;
}

}  // namespace kpi
