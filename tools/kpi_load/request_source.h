// Where requests come from: generated one by one, built beforehand, or cut from a file.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "kpi/result.h"
#include "tools/kpi_load/options.h"
#include "tools/kpi_load/request.h"

namespace kpi::load {

// Not thread-safe.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  // The next request, or nothing when all events have been handed out.
  virtual std::optional<Request> next() = 0;
  virtual std::uint64_t events_total() const = 0;
};

// `now_ms` is the end of the generated range of times. Builds bodies beforehand where the options
// ask for batches. kIo, kInvalidArgument: the file of --file.
Result<std::unique_ptr<RequestSource>> make_request_source(const Options& options,
                                                           std::int64_t now_ms);

}  // namespace kpi::load
