// Request bodies -> batch: bulk lines with and without learned templates, and single reports.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <string>

#include "kpi/batch.h"
#include "server/dialect/dialect.h"
#include "server/dialect/ndjson.h"

namespace kpi::server {
namespace {

constexpr std::int64_t kArrivalMs = 1'793'000'000'000;
constexpr std::size_t kLines = 10'000;

// As the peers' data: RPs by Zipf(1), 8 % failures, log-normal timings that fit the identity.
std::string make_body(int failures_percent) {
  std::mt19937_64 rng(1);
  std::lognormal_distribution<double> quick(5.2, 0.5), slow(7.9, 0.8);
  std::uniform_real_distribution<double> uniform(0, 1);
  const auto timing = [&](auto& law) { return std::to_string(static_cast<int>(law(rng)) + 1); };
  std::string body;
  for (std::size_t i = 0; i < kLines; ++i) {
    const int rp = static_cast<int>(std::pow(1000.0, uniform(rng)));
    body += R"({"time":)" + std::to_string(1'792'454'400'123 + 37 * i) + R"(,"rp":"https://rp)" +
            std::to_string(rp) + R"(.example","client":"client)" + std::to_string(2 * rp) +
            R"(","outcome":")";
    if (rng() % 100 < static_cast<unsigned>(failures_percent)) {
      body += R"(failure","error":"fedcm.idp_unavailable"})"
              "\n";
      continue;
    }
    const std::string show = timing(quick), on_ui = timing(slow), token = timing(quick);
    body += R"(success","measures":{"time_to_show_ui":)" + show +
            R"(,"time_to_receive_configuration":)" + timing(quick) +
            R"(,"time_to_receive_accounts":)" + timing(quick) +
            R"(,"time_to_receive_client_metadata":)" + timing(quick) +
            R"(,"time_to_continue_on_ui":)" + on_ui + R"(,"time_to_receive_token":)" + token +
            R"(,"turnaround_time":)" +
            std::to_string(std::stoi(show) + std::stoi(on_ui) + std::stoi(token)) + "}}\n";
  }
  return body;
}

void bulk(benchmark::State& state, bool templates, int failures_percent) {
  const std::string body = make_body(failures_percent);
  const std::string padded = body + std::string(kBodySlackBytes, ' ');
  const DialectOptions options;
  LabelGate labels(default_label_rules());
  EventDraft draft(options, labels);
  NdjsonParser parser(options, draft);
  parser.use_templates(templates);
  HttpReport report;
  report.route = Route::kBulk;
  report.arrival_ms = kArrivalMs;
  report.body = std::string_view(padded).substr(0, body.size());
  Batch batch;
  for (auto _ : state) {
    batch.clear();
    Verdict verdict;
    parser.parse(report, batch, verdict);
    if (verdict.accepted != kLines) state.SkipWithError(verdict.reply.c_str());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kLines));
  state.counters["bytes_per_event"] = static_cast<double>(body.size()) / kLines;
}
BENCHMARK_CAPTURE(bulk, templates, true, 0);
BENCHMARK_CAPTURE(bulk, templates_failures_8_percent, true, 8);
BENCHMARK_CAPTURE(bulk, general_path, false, 0);

void single(benchmark::State& state, std::string_view content_type, const std::string& body) {
  const std::string padded = body + std::string(kBodySlackBytes, ' ');
  LabelGate labels(default_label_rules());
  ReportParser parser(DialectOptions{}, labels);
  HttpReport report;
  report.route = Route::kFedcm;
  report.content_type = content_type;
  report.origin = "https://rp.example";
  report.sec_fetch_dest = "webidentity";
  report.arrival_ms = kArrivalMs;
  report.body = std::string_view(padded).substr(0, body.size());
  Batch batch;
  for (auto _ : state) {
    if (batch.size() == 32) batch.clear();  // About one commit group.
    benchmark::DoNotOptimize(parser.parse(report, batch));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(single, chrome_form, "application/x-www-form-urlencoded",
                  "outcome=success&time_to_show_ui=3000&time_to_continue=3000&"
                  "time_to_receive_token=2000&turnaround_time=8000");
BENCHMARK_CAPTURE(single, fedcm_json, "application/json",
                  R"({"body":{"clientId":"client123","timing":{"time_to_show_ui":3000,)"
                  R"("time_to_continue_on_ui":3000,"time_to_receive_token":2000,)"
                  R"("turnaround_time":8000}},"url":"https://rp.example/"})");

}  // namespace
}  // namespace kpi::server
