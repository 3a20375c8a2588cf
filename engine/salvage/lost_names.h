// The names of a damaged store: those that can be read, and others for those that cannot, so that
// what is stored under their ids is not lost with them.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/dictionary/dictionary.h"
#include "engine/key/key.h"
#include "kpi/result.h"

namespace kpi {

class LostNames {
 public:
  void add(const NameKey& key, std::uint32_t parent, std::string name);
  // Of the keys of chunks and cells: such a series was there, with this RP.
  void add_use(std::uint32_t rp, std::uint32_t series);

  // Fills an empty dictionary: ids are dense, so each that is missing below the last known one is
  // called `(lost ID)`. `put` gets every name; `invented` those that are new.
  using Put = std::function<void(const NameKey&, std::uint32_t parent, const std::string& name)>;
  Status fill(Dictionary* dictionary, const Put& put, const Put& invented);

 private:
  struct Name {
    std::uint32_t parent = 0;
    std::string name;
  };
  std::map<std::uint32_t, Name> names_[5];  // [kind - 1], by id.
  std::map<std::uint32_t, std::uint32_t> rp_of_series_;
};

}  // namespace kpi
