// Reads a family of a damaged database from end to end, over what cannot be read.
#pragma once
#include <rocksdb/db.h>

#include <functional>
#include <string>
#include <string_view>

#include "engine/rocks/database.h"

namespace kpi {

struct Gap {
  std::string after;  // The last key before it; empty: none.
  std::string until;  // The first key behind it; empty: the family ends in it.
  std::string why;
};

// Calls `visit` for each readable entry, in order, and `gap` for each stretch that is not.
// `key_bytes`: of the longest key. Where several damaged blocks lie close together, what is between
// them may be passed over with them.
void walk_tolerantly(const Database& database, Family family, std::size_t key_bytes,
                     const std::function<void(std::string_view, std::string_view)>& visit,
                     const std::function<void(const Gap&)>& gap);

}  // namespace kpi
