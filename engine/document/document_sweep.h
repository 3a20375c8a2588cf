// Retention of documents: those that are older than raw events may be, by the later of their
// event's time and their arrival, are dropped in small steps, so that upkeep is never held up.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>

#include "engine/rocks/database.h"
#include "kpi/result.h"

namespace kpi {

// Thread-safe. Keys lead with the event's time and a late event's arrival stands in the value
// alone, so a sweep looks at all documents of old events: once a day, when the horizon moves.
class DocumentSweep {
 public:
  static constexpr std::size_t kDocumentsPerStep = 8192;

  // `days`: how long documents are kept; 0: for ever.
  DocumentSweep(const Database& database, int days) : database_(database), days_(days) {}

  // A sweep is due if the horizon has moved on since the last one.
  void begin(std::int64_t now_ms);
  // Looks at the next documents of the sweep. False: there is nothing left to do.
  Result<bool> step();

 private:
  Status write(std::uint64_t dropped, rocksdb::WriteBatch* batch) const;

  const Database& database_;
  const int days_;
  std::mutex mutex_;           // Guards what follows.
  std::uint16_t horizon_ = 0;  // First UTC day that is kept.
  bool sweeping_ = false;
  std::string next_key_;
};

}  // namespace kpi
