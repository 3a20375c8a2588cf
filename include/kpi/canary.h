// Deliberate defects that prove the tests: a build with KPI_CANARIES has all of them, one run shows
// the one that $KPI_CANARY names. In every other build nothing is left of them. Not installed.
#pragma once
#ifdef KPI_CANARIES
#include <atomic>
#include <cstdlib>
#include <string_view>

namespace kpi {

// Whether to err here. tests/canaries knows every name, and which test must notice.
inline bool canary(std::string_view name) {
  static const char* const wanted = std::getenv("KPI_CANARY");
  return wanted != nullptr && name == wanted;
}

// Only the first time.
inline bool canary_once(std::string_view name) {
  static std::atomic<bool> done{false};
  return canary(name) && !done.exchange(true);
}

}  // namespace kpi
#else

namespace kpi {

consteval bool canary(const char*) { return false; }
consteval bool canary_once(const char*) { return false; }

}  // namespace kpi
#endif
