// Path and method -> what serves it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "server/dialect/dialect.h"
#include "server/http/request.h"

namespace kpi::server {

enum class Service : std::uint8_t {
  kNotFound,
  kWrongMethod,
  kReport,     // A dialect, by Target::rule.
  kPreflight,  // OPTIONS of a report path.
  kOptions,    // OPTIONS of another path, or of the server.
  kQuery,
  kToken,
  kRecords,  // BrowserID records: a range, or one by its id.
  kRecordCount,
  kLastRecord,
  kRecordStream,
  kMetrics,
  kPing,
  kHealthz,
  kReadyz,
};

// Whether it gives out what is stored (statements and records) or vouches for reports to come
// (tokens): asked of users only.
bool reads_store(Service service);

struct Target {
  Service service = Service::kNotFound;
  Route route = Route::kNone;  // Of kReport and kPreflight.
  std::size_t body_bytes_max = 0;
  std::string_view allow = {};  // Methods of the path, as the Allow header has them.
};

// Immutable, thread-safe.
class Router {
 public:
  explicit Router(const std::vector<RouteRule>& reports);
  // Views of the answer live as long as the router.
  Target find(std::string_view path, Method method) const;

 private:
  struct Row {
    std::string path;
    Service get = Service::kNotFound;  // kNotFound: the path has no GET.
    Service post = Service::kNotFound;
    Route route = Route::kNone;
    std::size_t body_bytes_max = 0;
    std::string allow;
  };
  Row& row(std::string_view path);

  std::vector<Row> rows_;
};

}  // namespace kpi::server
