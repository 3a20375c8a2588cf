// The proof of an erasure: no file and no stored value of a store has one of some names.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi {

// A name to be looked for in any bytes. An occurrence within a longer name that stays is none.
class NameSearch {
 public:
  NameSearch(std::vector<std::string> gone, std::span<const std::string> kept);

  // Whether there is one that begins within [from, until) of `bytes`.
  bool found(std::string_view bytes, std::size_t from, std::size_t until) const;
  std::size_t longest() const { return longest_; }  // Of all names in question.
  bool empty() const { return names_.empty(); }

 private:
  struct Cover {  // A longer name that stays, and where in it the one that is gone stands.
    std::string name;
    std::size_t offset = 0;
  };
  struct Name {
    std::string name;
    std::vector<Cover> covers;
  };
  static bool is_covered(std::string_view bytes, std::size_t at, const Name& name);

  std::vector<Name> names_;
  std::size_t longest_ = 0;
};

struct SearchReport {
  std::uint64_t files = 0, bytes = 0, values = 0;
};
// Of a closed store. kCorruption names the first place where a name was found.
Result<SearchReport> search_store(const std::filesystem::path& dir, const NameSearch& search);

}  // namespace kpi
