// Support of the dialect tests: runs bodies and recorded requests through a parser and reads the
// events back from the batch as text.
#pragma once
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/journal/batch_contents.h"
#include "kpi/event.h"
#include "server/dialect/dialect.h"

namespace kpi::server {

inline constexpr std::int64_t kArrivalMs = 1'793'000'000'000;  // October 2026.

// One event as a line:
//   TIME rp client outcome [error] [ui=yes] [weight=N] measure=value ... label:value ...
// with TIME relative to kArrivalMs where it lies within a day of it, and - for unknown names.
inline std::string print_event(const Batch::Contents& contents, std::size_t row) {
  const auto& r = contents.rows[row];
  const auto& shape = contents.shapes[r.shape];
  std::ostringstream out;
  const std::int64_t after = r.time_ms - kArrivalMs;
  if (after >= -kDayMs && after <= kDayMs) {
    out << (after >= 0 ? "+" : "") << after;
  } else {
    out << r.time_ms;
  }
  const auto name = [](std::string_view text) { return text.empty() ? "-" : std::string(text); };
  out << ' ' << name(contents.series.first(r.series)) << ' '
      << name(contents.series.second(r.series)) << ' ' << to_string(shape.kind.outcome());
  if (!shape.kind.error().none()) out << ' ' << error_name(shape.kind.error());
  if (shape.kind.ui_shown() != UiShown::kUnknown) out << " ui=" << to_string(shape.kind.ui_shown());
  if (shape.weight != kWeightMin) out << " weight=" << shape.weight;
  ByteReader values(contents.values_of(row));
  for (const std::uint32_t measure : contents.measures_of(shape)) {
    std::uint32_t value = 0;
    if (!values.varint32(value)) return "a row without its values";
    out << ' ' << contents.measures.first(measure) << '=' << value;
  }
  for (const std::uint32_t label : contents.labels_of(shape)) {
    out << ' ' << contents.labels.first(label) << ':' << contents.labels.second(label);
  }
  return out.str();
}

struct Answer {
  Verdict verdict;
  std::vector<std::string> events;
  std::vector<std::string> documents;
  std::uint32_t rejected(Reason reason) const {
    return verdict.rejected[static_cast<std::size_t>(reason)];
  }
};

struct Request {
  std::string path = "/metrics", query, content_type = "application/json", origin, sec_fetch_dest;
  std::string body;
};

class Desk {
 public:
  explicit Desk(const DialectOptions& options = {},
                std::vector<LabelRule> rules = default_label_rules())
      : labels_(std::move(rules)), parser_(options, labels_) {}

  Answer take(const Request& request) {
    // Slack that would complete a number or a string, were it read as part of the body.
    const std::string padded = request.body + std::string(kBodySlackBytes, '9');
    HttpReport report;
    const RouteRule* rule = parser_.find_route(request.path);
    if (rule == nullptr) return {};
    report.route = rule->route;
    report.query = request.query;
    report.content_type = request.content_type;
    report.origin = request.origin;
    report.sec_fetch_dest = request.sec_fetch_dest;
    report.body = std::string_view(padded).substr(0, request.body.size());
    report.arrival_ms = kArrivalMs;
    Batch batch;
    Answer answer{parser_.parse(report, batch), {}, {}};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      answer.events.push_back(print_event(batch.contents(), i));
    }
    for (std::size_t i = 0; i < batch.contents().documents.size(); ++i) {
      answer.documents.emplace_back(batch.contents().document(i));
    }
    return answer;
  }
  Answer json(std::string body, std::string origin = "") {
    return take({"/metrics", "", "application/json", std::move(origin), "", std::move(body)});
  }
  Answer form(std::string body, std::string origin = "", std::string query = "") {
    return take({"/metrics", std::move(query), "application/x-www-form-urlencoded",
                 std::move(origin), "", std::move(body)});
  }
  Answer bulk(std::string body) {
    return take({"/v1/events", "", "application/x-ndjson", "", "", std::move(body)});
  }
  Answer browserid(std::string body) {
    return take({"/wsapi/interaction_data", "", "application/json", "", "", std::move(body)});
  }

 private:
  LabelGate labels_;
  ReportParser parser_;
};

// Reads tests/vectors/NAME.http; knows just as much of HTTP as those files need.
inline Request read_vector(const std::string& name) {
  std::ifstream in(std::string(KPI_SOURCE_DIR) + "/tests/vectors/" + name + ".http");
  std::stringstream whole;
  whole << in.rdbuf();
  const std::string text = whole.str();
  const std::size_t head_end = text.find("\r\n\r\n");
  Request request;
  request.content_type.clear();
  request.body = text.substr(head_end + 4);
  std::istringstream head(text.substr(0, head_end + 2));
  std::string line;
  std::getline(head, line);
  const std::string target = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
  request.path = target.substr(0, target.find('?'));
  while (std::getline(head, line)) {
    line.pop_back();
    const std::string value = line.substr(line.find(": ") + 2);
    if (line.rfind("Content-Type:", 0) == 0) request.content_type = value;
    if (line.rfind("Origin:", 0) == 0) request.origin = value;
    if (line.rfind("Sec-Fetch-Dest:", 0) == 0) request.sec_fetch_dest = value;
    if (line.rfind("Content-Length:", 0) == 0) request.body.resize(std::stoul(value));
  }
  return request;
}

}  // namespace kpi::server
