// Promise P14: stores that earlier versions left behind, one directory a format version, are read,
// written and verified as those of today; a reader leaves them as they are; a newer one is refused
// with one line that says so.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/rocks/database.h"
#include "engine/rocks/format.h"
#include "kpi/engine.h"
#include "kpi/verify.h"
#include "tests/engine/golden/golden_events.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;

EngineOptions options_of(const fs::path& dir) {
  EngineOptions options;
  options.dir = dir;
  options.now_ms = [] { return kGoldenDayMs + kGoldenDays * kDayMs; };
  return options;
}

using Row = std::tuple<std::int64_t, std::string, std::string, std::uint32_t, std::uint32_t,
                       std::uint32_t, std::string>;

std::vector<Row> expected_rows() {
  std::vector<Row> rows;
  for (int i = 0; i < kGoldenEvents; ++i) {
    const GoldenEvent e(i);
    rows.emplace_back(e.time_ms, e.rp, e.client, e.kind.packed(), e.weight, e.turnaround_ms,
                      e.browser);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<Row> rows_of(const View& view) {
  std::vector<Row> rows;
  const auto scanned = view.scan({}, [&](const Event& e) {
    if (e.measures.size() != 1 || e.labels.size() != 1) return false;
    rows.emplace_back(e.time_ms, e.rp, e.client, e.kind.packed(), e.weight, e.measures[0].value,
                      e.labels[0].value);
    return true;
  });
  EXPECT_TRUE(scanned.ok());
  std::sort(rows.begin(), rows.end());
  return rows;
}

// From cells: by RP, events and their weighted sum of turnaround_time.
using Sums = std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>;

Sums expected_sums() {
  Sums sums;
  for (int i = 0; i < kGoldenEvents; ++i) {
    const GoldenEvent e(i);
    sums[e.rp].first += 1;
    sums[e.rp].second += std::uint64_t{e.weight} * e.turnaround_ms;
  }
  return sums;
}

Sums sums_of(const View& view) {
  AggregateRequest request;
  request.group_by = {{Dimension::kRp}};
  request.measures = {"turnaround_time"};
  const auto result = view.aggregate(request);
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  Sums sums;
  for (std::size_t i = 0; i < result.value().size; ++i) {
    sums[std::string(result.value().keys[0][i])] = {
        result.value().counts[i].events,
        static_cast<std::uint64_t>(result.value().sketches[0][i].weighted_sum())};
  }
  return sums;
}

std::map<std::string, std::string> contents_of(const fs::path& dir) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator(dir)) {
    std::ifstream in(entry.path(), std::ios::binary);
    contents[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return contents;
}

void check_store(const Engine& engine) {
  const auto view = engine.view().value();
  EXPECT_EQ(rows_of(*view), expected_rows());
  EXPECT_EQ(sums_of(*view), expected_sums());
  ASSERT_EQ(view->milestones().size(), 1U);
  EXPECT_EQ(view->milestones()[0].name, "golden");
  EXPECT_EQ(view->milestones()[0].at_ms, kGoldenDayMs);
}

class Golden : public testing::TestWithParam<std::uint64_t> {
 protected:
  Golden() : store_(dir_.path() / "store") {
    fs::copy(
        fs::path(KPI_SOURCE_DIR) / "tests/engine/golden" / ("version" + std::to_string(GetParam())),
        store_, fs::copy_options::recursive);
  }
  const TempDir dir_;
  const fs::path store_;
};

TEST_P(Golden, IsReadAndLeftAsItIs) {
  EngineOptions reading = options_of(store_);
  reading.read_only = true;
  const auto before = contents_of(store_);
  {
    const auto engine = Engine::open(reading);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    check_store(*engine.value());
  }
  EXPECT_EQ(contents_of(store_), before);
}

TEST_P(Golden, IsWrittenLikeAnyOther) {
  for (int opening = 0; opening < 3; ++opening) {
    const auto engine = Engine::open(options_of(store_));
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    check_store(*engine.value());
    if (opening == 1) {
      ASSERT_TRUE(engine.value()->flush().ok());
      ASSERT_TRUE(engine.value()->apply_retention().ok());
    }
    ASSERT_TRUE(engine.value()->close().ok());
  }
  const auto verified = verify_store(store_, {});
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified.value().damages_found, 0U);
  const auto database = Database::open(options_of(store_), [](const Error&) {});
  ASSERT_TRUE(database.ok());
  EXPECT_EQ(meta_number(*database.value(), "format", nullptr).value(), kFormatVersion);
}

TEST_P(Golden, OfANewerVersionIsRefusedWithOneClearLine) {
  {
    const auto database = Database::open(options_of(store_), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    std::string newer(8, '\0');
    newer[0] = static_cast<char>(kFormatVersion + 1);
    auto& db = database.value()->db();
    ASSERT_TRUE(db.Put({}, database.value()->family(Family::kMeta), "format", newer).ok());
  }
  const auto engine = Engine::open(options_of(store_));
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(engine.error().message, "data of format version " + std::to_string(kFormatVersion + 1) +
                                        ", this program reads up to " +
                                        std::to_string(kFormatVersion));
  EXPECT_EQ(engine.error().hint, "use a newer program");
}

// One for each version there has been, so that whoever raises it adds the store of the one before.
INSTANTIATE_TEST_SUITE_P(Version, Golden, testing::Range<std::uint64_t>(1, kFormatVersion + 1),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace kpi::test
