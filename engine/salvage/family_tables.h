// RocksDB's repair knows only the families of which it finds a table, and passes over what a log
// has of the others: all of the journal, where what was sealed has left its tables.
#pragma once
#include <filesystem>

#include "kpi/result.h"

namespace kpi {

// Gives each family a table in `dir` that holds nothing but its name and number, from a new store
// made and removed in `scratch`. Adds none where tables of `dir` have other numbers for the names.
Status add_family_tables(const std::filesystem::path& dir, const std::filesystem::path& scratch);

}  // namespace kpi
