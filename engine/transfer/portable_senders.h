// Senders' hours (kpi/transfer.h) on their way into a store: a part of its own for each RP and day.
#pragma once
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "engine/cell/senders_value.h"
#include "engine/dictionary/dictionary.h"
#include "engine/rocks/database.h"
#include "kpi/result.h"
#include "kpi/transfer.h"

namespace kpi {

// In this order: add() of what was checked, find_parts(), put(). Not thread-safe.
class SenderDays {
 public:
  // Days before `first_day` are left out.
  explicit SenderDays(std::uint16_t first_day) : first_day_(first_day) {}

  void add(const PortableSenders& hour);
  // Gives numbers that no part has. Nothing is changed where it fails.
  Status find_parts(const Database& database, const Dictionary& dictionary);
  // RPs get names as they need them.
  void put(const Database& database, Dictionary* dictionary, rocksdb::WriteBatch* batch) const;

 private:
  struct Part {
    std::uint32_t number = 1;
    SenderHours hours;
  };
  const std::uint16_t first_day_;
  std::map<std::pair<std::uint16_t, std::string_view>, Part> days_;
};

}  // namespace kpi
