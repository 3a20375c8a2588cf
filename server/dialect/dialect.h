// Dialects: what clients send, bytes in, events out. No sockets. The path chooses the dialect, then
// the content type, then the keys; nothing is guessed. Cookies, addresses and user agents are not
// even passed in.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/batch.h"
#include "server/admission/label_gate.h"
#include "server/admission/trust.h"

namespace kpi::server {

class ClientRegistry;

// This many bytes beyond the end of a body must be readable (any content): parsers load whole
// words past the last byte.
inline constexpr std::size_t kBodySlackBytes = 64;
inline constexpr std::size_t kReportDepthMax = 64;  // Nesting of JSON, every dialect.
inline constexpr std::size_t kBulkLineBytesMax = 64U << 10;
inline constexpr std::size_t kReportsPerBodyMax = 10'000;    // Of one Reporting or BrowserID body.
inline constexpr std::int64_t kClockSkewMsMax = 86'400'000;  // A time may lie so far ahead.

enum class Route : std::uint8_t { kNone, kFedcm, kReporting, kBrowserid, kBulk };

// Paths are exact, without query. `body_bytes_max` is what the HTTP layer answers 413 beyond.
struct RouteRule {
  std::string path;
  Route route = Route::kNone;
  std::size_t body_bytes_max = 0;
};

struct DialectOptions {
  std::vector<RouteRule> routes = {{"/metrics_endpoint", Route::kFedcm, 16U << 10},
                                   {"/fedcm/metrics", Route::kFedcm, 16U << 10},
                                   {"/metrics", Route::kFedcm, 16U << 10},
                                   {"/reports", Route::kReporting, 64U << 10},
                                   {"/wsapi/interaction_data", Route::kBrowserid, 10'240},
                                   {"/v1/events", Route::kBulk, 32U << 20}};
  std::uint32_t timing_ms_max = 600'000;  // Of the seven FedCM timings; other measures: 32 bits.
  bool require_webidentity = false;       // FedCM: `Sec-Fetch-Dest: webidentity` or 403.
  bool require_https = false;             // Of RPs.
  ClientRegistry* clients = nullptr;      // nullptr: any client. Outlives the parser.
  bool clients_lenient = false;           // What it does not know is of low trust, but taken.
  bool require_same_origin = false;       // Origin and the body's url, where both name one, agree.
};

// One POST. Views live until parse() returns; header fields that were absent are empty.
struct HttpReport {
  Route route = Route::kNone;  // Of `path`, by ReportParser::find_route().
  std::string_view query;      // Without '?': `variant=B&n=TOKEN`.
  std::string_view content_type, origin, sec_fetch_dest;
  bool coded = false;     // Content-Encoding names a coding: the body is not what it seems.
  std::string_view body;  // With kBodySlackBytes readable behind it.
  std::int64_t arrival_ms = 0;
  Trust trust = Trust::kUnasked;
};

// Why a report was refused. Stable: to_string() is the `reason` of metrics and the slug of
// problems.
enum class Reason : std::uint8_t {
  kEmptyBody,
  kMalformed,
  kUnsupportedMediaType,
  kDuplicateKey,
  kMissingField,
  kUnknownOutcome,
  kContradiction,
  kNoTimings,
  kNegative,
  kNotInteger,
  kOutOfRange,
  kTimingIdentity,
  kTimeOutOfRange,
  kNameInvalid,
  kUnknownError,
  kUnknownField,
  kOriginMismatch,
  kNotWebidentity,
  kOriginNotHttps,
  kOriginNotAllowed,
  kClientUnknown,
  kLimit,
};
inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kLimit) + 1;
std::string_view to_string(Reason reason);  // snake_case: empty_body ... limit
int http_status(Reason reason);             // 400, 403, 413 (limit), 415 or 422

// How a request spoke: the `dialect` of metrics, whatever path it came by.
enum class Speech : std::uint8_t { kFedcm, kChrome, kReporting, kBrowserid, kNdjson };
inline constexpr std::array<std::string_view, 5> kSpeechNames = {"fedcm", "chrome", "reporting",
                                                                 "browserid", "ndjson"};

enum class ReplyKind : std::uint8_t {
  kNoContent,  // 204
  kText,       // `reply`, text/plain
  kJson,       // `reply`, application/json
  kProblem,    // application/problem+json of `reason` and `detail`
};

// What became of one request. received == accepted + foreign + the sum of `rejected`.
// A body that could not be taken apart counts as one report.
struct Verdict {
  int status = 204;
  ReplyKind kind = ReplyKind::kNoContent;
  Speech speech = Speech::kFedcm;
  Reason reason = Reason::kMalformed;  // Of the first rejection; meaningful with kProblem.
  std::string detail;  // Which field, and what was expected; never the input itself.
  std::string reply;   // Body of kText and kJson.
  std::uint32_t received = 0, accepted = 0;
  std::uint32_t foreign = 0;         // Reports of other types (Reporting API): dropped.
  std::uint32_t unknown_fields = 0;  // Ignored.
  std::uint32_t folded_labels = 0;   // Label values that became "(other)".
  std::uint32_t ignored_steps = 0;   // BrowserID steps with an impossible offset or shape.
  std::array<std::uint32_t, kReasonCount> rejected{};

  void reject(Reason why) { ++rejected[static_cast<std::size_t>(why)]; }
  std::uint32_t rejected_count() const;
};

// Parses requests of one thread; reuses its buffers and what it learned about the senders' shapes.
// `labels` is shared between parsers and outlives them. Not thread-safe.
class ReportParser {
 public:
  ReportParser(const DialectOptions& options, LabelGate& labels);
  ~ReportParser();
  ReportParser(ReportParser&&) noexcept;
  ReportParser& operator=(ReportParser&&) noexcept;

  // The rule of an exact path, or nullptr: then the request is none of ours.
  const RouteRule* find_route(std::string_view path) const;

  // Adds the events of `report` to `batch` (which may hold events of other requests) and says what
  // to answer. A verdict with kProblem has added nothing. Requires route != kNone.
  Verdict parse(const HttpReport& report, Batch& batch);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kpi::server
