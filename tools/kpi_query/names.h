// The names a store knows, for completing what somebody types.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/kpi_query/connection.h"

namespace kpi::tools {

struct Names {
  std::vector<std::string> rps, measures, milestones;
  std::vector<std::pair<std::string, std::vector<std::string>>> labels;  // Name and values.
};

// Asks when it must, and remembers for a while.
class NameSource {
 public:
  static constexpr std::size_t kNamesMax = 10'000;  // Of each kind; the rest is not completed.
  static constexpr std::chrono::seconds kFresh{60};
  static constexpr std::chrono::milliseconds kTimeout{1'000};  // For each kind.

  explicit NameSource(Connection& connection) : connection_(connection) {}
  // What cannot be had is empty.
  const Names& names();

 private:
  Connection& connection_;
  Names names_;
  std::optional<std::chrono::steady_clock::time_point> fetched_;
};

}  // namespace kpi::tools
