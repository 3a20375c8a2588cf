#include "engine/engine_status.h"

namespace kpi {

std::vector<std::pair<std::string, std::string>> status_rows(const EngineStats& stats) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&](const char* name, std::uint64_t value) {
    rows.emplace_back(name, std::to_string(value));
  };
  add("events_appended", stats.events_appended);
  add("groups_committed", stats.groups_committed);
  add("live_events", stats.live_events);
  add("live_bytes", stats.live_bytes);
  add("journal_bytes", stats.journal_bytes);
  add("journal_sequence", stats.journal_sequence);
  add("seals", stats.seals);
  add("events_sealed", stats.events_sealed);
  add("chunks_written", stats.chunks_written);
  add("rps", stats.rps);
  add("series", stats.series);
  add("measures", stats.measures);
  add("labels", stats.labels);
  add("disk_bytes", stats.disk_bytes);
  add("followers", stats.followers);
  add("followers_cut", stats.followers_cut);
  rows.emplace_back("failed", stats.failed ? "yes" : "no");
  return rows;
}

}  // namespace kpi
