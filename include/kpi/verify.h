// Proof that a store, or a backup, is whole: everything in it is read, decoded and compared.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "kpi/result.h"

namespace kpi {

struct VerifyReport {
  bool backup = false;  // It had a list of files, which was compared first.
  std::uint64_t sequence = 0;
  std::uint64_t tables = 0, table_bytes = 0;
  std::uint64_t names = 0, meta = 0, documents = 0;
  std::uint64_t seen = 0;  // Request keys and used tickets.
  std::uint64_t journal_records = 0, journal_events = 0;
  std::uint64_t chunks = 0, events = 0;
  std::uint64_t cells = 0, sketches = 0;
  std::uint64_t days_recomputed = 0, cells_recomputed = 0;
  // One sentence each, with the file or place. Of the first kDamagesNamedMax.
  std::vector<std::string> damages;
  std::uint64_t damages_found = 0;
};
inline constexpr std::size_t kDamagesNamedMax = 1000;

// Changes nothing; a server may go on writing (what it has now is what is read). Checks each
// table's checksum; that every chunk, cell, sketch, journal record, document, name and meta entry
// decodes, is canonical, and names only what has a name; and, for days whose events are kept, that
// the cells are exactly those that the events come to. Damage is in the report; errors are
// kNotFound and kIo: no store there; kUnsupported: a newer one; kBusy; kCanceled: `stop`.
Result<VerifyReport> verify_store(const std::filesystem::path& dir, std::stop_token stop);

}  // namespace kpi
