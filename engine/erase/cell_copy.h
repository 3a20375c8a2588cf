// Figures of aged days on their way into another store, where those of all RPs are made anew.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kpi/engine.h"
#include "kpi/transfer.h"

namespace kpi {

// Not thread-safe.
class CellCopy {
 public:
  explicit CellCopy(Engine& target) : target_(target) {}

  // A cell of one series. It counts among all RPs too.
  Status add(const PortableCell& cell);
  Status finish();

 private:
  static constexpr std::size_t kCellsPerWrite = 2'000;

  struct Place {  // Of a cell of all RPs.
    std::int64_t width_ms = 0, begin_ms = 0;
    std::string label;
    std::optional<std::string> label_value;
    auto operator<=>(const Place&) const = default;
  };
  using Column = std::pair<std::string, Outcome>;  // Of a measure.
  struct Sum {
    std::map<std::uint32_t, KindCount> counts;  // By packed kind.
    std::map<Column, SketchBuilder> sketches;
  };
  struct Owned {
    Place place;
    bool all_rps = false;
    std::string rp, client;
    std::vector<KindCount> counts;
    std::vector<std::pair<Column, std::string>> sketches;
  };

  Status add_to_all(const Place& place, const PortableCell& cell);
  void move_sums();
  Status write();

  Engine& target_;
  std::vector<Owned> cells_;
  std::map<Place, Sum> all_rps_;
};

}  // namespace kpi
