// Putting a new store in the place of an old one, in one step that a crash cannot cut in two.
#pragma once
#include <filesystem>

#include "kpi/result.h"

namespace kpi {

// Where the new store of `dir` is written: beside it, on the same disk.
std::filesystem::path place_of_new(const std::filesystem::path& dir);
// Removes what an interrupted erasure left there.
Status remove_new(const std::filesystem::path& dir);
// Owner and mode as the old one has them; then the two change places and the old one is removed.
Status replace_by_new(const std::filesystem::path& dir);

}  // namespace kpi
