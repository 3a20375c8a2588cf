#include "server/dialect/fedcm.h"

#include <algorithm>

#include "server/dialect/origin.h"

namespace kpi::server {
namespace {

using simdjson::dom::element;

// The members of an object by their expected names; each at most once.
template <std::size_t N>
struct Members {
  const std::string_view (&names)[N];
  element values[N];
  bool seen[N] = {}, present[N] = {};  // null is seen, but not present.
  std::uint32_t others = 0;

  explicit Members(const std::string_view (&expected)[N]) : names(expected) {}
  Check read(simdjson::dom::object object) {
    for (const auto [key, value] : object) {
      const auto at = static_cast<std::size_t>(std::find(std::begin(names), std::end(names), key) -
                                               std::begin(names));
      if (at == N) {
        ++others;
        continue;
      }
      if (seen[at]) return refuse(Reason::kDuplicateKey, key, "expected only once");
      seen[at] = true;
      present[at] = !value.is_null();
      values[at] = value;
    }
    return std::nullopt;
  }
};

constexpr std::string_view kReportKeys[] = {"body", "url", "age", "type", "user_agent"};
enum ReportKey { kBody, kUrl, kAge, kType };
constexpr std::string_view kBodyKeys[] = {"clientId", "timing", "errorId", "message"};
enum BodyKey { kClientId, kTiming, kErrorId };

bool has_fedcm_body(element body) {
  simdjson::dom::object object;
  if (body.get_object().get(object)) return false;
  return std::any_of(object.begin(), object.end(), [](const auto field) {
    return (field.key == "errorId" && !field.value.is_null()) ||
           (field.key == "timing" && field.value.is_object());
  });
}

Check read_timing(Intake& intake, element timing) {
  simdjson::dom::object object;
  if (timing.get_object().get(object)) {
    return refuse(Reason::kNoTimings, "timing", "expected an object");
  }
  std::size_t names = 0;
  for (const auto [key, value] : object) {
    if (value.is_null()) continue;
    const std::string_view stored = stored_measure_name(key);
    const bool number = value.is_int64() || value.is_uint64();
    if (!number && !is_fedcm_timing(stored)) {
      ++intake.verdict.unknown_fields;
      continue;
    }
    if (++names > kTimingNamesMax) {
      return refuse(Reason::kLimit, "timing", "more names than a report may have");
    }
    std::uint64_t ms = 0;
    if (auto bad = read_integer(value, key, intake.draft.measure_max(stored), ms)) return bad;
    if (auto bad = intake.draft.add_measure(key, ms)) return bad;
  }
  if (names == 0) return refuse(Reason::kNoTimings, "timing", "expected at least one timing");
  return std::nullopt;
}

Check read_body(Intake& intake, element body) {
  simdjson::dom::object object;
  if (body.get_object().get(object)) {
    return refuse(Reason::kMissingField, "body", "expected an object");
  }
  Members members(kBodyKeys);
  if (auto bad = members.read(object)) return bad;
  intake.verdict.unknown_fields += members.others;
  EventDraft& draft = intake.draft;
  if (members.present[kClientId]) {
    if (auto bad = read_string(members.values[kClientId], "clientId", draft.client)) return bad;
    if (!draft.client.empty()) {
      if (auto bad = check_name(draft.client, "clientId", kClientBytesMax)) return bad;
    }
  }
  if (members.present[kTiming] && members.present[kErrorId]) {
    return refuse(Reason::kContradiction, "body", "expected timing or errorId, not both");
  }
  if (members.present[kTiming]) {
    draft.outcome = Outcome::kSuccess;
    return read_timing(intake, members.values[kTiming]);
  }
  if (!members.present[kErrorId]) {
    return refuse(Reason::kMissingField, "body", "expected timing or errorId");
  }
  std::uint64_t code = 0;
  if (auto bad = read_integer(members.values[kErrorId], "errorId", kErrorCodeMax, code)) return bad;
  draft.outcome = Outcome::kFailure;
  draft.error = {Dialect::kFedcm, static_cast<std::uint32_t>(code)};
  return std::nullopt;
}

// The header is what the browser vouches for; the body's url stands in where it names no one.
Check read_rp(Intake& intake, element url_element) {
  std::string_view url;
  if (auto bad = read_string(url_element, "url", url)) return bad;
  auto origin = canonical_origin(url);
  if (!origin) return std::nullopt;
  if (intake.rp_of_origin.empty()) {
    intake.draft.rp = intake.draft.keep(std::move(*origin));
  } else if (*origin != intake.rp_of_origin) {
    if (intake.draft.trust() == Trust::kNative) intake.draft.distrust();
    if (!intake.options.require_same_origin) return std::nullopt;
    return refuse(Reason::kOriginMismatch, "url", "expected a URL of the Origin header's origin");
  }
  return std::nullopt;
}

Check read_report(Intake& intake, const Members<std::size(kReportKeys)>& report) {
  if (report.present[kAge]) {
    std::uint64_t age_ms = 0;
    if (auto bad = read_integer(report.values[kAge], "age", kReportAgeMsMax, age_ms)) return bad;
    intake.draft.time_ms -= static_cast<std::int64_t>(age_ms);
  }
  if (auto bad = check_time(intake.draft.time_ms, intake.report.arrival_ms, "age")) return bad;
  if (report.present[kUrl]) {
    if (auto bad = read_rp(intake, report.values[kUrl])) return bad;
  }
  intake.verdict.unknown_fields += report.others;
  return read_body(intake, report.values[kBody]);
}

void take_report(Intake& intake, element report) {
  intake.begin_event();
  simdjson::dom::object object;
  if (report.get_object().get(object)) {
    return intake.settle(refuse(Reason::kMalformed, "report", "expected an object"));
  }
  Members members(kReportKeys);
  if (auto bad = members.read(object)) return intake.settle(std::move(bad));
  const bool ours = members.present[kBody] && has_fedcm_body(members.values[kBody]);
  if (!ours && members.present[kType]) {
    ++intake.verdict.received;
    ++intake.verdict.foreign;
    return;
  }
  if (!members.present[kBody]) {
    return intake.settle(refuse(Reason::kMissingField, "body", "expected an object"));
  }
  intake.settle(read_report(intake, members));
}

}  // namespace

void parse_fedcm_json(Intake& intake, JsonParser& json) {
  element root;
  if (auto bad = json.parse(intake.report.body, root)) return intake.refuse_body(std::move(*bad));
  simdjson::dom::array reports;
  if (root.get_array().get(reports)) return take_report(intake, root);
  if (reports.size() > kReportsPerBodyMax) {
    return intake.refuse_body(refuse(Reason::kLimit, "body", "too many reports"));
  }
  for (const element report : reports) take_report(intake, report);
}

}  // namespace kpi::server
