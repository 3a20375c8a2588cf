// Privacy: what was erased is in no file, and what stays answers as if it had never come.
#include "kpi/erase.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "kpi/engine.h"
#include "tests/engine/read/random_data.h"
#include "tests/engine/store_events.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/model_store.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;

// A group's place, and all that is known of it.
using Groups = std::map<std::string, std::string>;

Groups groups_of(const AggregateResult& result) {
  Groups groups;
  for (std::size_t group = 0; group < result.size; ++group) {
    std::string key, value;
    if (!result.bucket_begin_ms.empty()) key = std::to_string(result.bucket_begin_ms[group]);
    for (const auto& column : result.keys) {
      key += column[group].data() == nullptr ? "|NULL" : "|'" + std::string(column[group]) + "'";
    }
    const Counts& counts = result.counts[group];
    for (const std::uint64_t n : {counts.events, counts.total, counts.successes, counts.failures,
                                  counts.failures_ui_shown}) {
      value += std::to_string(n) + ' ';
    }
    for (const auto& column : result.sketches) value += column[group].bytes() + '|';
    EXPECT_TRUE(groups.emplace(key, value).second) << "a group stands twice";
  }
  return groups;
}

std::size_t files_with(const fs::path& dir, const std::string& name) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    files += bytes.find(name) != std::string::npos;
  }
  return files;
}

class EraseModel : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  EngineOptions options(const char* name) {
    EngineOptions made;
    made.dir = dir_.path() / name;
    made.durability = Durability::kOs;
    made.write_buffer_bytes = 1 << 20;
    made.dense_events_per_hour = 2;
    made.settle_ms = 0;
    made.retention_raw_days = ages_ ? 3 : 0;
    made.retention_minute_days = ages_ ? 2 : 0;
    made.retention_hour_days = ages_ ? 400 : 0;
    made.rollup_labels = rollups_;
    made.now_ms = [this] { return now_ms_; };
    return made;
  }

  void fill(const EngineOptions& made, const std::vector<ModelEvent>& events) {
    const auto engine = open(made);
    for (std::size_t i = 0; i < events.size();) {
      Batch batch;
      const std::size_t end = std::min(events.size(), i + 200);
      for (; i < end; ++i) {
        visit(events[i], [&](const Event& event) {
          EXPECT_TRUE(batch.add(event).ok());
          return true;
        });
      }
      ASSERT_TRUE(engine->append(std::move(batch)).ok());
      if (i > events.size() / 3) {
        ASSERT_TRUE(engine->flush().ok());
      }
    }
    ASSERT_TRUE(engine->flush().ok());
    ASSERT_TRUE(engine->apply_retention().ok());
    ASSERT_TRUE(engine->close().ok());
  }

  // The engine erases of an aged day all or nothing.
  bool goes(const ModelEvent& event, const EraseRequest& request, std::int64_t raw_from_ms) const {
    if (event.rp != request.rp) return false;
    if (request.client && event.client != *request.client) return false;
    if (!request.before_ms) return true;
    const bool aged = event.time_ms < raw_from_ms;
    return (aged ? event.time_ms / kDayMs * kDayMs : event.time_ms) < *request.before_ms;
  }

  const TempDir dir_;
  RandomData random_{GetParam()};
  const bool ages_ = random_.chance(60);
  const std::vector<std::string> rollups_ =
      random_.chance(50) ? std::vector<std::string>{"browser"} : std::vector<std::string>{};
  std::int64_t now_ms_ = random_.end_day_ms();
};

TEST_P(EraseModel, WhatStaysAnswersAsIfTheRestHadNeverCome) {
  std::vector<ModelEvent> events;
  for (int i = 0; i < 3'000; ++i) events.push_back(random_.event());
  fill(options("all"), events);

  const ModelEvent& victim = events[random_.below(events.size())];
  EraseRequest request{dir_.path() / "all", victim.rp};
  if (random_.chance(40)) request.client = victim.client;
  if (random_.chance(30)) request.before_ms = victim.time_ms;
  EraseRequest rehearsal = request;
  rehearsal.dry_run = true;
  const auto expected = erase(rehearsal);
  ASSERT_TRUE(expected.ok()) << expected.error().message;
  const std::int64_t raw_from_ms =
      open(options("all"))->transfer().value().rest->head().raw_from_ms;
  const auto erased = erase(request);
  ASSERT_TRUE(erased.ok()) << erased.error().message;
  EXPECT_EQ(erased.value().events, expected.value().events);
  EXPECT_EQ(erased.value().aged_events, expected.value().aged_events);

  std::vector<ModelEvent> staying;
  for (const ModelEvent& event : events) {
    if (!goes(event, request, raw_from_ms)) staying.push_back(event);
  }
  EXPECT_EQ(erased.value().events + erased.value().aged_events, events.size() - staying.size());
  const auto engine = open(options("all"));
  const auto view = engine->view().value(), model = ModelStore(staying).view().value();
  std::size_t groups = 0;
  for (int i = 0; i < 150; ++i) {
    SCOPED_TRACE("request " + std::to_string(i));
    AggregateRequest ask = random_.aggregate();
    if (i % 5 == 0) ask = AggregateRequest();  // Figures of all RPs.
    if (i % 10 == 0) ask.bucket_width_ms = kDayMs;
    const auto got = view->aggregate(ask);
    ASSERT_TRUE(got.ok()) << got.error().message;
    ask.range = {std::max(ask.range.begin_ms, got.value().covered.begin_ms),
                 std::min(ask.range.end_ms, got.value().covered.end_ms)};
    const auto want = model->aggregate(ask);
    ASSERT_TRUE(want.ok());
    ASSERT_EQ(groups_of(got.value()), groups_of(want.value()));
    groups += want.value().size;
  }
  EXPECT_GT(groups, 100U);
  const auto rps = view->rps();
  for (const std::string& name : erased.value().names) {
    EXPECT_EQ(std::count(rps.begin(), rps.end(), name), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EraseModel, testing::Range<std::uint64_t>(1, 9));

constexpr char kGone[] = "https://to-be-forgotten.example";
constexpr char kLonger[] = "https://to-be-forgotten.example.org";

Batch batch_for(const std::string& rp, const std::string& client, std::int64_t time_ms,
                const std::string& document = {}) {
  Batch batch;
  Event event = plain_event(time_ms);
  event.rp = rp;
  event.client = client;
  EXPECT_TRUE(batch.add(event).ok());
  if (!document.empty()) {
    EXPECT_TRUE(batch.attach_document(document).ok());
  }
  return batch;
}

class EraseStore : public testing::Test {
 protected:
  void SetUp() override {
    const auto engine = open(options_);
    ASSERT_TRUE(engine->append(batch_for(kGone, "forgotten-client", kNow - 5, "a document")).ok());
    ASSERT_TRUE(engine->append(batch_for(kGone, "second-client", kNow - 4)).ok());
    ASSERT_TRUE(engine->flush().ok());
    ASSERT_TRUE(engine->append(batch_for(kGone, "forgotten-client", kNow - 3)).ok());
    ASSERT_TRUE(
        engine->append(batch_for(kLonger, "stays", kNow - 2, "stays too"), {"a-mark", "its value"})
            .ok());
    ASSERT_TRUE(engine->create_milestone({"release", kNow}).ok());
    ASSERT_TRUE(engine->close().ok());
  }

  const TempDir dir_;
  const EngineOptions options_ = options_in(dir_);
};

TEST_F(EraseStore, NoFileHasAnErasedName) {
  EXPECT_GT(files_with(dir_.path(), "forgotten-client"), 0U);
  const auto report = erase({options_.dir, kGone});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report.value().events, 3U);
  EXPECT_EQ(report.value().documents, 1U);
  EXPECT_EQ(report.value().names,
            (std::vector<std::string>{"forgotten-client", kGone, "second-client"}));
  EXPECT_GT(report.value().files_searched, 3U);
  EXPECT_GT(report.value().values_searched, 3U);
  EXPECT_EQ(report.value().names_not_searched, 0U);
  EXPECT_EQ(files_with(dir_.path(), "forgotten-client"), 0U);
  EXPECT_EQ(files_with(dir_.path(), "second-client"), 0U);
  EXPECT_EQ(files_with(dir_.path(), std::string(kGone) + '\0'), 0U);
  EXPECT_FALSE(fs::exists(options_.dir.string() + ".erasing"));

  const auto engine = open(options_);
  EXPECT_EQ(engine->view().value()->rps(), std::vector<std::string>{kLonger});
  EXPECT_EQ(count(*engine), 1U);
  EXPECT_EQ(engine->mark("a-mark").value(), "its value");
  EXPECT_EQ(engine->view().value()->milestones().size(), 1U);
  const auto documents = engine->documents().value();
  EXPECT_EQ(documents->count({}).value(), 1U);
  EXPECT_EQ(documents->last().value()->text, "stays too");
  EXPECT_TRUE(engine->append(batch_for(kGone, "back again", kNow)).ok());
}

TEST_F(EraseStore, OneClientGoesAndTheOtherStays) {
  const auto report = erase({options_.dir, kGone, "forgotten-client"});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report.value().events, 2U);
  EXPECT_EQ(report.value().names, std::vector<std::string>{"forgotten-client"});
  EXPECT_EQ(files_with(dir_.path(), "forgotten-client"), 0U);
  EXPECT_EQ(open(options_)->view().value()->clients(kGone).value(),
            std::vector<std::string>{"second-client"});
}

TEST_F(EraseStore, OnlyWhatIsOlderGoes) {
  const auto report = erase({options_.dir, kGone, std::nullopt, kNow - 3});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report.value().events, 2U);
  EXPECT_EQ(report.value().names, std::vector<std::string>{"second-client"});
  EXPECT_EQ(count(*open(options_)), 2U);
}

TEST_F(EraseStore, ARehearsalCountsAndChangesNothing) {
  EraseRequest request{options_.dir, kGone};
  request.dry_run = true;
  const auto server = open(options_);  // Beside a store that is open.
  const auto report = erase(request);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report.value().events, 3U);
  EXPECT_EQ(report.value().documents, 1U);
  EXPECT_EQ(count(*server), 4U);
}

TEST_F(EraseStore, RefusesWhatItCannotDo) {
  EXPECT_EQ(code_of(erase({options_.dir, "https://nobody"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(erase({options_.dir, kGone, "nobody"})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(erase({dir_.path() / "nowhere", kGone})), ErrorCode::kNotFound);
  const auto server = open(options_);
  EXPECT_EQ(code_of(erase({options_.dir, kGone})), ErrorCode::kBusy);
}

TEST_F(EraseStore, ANameInAMilestoneIsFoundAndNothingChanges) {
  ASSERT_TRUE(open(options_)->create_milestone({"forgotten-client leaves", kNow}).ok());
  EXPECT_EQ(code_of(erase({options_.dir, kGone})), ErrorCode::kCorruption);
  EXPECT_EQ(count(*open(options_)), 4U);
  EXPECT_FALSE(fs::exists(options_.dir.string() + ".erasing"));
}

// Promise P3: what was erased does not count again when its sender retries within the window.
TEST_F(EraseStore, RetriesAreKnownAfterIt) {
  const auto send = [&](const std::string& key) {
    const auto engine = open(options_);
    CollectingSink sink;
    PendingAppend append;
    append.batch = batch_of(1);
    append.request = {key, 1, key == "named" ? "about forgotten-client" : "first"};
    append.tickets = {{7, kNow / 1000 + 60}};
    append.sink = &sink;
    engine->submit(&append);
    (void)sink.wait_for(1);
    EXPECT_TRUE(append.status.ok());
    return std::pair(append.seen, append.request.answer);
  };
  EXPECT_EQ(send("plain").first, RequestSeen::kFirst);
  EXPECT_EQ(send("named").first, RequestSeen::kFirst);
  const auto report = erase({options_.dir, kGone});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(send("plain"), std::pair(RequestSeen::kDuplicate, std::string("first")));
  EXPECT_EQ(send("named"), std::pair(RequestSeen::kDuplicate, std::string())) << "nobody is named";
  EXPECT_EQ(open(options_)->tickets(9).value(), (std::vector<Ticket>{{7, kNow / 1000 + 60}}));
  EXPECT_EQ(files_with(dir_.path(), "forgotten-client"), 0U);
}

TEST_F(EraseStore, AnInterruptionChangesNothing) {
  std::stop_source source;
  source.request_stop();
  EraseRequest request{options_.dir, kGone};
  request.stop = source.get_token();
  EXPECT_EQ(code_of(erase(request)), ErrorCode::kCanceled);
  EXPECT_EQ(count(*open(options_)), 4U);
}

TEST_F(EraseStore, WhatAnInterruptedErasureLeftIsRemovedFirst) {
  fs::create_directory(options_.dir.string() + ".erasing");
  std::ofstream(options_.dir.string() + ".erasing/CURRENT") << "half a store";
  ASSERT_TRUE(erase({options_.dir, kGone}).ok());
  EXPECT_FALSE(fs::exists(options_.dir.string() + ".erasing"));
  EXPECT_EQ(count(*open(options_)), 1U);
}

}  // namespace
}  // namespace kpi::test
