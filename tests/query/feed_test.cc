// FOLLOW: rows as events are accepted, through any store's follower.
#include <gtest/gtest.h>

#include "kpi/follow.h"
#include "kpi/query.h"
#include "query/text/time_text.h"
#include "tests/support/event_text.h"
#include "tests/support/model_store.h"

namespace kpi::query {
namespace {

using test::ModelEvent;
using test::ModelStore;

// A store whose follower hands over `arrived`, as far as it fits the condition, then fails with
// `error` if it has a message.
class FollowedStore final : public ModelStore {
 public:
  explicit FollowedStore(std::vector<ModelEvent> arrived, Error error = {})
      : ModelStore({}), arrived_(std::move(arrived)), error_(std::move(error)) {}

  Result<std::unique_ptr<Follower>> follow(FollowRequest request) override {
    on_events = request.on_events;
    std::vector<ModelEvent> fitting;
    for (const ModelEvent& event : arrived_) {
      ScanRequest scan;
      scan.where = request.where;
      const auto view = ModelStore({event}).view();
      (void)view.value()->scan(scan, [&](const Event&) {
        fitting.push_back(event);
        return true;
      });
    }
    return std::unique_ptr<Follower>(std::make_unique<Waiting>(std::move(fitting), error_));
  }

  std::function<void()> on_events;

 private:
  class Waiting final : public Follower {
   public:
    Waiting(std::vector<ModelEvent> events, Error error)
        : events_(std::move(events)), error_(std::move(error)) {}
    Result<std::size_t> take(const FollowSink& sink) override {
      std::size_t taken = 0;
      if (at_ == events_.size() && !error_.message.empty()) return error_;
      for (bool more = true; more && at_ < events_.size(); ++at_, ++taken) {
        test::visit(events_[at_], [&](const Event& event) { return more = sink(event, nullptr); });
      }
      return taken;
    }

   private:
    std::vector<ModelEvent> events_;
    Error error_;
    std::size_t at_ = 0;
  };

  std::vector<ModelEvent> arrived_;
  Error error_;
};

std::vector<ModelEvent> arrived() {
  std::vector<ModelEvent> out;
  for (const char* line : {"2026-11-20T10:00:00Z rp=https://a.example success m=1 browser:chrome",
                           "2026-11-21T10:00:00Z rp=https://b.example failure",
                           "2026-11-22T10:00:00Z rp=https://a.example failure weight=2000",
                           "2026-11-23T10:00:00Z rp=https://a.example unknown"}) {
    EXPECT_TRUE(test::parse_events(line, out));
  }
  return out;
}

Statement parsed(const std::string& text) { return parse(text).value().at(0); }

Options at_noon() {
  Options options;
  options.now_ms = parse_time("2026-11-22T12:00:00Z").value();
  return options;
}

Result<std::unique_ptr<RowFeed>> open(const std::string& text, Store& store) {
  return follow(parsed(text), store, at_noon(), {});
}

TEST(QueryFeed, GivesRowsOfWhatFitsInTheOrderOfCommit) {
  FollowedStore store(arrived());
  auto feed = open("FOLLOW WHERE rp = 'https://a.example'", store);
  ASSERT_TRUE(feed.ok()) << feed.error().message;
  std::vector<std::vector<Value>> rows;
  EXPECT_EQ(feed.value()->take(2, rows).value(), 2U);
  EXPECT_EQ(feed.value()->take(2, rows).value(), 1U);
  EXPECT_EQ(feed.value()->take(2, rows).value(), 0U);
  ASSERT_EQ(rows.size(), 3U);
  const auto columns = describe(parsed("SELECT * FROM events"), store).value();
  ASSERT_EQ(feed.value()->columns().size(), columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    EXPECT_EQ(feed.value()->columns()[i].name, columns[i].name);
    EXPECT_EQ(feed.value()->columns()[i].type, columns[i].type);
  }
  EXPECT_EQ(rows[0], (std::vector<Value>{parse_time("2026-11-20T10:00:00Z").value(),
                                         "https://a.example",
                                         "",
                                         "success",
                                         {},
                                         {},
                                         "unknown",
                                         1.0,
                                         "{\"m\":1}",
                                         "{\"browser\":\"chrome\"}"}));
  EXPECT_EQ(rows[1][7], Value(2.0));
}

TEST(QueryFeed, TakesNothingWhereNothingIsWanted) {
  FollowedStore store(arrived());
  auto feed = open("FOLLOW", store);
  ASSERT_TRUE(feed.ok());
  std::vector<std::vector<Value>> rows;
  EXPECT_EQ(feed.value()->take(0, rows).value(), 0U);
  EXPECT_EQ(feed.value()->take(100, rows).value(), 4U);
}

TEST(QueryFeed, ConditionsOnTimeAreOnEachEvent) {
  FollowedStore store(arrived());
  std::vector<std::vector<Value>> rows;
  auto feed = open("FOLLOW WHERE time >= now() - interval '1 day' AND outcome = 'failure'", store);
  ASSERT_TRUE(feed.ok());
  EXPECT_EQ(feed.value()->take(100, rows).value(), 1U);
  feed = open("FOLLOW WHERE time > now()", store);
  ASSERT_TRUE(feed.ok());
  EXPECT_EQ(feed.value()->take(100, rows).value(), 1U);
}

TEST(QueryFeed, TellsThatRowsCame) {
  FollowedStore store(arrived());
  int told = 0;
  auto feed = follow(parsed("FOLLOW"), store, at_noon(), [&told] { ++told; });
  ASSERT_TRUE(feed.ok());
  store.on_events();
  EXPECT_EQ(told, 1);
}

TEST(QueryFeed, TheStoresErrorsPassThroughAfterWhatWaited) {
  FollowedStore store(arrived(), {ErrorCode::kUnavailable, "fell behind"});
  auto feed = open("FOLLOW", store);
  ASSERT_TRUE(feed.ok());
  std::vector<std::vector<Value>> rows;
  EXPECT_EQ(feed.value()->take(100, rows).value(), 4U);
  const auto cut = feed.value()->take(100, rows);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(rows.size(), 4U);
}

TEST(QueryFeed, TakesParameters) {
  FollowedStore store(arrived());
  const auto unbound = open("FOLLOW WHERE rp = $1", store);
  ASSERT_FALSE(unbound.ok());
  EXPECT_EQ(unbound.error().code, ErrorCode::kInvalidArgument);
  const auto bound = query::bind(parsed("FOLLOW WHERE rp = $1"), {"https://b.example"});
  ASSERT_TRUE(bound.ok());
  auto feed = follow(bound.value(), store, at_noon(), {});
  ASSERT_TRUE(feed.ok());
  std::vector<std::vector<Value>> rows;
  EXPECT_EQ(feed.value()->take(100, rows).value(), 1U);
}

TEST(QueryFeed, OnlyAFollowFollows) {
  FollowedStore store({});
  EXPECT_TRUE(follows(parsed("FOLLOW WHERE rp = ''")));
  EXPECT_FALSE(follows(parsed("SELECT * FROM events")));
  EXPECT_EQ(open("SELECT 1", store).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(run(parsed("FOLLOW"), store, {}).error().code, ErrorCode::kInvalidArgument);
  const auto misspelt = open("FOLLOW WHERE bowser = 'x'", store);
  ASSERT_FALSE(misspelt.ok());
  EXPECT_EQ(misspelt.error().position, 14U);
  EXPECT_EQ(misspelt.error().hint, "did you mean browser?");
}

}  // namespace
}  // namespace kpi::query
