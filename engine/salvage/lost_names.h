// The names of a damaged store: those that can be read, and others for those that cannot, so that
// what is stored under their ids is not lost with them.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "engine/dictionary/dictionary.h"
#include "engine/key/key.h"
#include "kpi/result.h"

namespace kpi {

class LostNames {
 public:
  void add(const NameKey& key, std::uint32_t parent, std::string name);
  // What is stored uses this id. Id 0 is none; parent 0: not known by who uses it.
  void use_rp(std::uint32_t id);
  void use_series(std::uint32_t id, std::uint32_t rp);
  void use_measure(std::uint32_t id);
  void use_label_value(std::uint32_t id, std::uint32_t label);

  // Fills an empty dictionary: each id that is used, or missing below the last known one, and has
  // no name is called `(lost ID)`, or `(lost measure ID)`, `(lost label ID)`; where nobody knows
  // its parent it gets one that is lost, too. `put` gets every name; `invented` those that are new.
  using Put = std::function<void(const NameKey&, std::uint32_t parent, const std::string& name)>;
  Status fill(Dictionary* dictionary, const Put& put, const Put& invented);

 private:
  struct Name {
    std::uint32_t parent = 0;
    std::string name;
  };
  using Names = std::map<std::uint32_t, Name>;
  Names& names(NameKind kind) { return names_[static_cast<std::size_t>(kind) - 1]; }
  std::uint32_t last(NameKind kind);  // The highest id that has a name; 0: none.
  void invent(NameKind kind, std::uint32_t id, std::uint32_t parent, const Put& invented);
  void fill_up(NameKind kind, std::uint32_t parent, const Put& invented);
  void fill_series(const Put& invented);
  void fill_label_values(const Put& invented);

  Names names_[5];                                           // [kind - 1], by id.
  std::map<std::uint32_t, std::uint32_t> rp_of_, label_of_;  // Of series and values in use.
  std::set<std::uint32_t> rps_, measures_;                   // In use.
};

}  // namespace kpi
