// Privacy: groups of too few reports are hidden from a reader, and no total gives them away.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>

#include "kpi/query.h"
#include "query/exec/small_groups.h"
#include "tests/support/model_store.h"

namespace kpi::query {
namespace {

using Sizes = std::vector<std::uint64_t>;
using Hidden = std::vector<bool>;

TEST(SmallGroups, OneReportLessThanTheLeastIsHiddenAndTheLeastIsNot) {
  EXPECT_EQ(groups_to_hide({19, 20, 0}, {}, 20), (Hidden{true, false, false}));
}

TEST(SmallGroups, ALoneOneTakesTheNextSmallestAlong) {
  EXPECT_EQ(groups_to_hide({500, 3, 90, 40}, {{0, 1, 2, 3}}, 20),
            (Hidden{false, true, false, true}));
}

TEST(SmallGroups, SeveralThatAreTogetherTooFewTakeMoreAlong) {
  EXPECT_EQ(groups_to_hide({500, 3, 4, 40}, {{0, 1, 2, 3}}, 20), (Hidden{false, true, true, true}));
  EXPECT_EQ(groups_to_hide({500, 13, 14, 40}, {{0, 1, 2, 3}}, 20),
            (Hidden{false, true, true, false}));
}

TEST(SmallGroups, WithNothingElseAllAreHidden) {
  EXPECT_EQ(groups_to_hide({3, 4}, {{0, 1}}, 20), (Hidden{true, true}));
}

TEST(SmallGroups, TotalsOverEachDimensionAreGuarded) {
  // Rows: (a, x) 3, (a, y) 50, (b, x) 60, (b, y) 70: the total of a alone would show (a, x).
  const Hidden hidden = groups_to_hide({3, 50, 60, 70}, {{0, 0, 1, 1}, {0, 1, 0, 1}}, 20);
  EXPECT_EQ(hidden, (Hidden{true, true, true, true}));
}

// Of every total: nothing is hidden, or at least two groups of at least `min` together, or all.
void check_totals(const Sizes& sizes, const std::vector<std::vector<std::uint32_t>>& dimensions,
                  const Hidden& hidden, std::uint64_t min) {
  for (std::uint64_t set = 1; set < (std::uint64_t{1} << dimensions.size()); ++set) {
    struct Total {
      std::uint64_t hidden = 0, shown = 0, sum = 0;
    };
    std::map<std::vector<std::uint32_t>, Total> totals;
    for (std::size_t group = 0; group < sizes.size(); ++group) {
      if (sizes[group] == 0) continue;
      std::vector<std::uint32_t> rest;
      for (std::size_t i = 0; i < dimensions.size(); ++i) {
        if ((set >> i & 1) == 0) rest.push_back(dimensions[i][group]);
      }
      Total& total = totals[rest];
      ++(hidden[group] ? total.hidden : total.shown);
      if (hidden[group]) total.sum += sizes[group];
    }
    for (const auto& [rest, total] : totals) {
      const bool guarded =
          total.hidden == 0 || total.shown == 0 || (total.hidden >= 2 && total.sum >= min);
      EXPECT_TRUE(guarded) << total.hidden << " hidden of " << total.sum << " reports";
    }
  }
}

class SmallGroupsOf : public testing::TestWithParam<std::uint64_t> {
};  // The parameter is the seed.

TEST_P(SmallGroupsOf, NoTotalGivesAGroupAway) {
  std::mt19937_64 random(GetParam());
  for (int round = 0; round < 50; ++round) {
    const std::size_t count = 1 + random() % 4;
    std::map<std::vector<std::uint32_t>, std::uint64_t> groups;
    for (std::uint64_t i = random() % 40; i > 0; --i) {
      std::vector<std::uint32_t> key;
      for (std::size_t d = 0; d < count; ++d)
        key.push_back(static_cast<std::uint32_t>(random() % 4));
      groups[key] = random() % (random() % 2 == 0 ? 30 : 1000);
    }
    Sizes sizes;
    std::vector<std::vector<std::uint32_t>> dimensions(count);
    for (const auto& [key, size] : groups) {
      sizes.push_back(size);
      for (std::size_t d = 0; d < count; ++d) dimensions[d].push_back(key[d]);
    }
    const std::uint64_t min = 2 + random() % 30;
    const Hidden hidden = groups_to_hide(sizes, dimensions, min);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      EXPECT_TRUE(hidden[i] || sizes[i] == 0 || sizes[i] >= min);
    }
    check_totals(sizes, dimensions, hidden, min);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SmallGroupsOf, testing::Range<std::uint64_t>(1, 9));

constexpr std::int64_t kNow = 1'795'000'000'000;

class Reader : public testing::Test {
 protected:
  Reader() : store_(events()) {}

  static std::vector<test::ModelEvent> events() {
    std::vector<test::ModelEvent> made;
    const auto add = [&](int count, const char* client, const char* browser) {
      for (int i = 0; i < count; ++i) {
        test::ModelEvent event;
        event.time_ms = kNow - kHourMs + i;
        event.rp = "https://rp.example";
        event.client = client;
        event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
        event.measures = {{"turnaround_time", 1000 + static_cast<std::uint32_t>(i)}};
        if (i < 3) event.measures.emplace_back("rare", 7);
        if (count > 5) event.measures.emplace_back("most", 1);
        event.labels = {{"browser", browser}};
        made.push_back(event);
      }
    };
    add(100, "large", "Firefox");
    add(40, "medium", "Chrome");
    add(5, "small", "Firefox");
    return made;
  }

  Result<Table> ask(const std::string& text, std::uint64_t min = 20) {
    auto parsed = parse(text);
    if (!parsed.ok()) return parsed.error();
    Options options;
    options.now_ms = kNow;
    options.min_group_size = min;
    return run(parsed.value().front(), store_, options);
  }

  // Rows as text, NULL where there is nothing.
  std::vector<std::string> rows(const std::string& text, std::uint64_t min = 20) {
    const auto table = ask(text, min);
    if (!table.ok()) return {table.error().message};
    std::vector<std::string> lines;
    for (const auto& row : table.value().rows) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) line += ' ';
        const bool null = std::holds_alternative<std::monostate>(row[i]);
        line += null ? "NULL" : to_text(row[i], table.value().columns[i].type);
      }
      lines.push_back(line);
    }
    return lines;
  }
  ErrorCode refusal(const std::string& text) {
    const auto table = ask(text);
    EXPECT_FALSE(table.ok()) << text;
    return table.ok() ? ErrorCode::kIo : table.error().code;
  }

  test::ModelStore store_;
};

using Rows = std::vector<std::string>;

TEST_F(Reader, SeesNullInPlaceOfSmallGroupsAndANote) {
  const char* by_client =
      "SELECT client, count(*) AS n FROM events GROUP BY client ORDER BY client";
  EXPECT_EQ(rows(by_client, 1), (Rows{"large 100", "medium 40", "small 5"}));
  EXPECT_EQ(rows(by_client), (Rows{"large 100", "medium NULL", "small NULL"}));
  const auto table = ask(by_client);
  ASSERT_EQ(table.value().notes.size(), 1U);
  EXPECT_NE(table.value().notes[0].find("2 groups are hidden"), std::string::npos);
}

TEST_F(Reader, SeesNoSmallBuckets) {
  const Rows lines = rows(
      "SELECT client, time_bucket('1 minute', time) AS t, count(*) AS n FROM events GROUP BY "
      "client, t "
      "ORDER BY client, t");
  EXPECT_GE(lines.size(), 3U);
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.starts_with("large") || line.ends_with("NULL")) << line;
  }
}

TEST_F(Reader, LearnsNothingByConditionsOnAggregates) {
  EXPECT_EQ(rows("SELECT client FROM events GROUP BY client HAVING count(*) = 5"), Rows{});
  EXPECT_EQ(rows("SELECT client FROM events GROUP BY client HAVING count(*) <> 7"), Rows{"large"});
}

TEST_F(Reader, SeesOneGroupOnlyIfItIsLargeAndSoIsTheRest) {
  EXPECT_EQ(rows("SELECT count(*) FROM events"), Rows{"145"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE client = 'small'"), Rows{"NULL"});
  // 145 - 140 would be the five of the small one.
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE client <> 'small'"), Rows{"NULL"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE client = 'nobody'"), Rows{"0"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE browser = 'Chrome'"), Rows{"40"});
}

// As a reader who asks twice and subtracts.
TEST_F(Reader, LearnsNoMoreByConditionsThanByGroups) {
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE client IN ('medium', 'small')"), Rows{"45"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE client = 'medium'"), Rows{"NULL"}) << "45 - 5";
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE client = 'large'"), Rows{"100"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE browser = 'Firefox'"), Rows{"105"});
  for (const char* where :
       {"browser = 'Firefox' AND client = 'large'", "browser = 'Firefox' AND NOT client = 'small'",
        "browser = 'Firefox' AND client LIKE 'la%'", "client LIKE 's%'", "client IS NULL",
        "client = 'medium' OR client = 'nobody'"}) {
    const Rows asked = rows("SELECT count(*) FROM events WHERE " + std::string(where));
    EXPECT_TRUE(asked == Rows{"NULL"} || asked == Rows{"0"}) << where << ": " << asked[0];
  }
  EXPECT_EQ(rows("SELECT browser, count(*) FROM events WHERE client <> 'small' GROUP BY browser "
                 "ORDER BY browser"),
            (Rows{"Chrome 40", "Firefox NULL"}));
}

TEST_F(Reader, LearnsNothingByConditionsOnMeasuresThatFewMeetOrFailTo) {
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE turnaround_time >= 1050"), Rows{"50"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE turnaround_time >= 1090"), Rows{"NULL"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE turnaround_time < 1090"), Rows{"NULL"});
  EXPECT_EQ(rows("SELECT count(*) FROM events WHERE most IS NOT NULL"), Rows{"NULL"});
}

TEST_F(Reader, SlidesNoWindowOverSingleReports) {
  const auto before = [&](std::int64_t ms) {
    const std::string time = to_text(Value{kNow - kHourMs + ms}, Type::kTimestamp);
    return rows("SELECT count(*) FROM events WHERE time < '" + time + "'");
  };
  const std::int64_t minute = kMinuteMs - (kNow - kHourMs) % kMinuteMs;
  EXPECT_EQ(before(minute + 5), before(minute)) << "windows end with whole minutes";
  EXPECT_EQ(before(minute - 1), before(minute - 7));
}

TEST_F(Reader, SeesNoFunnelWhoseRestIsSmall) {
  const auto is_hidden = [&](const std::string& text) {
    const auto table = ask(text);
    EXPECT_TRUE(table.ok()) << text;
    return std::holds_alternative<std::monostate>(table.value().rows[0][1]);
  };
  EXPECT_FALSE(is_hidden("FUNNEL 'turnaround_time'"));
  EXPECT_TRUE(is_hidden("FUNNEL 'most'")) << "all but five: count(*) less its n shows them";
  EXPECT_TRUE(is_hidden("FUNNEL 'turnaround_time' WHERE client <> 'small'"));
  EXPECT_TRUE(is_hidden("FUNNEL 'turnaround_time' WHERE client = 'medium'"));
  EXPECT_FALSE(is_hidden("FUNNEL 'turnaround_time' WHERE client = 'large'"));
  EXPECT_TRUE(is_hidden("FUNNEL 'turnaround_time' EXCLUDE 'rare'"));
}

// All that conditions of two names, and their groups, are answered with, against each other.
class Attack : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  static constexpr std::uint64_t kMin = 20, kValues = 3;
  using Answered = std::map<std::uint64_t, std::string>;  // Cells as bits, to what selects them.

  std::vector<test::ModelEvent> events() {
    std::mt19937_64 random(GetParam());
    constexpr std::uint64_t kSizes[] = {0, 3, 8, 25, 60};
    std::vector<test::ModelEvent> made;
    for (std::uint64_t cell = 0; cell < kValues * kValues; ++cell) {
      sizes_.push_back(kSizes[random() % std::size(kSizes)]);
      test::ModelEvent event;
      event.time_ms = kNow - kHourMs;
      event.rp = "https://rp.example";
      event.client = std::string(1, static_cast<char>('a' + cell / kValues));
      event.labels = {{"browser", std::string(1, static_cast<char>('A' + cell % kValues))}};
      made.insert(made.end(), sizes_.back(), event);
    }
    return made;
  }

  static bool holds(const std::string& term, std::uint64_t cell) {
    if (term[0] == 'r') return true;
    const char base = term[0] == 'c' ? 'a' : 'A';
    const std::uint64_t value = term[0] == 'c' ? cell / kValues : cell % kValues;
    const std::string name = {'\'', static_cast<char>(base + static_cast<char>(value)), '\''};
    const bool is_unequal = term.find('<') != std::string::npos;
    return (term.find(name) != std::string::npos) != is_unequal;
  }

  std::uint64_t size_of(std::uint64_t cells) const {
    std::uint64_t size = 0;
    for (std::uint64_t cell = 0; cell < sizes_.size(); ++cell) {
      if ((cells >> cell & 1) != 0) size += sizes_[cell];
    }
    return size;
  }

  void ask(const std::string& one, bool both, const std::string& other, Store& store) {
    std::uint64_t cells = 0;
    for (std::uint64_t cell = 0; cell < sizes_.size(); ++cell) {
      const bool left = holds(one, cell), right = holds(other, cell);
      if (both ? left && right : left || right) cells |= std::uint64_t{1} << cell;
    }
    const std::string text =
        "SELECT count(*) FROM events WHERE " + one + (both ? " AND " : " OR ") + other;
    Options options;
    options.now_ms = kNow;
    options.min_group_size = kMin;
    const auto table = run(parse(text).value().front(), store, options);
    ASSERT_TRUE(table.ok()) << table.error().message;
    const Value& value = table.value().rows[0][0];
    if (std::holds_alternative<std::monostate>(value)) return;
    EXPECT_EQ(to_text(value, Type::kInt8), std::to_string(size_of(cells))) << text;
    answered_.emplace(cells, text);
  }

  std::vector<std::uint64_t> sizes_;  // [client * kValues + browser]
  Answered answered_;
};

TEST_P(Attack, NoTwoAnswersDifferByASmallGroup) {
  const char* const terms[] = {"client = 'a'",  "client <> 'a'",  "client = 'b'",
                               "client <> 'c'", "browser = 'A'",  "browser <> 'A'",
                               "browser = 'B'", "browser <> 'C'", "rp <> ''"};
  test::ModelStore store(events());
  for (const char* one : terms) {
    for (const char* other : terms) {
      for (const bool both : {true, false}) ask(one, both, other, store);
    }
  }
  for (const auto& [inner, less] : answered_) {
    for (const auto& [outer, more] : answered_) {
      if ((inner & ~outer) != 0) continue;
      const std::uint64_t rest = size_of(outer & ~inner);
      EXPECT_TRUE(rest == 0 || rest >= kMin) << more << " less " << less << " are " << rest;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Attack, testing::Range<std::uint64_t>(1, 41));

TEST_F(Reader, SeesNoMeasureThatFewReportsHave) {
  EXPECT_EQ(rows("SELECT p50(turnaround_time) > 0, p50(rare), max(rare) FROM events"),
            Rows{"t NULL NULL"});
  EXPECT_EQ(rows("SELECT max(rare) FROM events", 1), Rows{"7"});
}

TEST_F(Reader, SeesNoSingleEvents) {
  for (const char* text : {"SELECT * FROM events LIMIT 1", "EXPLAIN SELECT count(*) FROM events"}) {
    EXPECT_EQ(refusal(text), ErrorCode::kPermissionDenied) << text;
  }
  Options options;
  options.min_group_size = 2;
  const auto followed = follow(parse("FOLLOW").value().front(), store_, options, [] {});
  ASSERT_FALSE(followed.ok());
  EXPECT_EQ(followed.error().code, ErrorCode::kPermissionDenied);
}

TEST_F(Reader, ComparesNoSmallSides) {
  const char* text = "COMPARE success_rate() BASELINE client = 'large' CANDIDATE client = 'small'";
  const auto table = ask(text);
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table.value().rows.size(), 1U);
  const auto& row = table.value().rows[0];
  EXPECT_EQ(std::get<std::string>(row.back()), "hidden");
  const auto shown = std::count_if(row.begin(), row.end(), [](const Value& value) {
    return !std::holds_alternative<std::monostate>(value);
  });
  EXPECT_EQ(shown, 2) << "the aggregate's name and the verdict";
}

TEST_F(Reader, SeesNoSmallStagesOfAFunnel) {
  const auto table = ask("FUNNEL 'turnaround_time', 'rare'");
  ASSERT_TRUE(table.ok()) << table.error().message;
  for (const auto& row : table.value().rows) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(row.back()));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(row[1]));
  }
}

}  // namespace
}  // namespace kpi::query
