// Any request: what is counted adds up to what was stored, a problem stores nothing, and learned
// templates change no answer. What a BrowserID record gives back is JSON, and sent again it gives
// the same back. Any query of its readers is a range or a problem. The first byte chooses path and
// content type, the second how much of the rest is the query.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/journal/batch_contents.h"
#include "kpi/assert.h"
#include "kpi/limits.h"
#include "server/dialect/dialect.h"
#include "server/dialect/ndjson.h"
#include "server/http/record_text.h"

namespace {

using namespace kpi;
using namespace kpi::server;

constexpr std::int64_t kArrivalMs = 1'793'000'000'000;
constexpr Route kRoutes[] = {Route::kFedcm, Route::kReporting, Route::kBrowserid, Route::kBulk};
constexpr std::string_view kTypes[] = {"application/json", "application/x-www-form-urlencoded",
                                       "application/reports+json", "application/x-ndjson"};

void check_counts(const Verdict& verdict, const Batch& batch) {
  KPI_ASSERT(verdict.received == verdict.accepted + verdict.foreign + verdict.rejected_count());
  KPI_ASSERT(verdict.accepted == batch.size());
  KPI_ASSERT(verdict.kind != ReplyKind::kProblem || (batch.empty() && verdict.status >= 400));
}

void check_templates(const HttpReport& report) {
  const DialectOptions options;
  LabelGate labels(default_label_rules());
  EventDraft draft(options, labels);
  NdjsonParser fast(options, draft), general(options, draft);
  general.use_templates(false);
  Batch batch, general_batch;
  Verdict verdict, general_verdict;
  fast.parse(report, batch, verdict);
  general.parse(report, general_batch, general_verdict);
  KPI_ASSERT(verdict.reply == general_verdict.reply);
  KPI_ASSERT(batch.size() == general_batch.size());
  KPI_ASSERT(batch.size_bytes() == general_batch.size_bytes());
}

void check_documents(const Batch& batch, ReportParser& parser) {
  const auto& contents = batch.contents();
  KPI_ASSERT(contents.documents.size() == batch.size());
  for (std::size_t i = 0; i < contents.documents.size(); ++i) {
    const std::string_view text = contents.document(i);
    KPI_ASSERT(text.size() <= kDocumentBytesMax && text.find_first_of("\r\n") == text.npos);
    KPI_ASSERT(nlohmann::json::parse(text, nullptr, false).is_object());
    std::string body = R"({"data":)" + std::string(text) + "}";
    const std::size_t size = body.size();
    body.resize(size + kBodySlackBytes);
    HttpReport again;
    again.route = Route::kBrowserid;
    again.content_type = kTypes[0];
    again.body = std::string_view(body).substr(0, size);
    again.arrival_ms = kArrivalMs;
    Batch second;
    KPI_ASSERT(parser.parse(again, second).accepted == 1);
    KPI_ASSERT(second.contents().document(0) == text);
  }
}

void check_record_query(std::string_view query) {
  const auto read = read_record_query(query);
  if (const auto* asked = std::get_if<RecordQuery>(&read)) {
    KPI_ASSERT(asked->range.begin_ms >= 0 && asked->range.begin_ms <= kTimeMsMax + 1);
    KPI_ASSERT(asked->range.end_ms >= 0 && asked->range.end_ms <= kTimeMsMax + 1);
  } else {
    KPI_ASSERT(std::get<Problem>(read).status == 400);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t body_size = size - 2;
  // Exactly the slack that is promised: one byte more is an error the sanitizer sees.
  const auto buffer = std::make_unique<char[]>(body_size + kBodySlackBytes);
  std::memcpy(buffer.get(), data + 2, body_size);
  const std::string_view text(buffer.get(), body_size);
  HttpReport report;
  report.route = kRoutes[data[0] & 3];
  report.content_type = kTypes[(data[0] >> 2) & 3];
  const std::size_t query_size = data[0] & 0x10 ? data[1] % (body_size + 1) : 0;
  report.query = text.substr(0, query_size);
  report.origin = data[0] & 0x20 ? text.substr(0, data[1]) : "https://rp.example";
  report.body = text.substr(query_size);
  report.arrival_ms = kArrivalMs;
  LabelGate labels(default_label_rules());
  ReportParser parser(DialectOptions{}, labels);
  Batch batch;
  check_counts(parser.parse(report, batch), batch);
  if (report.route == Route::kBulk) check_templates(report);
  if (report.route == Route::kBrowserid) {
    check_documents(batch, parser);
    check_record_query(report.query);
  }
  return 0;
}
