// Documents: what a sender wants to read back of its events, kept word for word beside them.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "kpi/event.h"
#include "kpi/result.h"

namespace kpi {

struct Document {
  std::string id;            // 32 lower-case hex digits, given by the store; ascend with time_ms.
  std::int64_t time_ms = 0;  // Of its event.
  std::string text;          // As Batch::attach_document() got it.
};

// Return false to stop.
using DocumentSink = std::function<bool(const Document&)>;

// A consistent picture of the documents at one moment, as a View is of events. Thread-safe.
class Documents {
 public:
  virtual ~Documents() = default;
  // In ascending order of time; those of one moment in the order of commit. `after`: only those
  // behind the one of this id, there or not; empty: all. kInvalidArgument: it is no id.
  virtual Status for_each(TimeRange range, std::string_view after, std::stop_token stop,
                          const DocumentSink& sink) const = 0;
  virtual Result<Document> find(std::string_view id) const = 0;         // kNotFound.
  virtual Result<std::optional<Document>> last() const = 0;             // Of the newest time.
  virtual Result<std::uint64_t> count(std::stop_token stop) const = 0;  // Exact.
};

}  // namespace kpi
