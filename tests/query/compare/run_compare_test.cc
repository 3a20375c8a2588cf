// COMPARE as a statement: its limits, its notes, and that it says what SELECT says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kpi/query.h"
#include "tests/query/compare/population.h"
#include "tests/support/model_store.h"

namespace kpi::test {
namespace {

using query::Options;
using query::Table;
using query::Value;

Result<Table> run(Store& store, const std::string& text, const Options& options = {}) {
  const auto statements = query::parse(text);
  EXPECT_TRUE(statements.ok()) << text;
  return query::run(statements.value()[0], store, options);
}

// Reports of 20 browsers in two variants, some failed, some weighted.
std::vector<ModelEvent> random_events(std::uint64_t seed, bool weighted) {
  Random random(seed);
  std::vector<ModelEvent> events;
  for (int i = 0; i < 4000; ++i) {
    ModelEvent& event = events.emplace_back();
    const bool success = random.chance(0.8);
    event.time_ms = 1'000'000 + i;
    event.rp = "https://rp.example";
    event.kind = EventKind(success ? Outcome::kSuccess : Outcome::kFailure,
                           random.chance(0.5) ? UiShown::kYes : UiShown::kNo);
    if (weighted && random.chance(0.3)) event.weight = 4 * kWeightMin;
    if (success) {
      event.measures.emplace_back("turnaround_time",
                                  static_cast<std::uint32_t>(200 + 3000 * random.uniform()));
    }
    event.labels.emplace_back("variant", random.chance(0.5) ? "A" : "B");
    event.labels.emplace_back("browser", "b" + std::to_string(random.next() % 20));
  }
  return events;
}

constexpr const char* kByBrowser =
    "COMPARE p50(turnaround_time), success_rate() BASELINE variant = 'A' CANDIDATE variant = 'B' "
    "GROUP BY browser";

class AgainstSelect : public testing::TestWithParam<std::pair<std::uint64_t, bool>> {};

TEST_P(AgainstSelect, BothSidesAreWhatSelectAnswers) {
  ModelStore store(random_events(GetParam().first, GetParam().second));
  const std::string aggregates =
      "p50(turnaround_time), p95(turnaround_time), quantile_of_attempts(turnaround_time, 0.5), "
      "success_rate(), click_through_rate(), fraction_below(turnaround_time, 900)";
  const auto compared = run(store, "COMPARE " + aggregates +
                                       " BASELINE variant = 'A' CANDIDATE variant = 'B' "
                                       "GROUP BY browser");
  ASSERT_TRUE(compared.ok());
  for (const bool candidate : {false, true}) {
    const auto selected =
        run(store, "SELECT browser, " + aggregates + " FROM events WHERE variant = '" +
                       (candidate ? "B" : "A") + "' GROUP BY browser");
    ASSERT_TRUE(selected.ok());
    auto rows = compared.value().rows;
    std::erase_if(rows, [](const auto& row) {  // Rows that survivorship adds.
      return std::get<std::string>(row[1]).find("(added)") != std::string::npos;
    });
    ASSERT_EQ(rows.size(), 6 * selected.value().rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto& of_select = selected.value().rows[row / 6];
      const auto& of_compare = rows[row];
      EXPECT_EQ(of_compare[0], of_select[0]);
      EXPECT_EQ(of_compare[candidate ? 3 : 2], of_select[1 + row % 6]) << row;
    }
  }
}

// What a row says agrees with itself.
TEST_P(AgainstSelect, IntervalPValueAndVerdictNeverDisagree) {
  ModelStore store(random_events(GetParam().first, GetParam().second));
  const auto table = run(store, kByBrowser).value();
  for (const auto& row : table.rows) {
    const auto& verdict = std::get<std::string>(row[12]);
    if (verdict == "too few") {
      for (std::size_t i = 6; i < 12; ++i) EXPECT_EQ(row[i], Value());
      continue;
    }
    const double difference = std::get<double>(row[6]);
    const double low = std::get<double>(row[8]), high = std::get<double>(row[9]);
    const double p = std::get<double>(row[10]), adjusted = std::get<double>(row[11]);
    EXPECT_LE(low, difference);
    EXPECT_GE(high, difference);
    EXPECT_EQ(p <= 0.05, low > 0 || high < 0);
    EXPECT_GE(adjusted, p);
    EXPECT_EQ(verdict == "no difference seen", adjusted > 0.05);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstSelect,
                         testing::Values(std::pair{1, false}, std::pair{2, true},
                                         std::pair{3, true}));

bool has_note(const Table& table, const std::string& part) {
  return std::any_of(table.notes.begin(), table.notes.end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

// Weights are summed over events that find their group by themselves: none may get lost.
TEST(Compare, FindsTheGroupOfEveryWeightedReport) {
  std::vector<ModelEvent> events = random_events(5, true);
  const ErrorId error = *parse_error_name("fedcm.invalid_token_response");
  std::int64_t measured = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i % 3 == 0) events[i].rp.clear();
    if (i % 5 == 0) events[i].client = "client";
    if (i % 7 == 0) events[i].labels.pop_back();  // The browser.
    if (i % 4 == 0 && events[i].kind.outcome() == Outcome::kFailure) {
      events[i].kind = EventKind(Outcome::kFailure, UiShown::kYes, error);
    }
    measured += static_cast<std::int64_t>(events[i].measures.size());
  }
  ModelStore store(std::move(events));
  const auto table =
      run(store,
          "COMPARE fraction_below(turnaround_time, 900) BASELINE variant = 'A' CANDIDATE "
          "variant = 'B' GROUP BY rp, client, outcome, error, error_class, ui_shown, browser")
          .value();
  std::int64_t found = 0;
  for (const auto& row : table.rows) {
    found += std::get<std::int64_t>(row[10]) + std::get<std::int64_t>(row[11]);
  }
  EXPECT_EQ(found, measured);
}

// Its rows are a SELECT's to every client: what a driver counts is read from the tag.
TEST(Compare, IsTaggedAsRows) {
  ModelStore store(random_events(1, false));
  EXPECT_EQ(run(store, kByBrowser).value().command_tag, "SELECT 40");
}

TEST(Compare, HasAsManyRowsAsAreAllowed) {
  ModelStore store(random_events(1, false));
  Options options;
  options.rows_max = 40;  // 20 browsers, two aggregates.
  EXPECT_TRUE(run(store, kByBrowser, options).ok());
  options.rows_max = 39;
  EXPECT_EQ(run(store, kByBrowser, options).error().code, ErrorCode::kLimitExceeded);
}

TEST(Compare, HasAsManyBytesAsAreAllowed) {
  ModelStore store(random_events(1, false));
  Options options;
  options.bytes_max = 40 * 13 * sizeof(Value);
  EXPECT_TRUE(run(store, kByBrowser, options).ok());
  --options.bytes_max;
  EXPECT_EQ(run(store, kByBrowser, options).error().code, ErrorCode::kLimitExceeded);
}

TEST(Compare, IsCanceled) {
  ModelStore store(random_events(1, false));
  std::stop_source source;
  source.request_stop();
  Options options;
  options.stop = source.get_token();
  EXPECT_EQ(run(store, kByBrowser, options).error().code, ErrorCode::kCanceled);
}

TEST(Compare, SaysWhatHasAgedOut) {
  ModelStore store(random_events(2, true), {1'002'000, 1'003'000});
  const auto table = run(store, std::string(kByBrowser)
                                    .replace(std::string(kByBrowser).find("GROUP"), 0,
                                             "WHERE time >= '1970-01-01T00:16:40Z' "))
                         .value();
  EXPECT_TRUE(has_note(table, "the baseline covers"));
  EXPECT_TRUE(has_note(table, "the candidate covers"));
  EXPECT_TRUE(has_note(table, "sample rates of the baseline have aged out: what is left"));
  EXPECT_FALSE(has_note(run(store, kByBrowser).value(), "covers"));  // No begin was asked for.
}

TEST(Compare, FindsASlowdownAndNoneWhereThereIsNone) {
  std::vector<ModelEvent> events;
  Random random(7);
  const Population before = Population::log_normal(800, 0.5);
  const Population after = Population::log_normal(880, 0.5);
  for (int i = 0; i < 6000; ++i) {
    ModelEvent& event = events.emplace_back();
    event.time_ms = 1000 + i;
    event.rp = "https://rp.example";
    event.kind = EventKind(Outcome::kSuccess, UiShown::kYes);
    const char* variant = i % 3 == 0 ? "A" : (i % 3 == 1 ? "same" : "slower");
    event.labels.emplace_back("variant", variant);
    event.measures.emplace_back("turnaround_time", (i % 3 == 2 ? after : before).draw(random));
  }
  ModelStore store(std::move(events));
  const auto verdict = [&](const std::string& candidate) {
    const auto table = run(store,
                           "COMPARE p50(turnaround_time) BASELINE variant = 'A' CANDIDATE "
                           "variant = '" +
                               candidate + "'")
                           .value();
    return std::get<std::string>(table.rows[0].back());
  };
  EXPECT_EQ(verdict("same"), "no difference seen");
  EXPECT_EQ(verdict("slower"), "worse");
}

}  // namespace
}  // namespace kpi::test
