// Every script of tests/query/scripts on the engine, one test a script and way of keeping its
// events: all live, all sealed, some of each, and read back after a restart.
#include <gtest/gtest.h>

#include <memory>

#include "kpi/engine.h"
#include "query/text/time_text.h"
#include "tests/support/script_runner.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

const std::filesystem::path kScripts =
    std::filesystem::path(KPI_SOURCE_DIR) / "tests" / "query" / "scripts";

enum class Keeping { kLive, kSealed, kMixed, kReopened };

// An engine in a directory of its own, with the clock of the scripts. An error at any step is a
// store without events, which no script expects.
class EngineStore final : public Store {
 public:
  EngineStore(const std::vector<ModelEvent>& events, Keeping keeping) : keeping_(keeping) {
    options_.dir = dir_.path() / "data";
    options_.durability = Durability::kOs;
    options_.retention_raw_days = options_.retention_minute_days = options_.retention_hour_days = 0;
    // So that scripts of a dozen events have dense hours, with hour cells, beside sparse ones.
    options_.dense_events_per_hour = 1;
    options_.now_ms = [] { return query::parse_time(kScriptNow).value(); };
    open();
    for (std::size_t i = 0; i < events.size(); ++i) add(events[i], i);
    if (keeping_ == Keeping::kSealed) expect(engine_->flush());
    if (keeping_ != Keeping::kReopened) return;
    expect(engine_->close());
    engine_.reset();
    open();
  }

  Result<std::shared_ptr<const View>> view() const override { return engine_->view(); }
  std::vector<std::pair<std::string, std::string>> status() const override {
    return engine_->status();
  }
  Status create_milestone(const Milestone& milestone) override {
    return engine_->create_milestone(milestone);
  }
  Status drop_milestone(std::string_view name) override { return engine_->drop_milestone(name); }
  Result<std::unique_ptr<Follower>> follow(FollowRequest request) override {
    return engine_->follow(std::move(request));
  }

 private:
  static void expect(const Status& status) {
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  }

  void open() {
    auto engine = Engine::open(options_);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(engine).value();
  }

  void add(const ModelEvent& event, std::size_t index) {
    Batch batch;
    batch.set_sender(event.sender);
    visit(event, [&](const Event& named) {
      expect(batch.add(named));
      return true;
    });
    expect(engine_->append(std::move(batch)));
    constexpr std::size_t kEventsASeal = 3;
    const bool seals = keeping_ == Keeping::kMixed || keeping_ == Keeping::kReopened;
    if (seals && index % kEventsASeal == 1) expect(engine_->flush());
  }

  const Keeping keeping_;
  TempDir dir_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
};

using Parameter = std::tuple<std::filesystem::path, Keeping>;
class EngineScript : public testing::TestWithParam<Parameter> {};

TEST_P(EngineScript, AnswersAsExpected) {
  const auto& [script, keeping] = GetParam();
  EXPECT_EQ(run_script(script,
                       [keeping = keeping](const std::vector<ModelEvent>& events) {
                         return std::make_unique<EngineStore>(events, keeping);
                       }),
            "");
}

std::string name_of(const testing::TestParamInfo<Parameter>& info) {
  constexpr const char* kNames[] = {"live", "sealed", "mixed", "reopened"};
  return std::get<0>(info.param).stem().string() + "_" +
         kNames[static_cast<std::size_t>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(All, EngineScript,
                         testing::Combine(testing::ValuesIn(find_scripts(kScripts)),
                                          testing::Values(Keeping::kLive, Keeping::kSealed,
                                                          Keeping::kMixed, Keeping::kReopened)),
                         name_of);

}  // namespace
}  // namespace kpi::test
