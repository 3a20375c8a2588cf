// Everything a store does in its life, on a disk that may fail at any point of it, and the check
// of what it must still know afterwards. In a child process: what goes wrong ends it with a line
// on stderr.
#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "kpi/engine.h"
#include "tests/engine/faults/ledger.h"

namespace kpi::test {

[[noreturn]] void give_up(const std::string& message);

struct LifePlan {
  std::filesystem::path dir;
  std::uint32_t rounds = 8;  // Of a batch of each writer, in each of two openings.
  std::function<void(const Error&)> on_fatal = {};
};

// Opens, appends batches with marks and documents, seals, drops what has aged out, sets
// milestones, asks, closes; and all that once more. Stops at the first error. What was answered is
// in the ledger.
void live(const LifePlan& plan, const Ledger& ledger);

// The store opens, holds all of the ledger exactly once and nothing that was never sent, and still
// takes batches.
void check_left(const LifePlan& plan, const Ledger& ledger);

}  // namespace kpi::test
