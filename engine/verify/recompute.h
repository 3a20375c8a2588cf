// The cells that stored events come to, compared with those that are stored.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cell/cells_builder.h"
#include "engine/dictionary/dictionary.h"
#include "engine/key/key.h"
#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "engine/verify/findings.h"

namespace kpi {

// Cells by their key's bytes, one merged value each.
using CellMap = std::map<std::string, std::string, std::less<>>;

// Makes the cells of one day after another out of its chunks, and keeps what is complete. Not
// thread-safe.
class Recompute {
 public:
  Recompute(const Database& database, const Dictionary& dictionary, const Horizons& horizons,
            const std::vector<Rollup>& rollups);

  // Days that have chunks, from the horizon of raw events on: ascending.
  std::vector<std::uint16_t> days(Findings* findings) const;
  // All cells of that day, those of whole days being of this day alone. A damaged chunk is left out
  // and told to the findings, if there are any.
  Status day_cells(std::uint16_t day, CellMap* cells, Findings* findings);

 private:
  const Database& database_;
  const Dictionary& dictionary_;
  const Horizons horizons_;
  const std::vector<Rollup>& rollups_;
};

// Of the day cells of weeks: the part of a value in the buckets [from, to). Empty: nothing is
// there.
Result<std::string> buckets_between(const CellKey& key, std::string_view value, std::uint32_t from,
                                    std::uint32_t to);

// Compares all days that can be.
Status compare_cells(const Database& database, const Dictionary& dictionary,
                     const Horizons& horizons, const std::vector<Rollup>& rollups,
                     Findings* findings);

}  // namespace kpi
