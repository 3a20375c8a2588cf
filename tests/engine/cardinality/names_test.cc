// Promise P16: names beyond a limit count under (other), are never lost from totals, and take
// nothing from the names that are known.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

using Counted = std::map<std::string, std::uint64_t>;

Event event_of(std::string_view rp, std::string_view client = {}) {
  Event event = plain_event(kNow - kHourMs);
  event.rp = rp;
  event.client = client;
  return event;
}

void append(Engine& engine, const Event& event) {
  Batch batch;
  ASSERT_TRUE(batch.add(event).ok());
  ASSERT_TRUE(engine.append(std::move(batch)).ok());
}

void append(Engine& engine, std::string_view rp, std::string_view client = {}) {
  append(engine, event_of(rp, client));
}

// Events by one dimension; NULL is "NULL".
Counted counted(const Store& store, const DimensionRef& by, const Predicate& where = {}) {
  AggregateRequest request;
  request.group_by = {by};
  request.where = where;
  const auto result = store.view().value()->aggregate(request);
  Counted counts;
  for (std::size_t i = 0; result.ok() && i < result.value().size; ++i) {
    const std::string_view key = result.value().keys[0][i];
    counts[key.data() == nullptr ? "NULL" : std::string(key)] += result.value().counts[i].events;
  }
  return counts;
}

Counted by_rp(const Store& store) { return counted(store, {Dimension::kRp}); }
Counted by_client(const Store& store) { return counted(store, {Dimension::kClient}); }

EngineOptions limited(const TempDir& dir, const NameLimits& limits) {
  EngineOptions options = options_in(dir);
  options.name_limits = limits;
  return options;
}

TEST(NameLimits, RpsBeyondTheLimitAreOther) {
  const TempDir dir;
  NameLimits limits;
  limits.rps = 2;
  auto engine = open(limited(dir, limits));
  for (const char* rp : {"https://a", "", "https://b", "https://c", "https://d", "https://a"}) {
    append(*engine, rp, "client");
  }
  EXPECT_EQ(by_rp(*engine), (Counted{{"", 1}, {"(other)", 2}, {"https://a", 2}, {"https://b", 1}}));
  EXPECT_EQ(by_client(*engine), (Counted{{"(other)", 2}, {"client", 4}}));
  EXPECT_EQ(engine->view().value()->rps(),
            (std::vector<std::string>{"(other)", "https://a", "https://b"}));
  EXPECT_EQ(engine->stats().events_under_other, (NameLimits{2, 0, 0, 0, 0, 0}));
  EXPECT_EQ(engine->stats().name_limits, limits);
  EXPECT_EQ(count(*engine), 6U);
}

TEST(NameLimits, HoldAfterARestartAndForgetNobody) {
  const TempDir dir;
  NameLimits limits;
  limits.rps = 2;
  {
    auto engine = open(limited(dir, limits));
    for (const char* rp : {"https://a", "https://b", "https://c"}) append(*engine, rp);
  }
  limits.rps = 1;  // Fewer than there are: nobody new, nobody out.
  {
    auto engine = open(limited(dir, limits));
    for (const char* rp : {"https://a", "https://b", "https://d"}) append(*engine, rp);
    ASSERT_TRUE(engine->flush().ok());
    EXPECT_EQ(by_rp(*engine), (Counted{{"(other)", 2}, {"https://a", 2}, {"https://b", 2}}));
  }
  limits.rps = 3;
  auto engine = open(limited(dir, limits));
  append(*engine, "https://d");
  append(*engine, "https://e");
  EXPECT_EQ(by_rp(*engine),
            (Counted{{"(other)", 3}, {"https://a", 2}, {"https://b", 2}, {"https://d", 1}}));
}

TEST(NameLimits, ClientsOfAnRpAndPairsInAll) {
  const TempDir dir;
  NameLimits limits;
  limits.clients = 2;
  limits.series = 4;
  auto engine = open(limited(dir, limits));
  for (const char* client : {"1", "2", "3", "", "2"}) append(*engine, "https://a", client);
  append(*engine, "https://b", "1");  // The fourth pair or fifth: unknown and (other) always fit.
  append(*engine, "https://b", "2");
  append(*engine, "https://c", "");
  const Predicate of_a{.kind = Predicate::Kind::kDimensionIn, .values = {"https://a"}};
  EXPECT_EQ(counted(*engine, {Dimension::kClient}, of_a),
            (Counted{{"", 1}, {"(other)", 1}, {"1", 1}, {"2", 2}}));
  EXPECT_EQ(by_client(*engine), (Counted{{"", 2}, {"(other)", 3}, {"1", 1}, {"2", 2}}));
  EXPECT_EQ(engine->stats().events_under_other, (NameLimits{0, 1, 2, 0, 0, 0}));
  EXPECT_EQ(engine->view().value()->clients("https://b").value(),
            std::vector<std::string>{"(other)"});
}

TEST(NameLimits, RegisteredNamesAlwaysHaveAPlace) {
  const TempDir dir;
  NameLimits limits;
  limits.rps = 1;
  limits.clients = 1;
  EngineOptions options = limited(dir, limits);
  options.keeps_name = [](std::string_view rp, std::string_view client) {
    return rp == "https://ours" && (client.empty() || client == "known");
  };
  auto engine = open(options);
  append(*engine, "https://a", "first");
  for (const char* client : {"known", "x", "y", "known"}) append(*engine, "https://ours", client);
  append(*engine, "https://b", "known");
  EXPECT_EQ(by_rp(*engine), (Counted{{"(other)", 1}, {"https://a", 1}, {"https://ours", 4}}));
  EXPECT_EQ(by_client(*engine), (Counted{{"(other)", 3}, {"first", 1}, {"known", 2}}));
}

TEST(NameLimits, MeasuresThatTheCallerKeepsAlwaysHaveAPlace) {
  const TempDir dir;
  NameLimits limits;
  limits.measures = 1;
  EngineOptions options = limited(dir, limits);
  options.keeps_measure = [](std::string_view name) { return name == "turnaround_time"; };
  auto engine = open(options);
  for (const char* name : {"made_up", "made_up_too", "turnaround_time"}) {
    const NamedValue measures[] = {{name, 7}};
    Event event = event_of("https://a");
    event.measures = measures;
    append(*engine, event);
  }
  EXPECT_EQ(engine->view().value()->measures(),
            (std::vector<std::string>{"(other)", "made_up", "turnaround_time"}));
  EXPECT_EQ(engine->stats().events_under_other.measures, 1U);
}

// (other) itself takes no place, counts as no fold, and whoever sends it lands where he says.
TEST(NameLimits, TheWordItselfTakesNoPlace) {
  const TempDir dir;
  NameLimits limits;
  limits.rps = 1;
  limits.clients = 1;
  auto engine = open(limited(dir, limits));
  append(*engine, "(other)", "mine");
  append(*engine, "https://a", "(other)");
  append(*engine, "https://a", "1");
  append(*engine, "https://b", "1");
  EXPECT_EQ(by_rp(*engine), (Counted{{"(other)", 2}, {"https://a", 2}}));
  EXPECT_EQ(by_client(*engine), (Counted{{"(other)", 3}, {"1", 1}}));
  EXPECT_EQ(engine->stats().events_under_other.rps, 1U);
  const Predicate other{.kind = Predicate::Kind::kDimensionIn, .values = {"(other)"}};
  EXPECT_EQ(counted(*engine, {Dimension::kRp}, other), (Counted{{"(other)", 2}}));
}

// Of the measures of one event that share (other) the first stays; all others keep their values.
TEST(NameLimits, MeasuresBeyondTheLimit) {
  const TempDir dir;
  NameLimits limits;
  limits.measures = 2;
  for (const bool again : {false, true}) {  // The second time from the journal.
    auto engine = open(limited(dir, limits));
    if (!again) {
      const NamedValue known[] = {{"a", 1}, {"b", 2}};
      const NamedValue mixed[] = {{"x", 300}, {"a", 4}, {"y", 500}, {"b", 600}, {"z", 7}};
      Event event = event_of("https://a");
      event.measures = known;
      append(*engine, event);
      event.measures = mixed;
      append(*engine, event);
      EXPECT_EQ(engine->stats().events_under_other, (NameLimits{0, 0, 0, 1, 0, 0}));
    }
    AggregateRequest request;
    request.measures = {"a", "b", "(other)", "x"};
    const auto result = engine->view().value()->aggregate(request);
    ASSERT_TRUE(result.ok());
    const auto& sketches = result.value().sketches;
    EXPECT_EQ(sketches[0][0].max(), 4U);
    EXPECT_EQ(sketches[1][0].max(), 600U);
    EXPECT_EQ(sketches[2][0].count(), 1U);
    EXPECT_EQ(sketches[2][0].max(), 300U);
    EXPECT_TRUE(sketches[3][0].empty());
    EXPECT_EQ(engine->view().value()->measures(), (std::vector<std::string>{"(other)", "a", "b"}));
    EXPECT_EQ(count(*engine), 2U);
  }
}

TEST(NameLimits, LabelsAndTheirValuesBeyondTheLimit) {
  const TempDir dir;
  NameLimits limits;
  limits.labels = 1;
  limits.label_values = 2;
  auto engine = open(limited(dir, limits));
  for (const char* value : {"1", "2", "3", "1", "(other)"}) {
    const NamedLabel labels[] = {{"os", value}, {"x", value}, {"y", value}};
    Event event = event_of("https://a");
    event.labels = labels;
    append(*engine, event);
  }
  EXPECT_EQ(counted(*engine, {Dimension::kLabel, "os"}),
            (Counted{{"(other)", 2}, {"1", 2}, {"2", 1}}));
  EXPECT_EQ(counted(*engine, {Dimension::kLabel, "(other)"}), (Counted{{"(other)", 5}}));
  EXPECT_EQ(counted(*engine, {Dimension::kLabel, "x"}), (Counted{{"NULL", 5}}));
  EXPECT_EQ(engine->stats().events_under_other, (NameLimits{0, 0, 0, 0, 5, 1}));
}

// A store tells names apart by their bytes: what looks alike is not the same, and none of it gets
// past a limit.
TEST(NameLimits, NamesMadeToConfuse) {
  const TempDir dir;
  NameLimits limits;
  limits.rps = 4;
  std::vector<std::string> logged;
  EngineOptions options = limited(dir, limits);
  options.log = [&](EngineOptions::LogLevel level, std::string_view line) {
    if (level == EngineOptions::LogLevel::kWarning) logged.emplace_back(line);
  };
  auto engine = open(options);
  const std::string longest = "https://" + std::string(kRpBytesMax - 8, 'l');
  const std::vector<std::string> names = {"https://rp.example",
                                          longest,
                                          "null",
                                          "https://RP.example",
                                          "https://rp.example:443",
                                          "https://rp.example/",
                                          "https://rp.example.",
                                          "https://r\xD1\x80.example",  // A Cyrillic letter.
                                          "https://rp.exampl\x65\xCC\x81",
                                          std::string("https://rp.example\0", 19),
                                          longest.substr(0, longest.size() - 1) + "m",
                                          "(Other)",
                                          "(other) "};
  for (const std::string& name : names) append(*engine, name);
  const Counted counts = by_rp(*engine);
  EXPECT_EQ(counts.size(), 5U);
  EXPECT_EQ(counts.at("(other)"), names.size() - 4);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(counts.at(names[i]), 1U) << names[i];
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_EQ(logged[0], "names: the limit of 4 relying parties is 80 % reached");
  EXPECT_EQ(logged[1],
            "names: the limit of 4 relying parties is reached: new ones count under (other)");
  EXPECT_FALSE(Batch().add(event_of(longest + "x")).ok());
}

}  // namespace
}  // namespace kpi::test
