// What can still be read of a damaged store, as a new one, and an account of what is lost.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "kpi/result.h"

namespace kpi {

struct SalvageReport {
  // How far the store could be opened: kWhole as ever; kLogCut: its log up to the damage in it;
  // kListRebuilt: with a list of files made anew out of its tables and logs.
  enum class Opened : std::uint8_t { kWhole, kLogCut, kListRebuilt };
  Opened opened = Opened::kWhole;
  std::string reason;          // Why it could not be opened as ever; else empty.
  std::uint64_t sequence = 0;  // Of the last journal record kept.
  std::uint64_t chunks = 0, events = 0, journal_events = 0, cells = 0, documents = 0;
  std::uint64_t seen = 0;  // Request keys and used tickets.
  // One sentence each: sequences, days, chunks, names. Of the first kLossesNamedMax.
  std::vector<std::string> losses;
  std::uint64_t losses_found = 0;
};
inline constexpr std::size_t kLossesNamedMax = 1000;

// Makes the store `out` (absent, or an empty directory) out of what is readable in `dir`, which is
// never written to. Cells of days whose events are kept are made anew out of the events; a name
// that is lost becomes `(lost N)`. The new store was verified when this returns. kBusy: a server
// has the store open. kNotFound: no store. kUnsupported, kInvalidArgument, kIo, kCanceled.
Result<SalvageReport> salvage_store(const std::filesystem::path& dir,
                                    const std::filesystem::path& out, std::stop_token stop);

}  // namespace kpi
