#include "server/operate/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace kpi::server {
namespace {

constexpr std::uint64_t kStoreTablesMax = 1024;  // Those that the engine keeps open at most ...
constexpr std::uint64_t kStoreShare = 4;         // ... and never more than this part of the limit.
constexpr std::uint64_t kOthers = 256;           // Its logs, those of the process, checkpoints.
constexpr std::uint64_t kLeastShare = 8;         // What clients get where all this is too much.

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kStoreTablesMax;
  const rlim_t soft = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : soft;
}

std::uint64_t connections_within(std::uint64_t limit, std::uint64_t wanted,
                                 std::uint64_t query_connections) {
  const std::uint64_t store = std::min(kStoreTablesMax, limit / kStoreShare);
  const std::uint64_t reserved = std::min(store + kOthers + query_connections, limit);
  // Beside the connections there are those that are told that they are too many.
  const std::uint64_t left = (limit - reserved) / (kRefusalShare + 1) * kRefusalShare;
  return std::min(wanted, std::max({left, limit / kLeastShare, std::uint64_t{1}}));
}

}  // namespace kpi::server
