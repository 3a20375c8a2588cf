// Runs the scripts of tests/query/scripts on any store. Names no test framework.
//
// A script is blocks between blank lines; # begins a comment line. A block is a command line, its
// text, ----, and the expected output:
//   load      events (event_text.h); they add up over the script. No output.
//   parse     the statements printed back, each of which must parse to an equal tree
//   plan      what EXPLAIN says before the store's own part
//   describe  column names and types
//   eval      the table: header, rows, notes; cells between " | ", NULL as NULL; without columns
//             the command's tag
// An error is printed as `error LINE:COLUMN: message` and, on a line of its own, `hint: ...`.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kpi/store.h"
#include "tests/support/model_store.h"

namespace kpi::test {

using StoreFactory = std::function<std::unique_ptr<Store>(const std::vector<ModelEvent>&)>;

// now() of every script.
inline constexpr const char* kScriptNow = "2026-11-22T12:00:00Z";

// Empty: every block gave what it expects. Else the first difference of each block that did not,
// with its line. With KPI_REWRITE=1 in the environment the actual output is written back instead.
std::string run_script(const std::filesystem::path& script, const StoreFactory& make_store);

// All scripts below `folder`, sorted.
std::vector<std::filesystem::path> find_scripts(const std::filesystem::path& folder);

}  // namespace kpi::test
