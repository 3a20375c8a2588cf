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

TEST(SmallGroups, WhatIsHiddenByFewerDimensionsStaysHidden) {
  // By the first alone, c of 4 and d of 32 are hidden: (d, x) is all of d.
  const Sizes sizes = {20, 33, 1000, 4, 32};  // (a, x), (a, y), (b, x), (c, x), (d, x).
  const std::vector<std::uint32_t> first = {0, 0, 1, 2, 3}, second = {0, 1, 0, 0, 0};
  EXPECT_TRUE(groups_to_hide(sizes, {first, second}, 5)[4]);
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
  explicit Reader(std::vector<test::ModelEvent> made = events()) : store_(std::move(made)) {}

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

// Of five RPs two are hidden: one is small, the other the next smallest.
class ReaderOfRps : public Reader {
 protected:
  static constexpr std::uint64_t kMin = 5;

  ReaderOfRps() : Reader(events()) {}

  static std::vector<test::ModelEvent> events() {
    std::vector<test::ModelEvent> made;
    const auto add = [&](int count, const char* rp, const char* client) {
      test::ModelEvent event;
      event.time_ms = kNow - kHourMs;
      event.rp = rp;
      event.client = client;
      event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
      made.insert(made.end(), static_cast<std::size_t>(count), event);
    };
    add(50, "https://a.example", "c1");
    add(3, "https://a.example", "c2");
    add(40, "https://b.example", "c1");
    add(20000, "https://big.example", "c1");
    add(4, "https://c.example", "c1");
    add(32, "https://d.example", "c1");
    return made;
  }
};

TEST_F(ReaderOfRps, LearnsNoMoreByConditionsOnTheNamesOfTheGroups) {
  const Rows shown = {"https://a.example 53", "https://b.example 40", "https://big.example 20000"};
  Rows without = shown, all = shown;
  without.push_back("https://d.example NULL");
  all.push_back("https://c.example NULL");
  all.push_back("https://d.example NULL");
  const auto by_rp = [&](const std::string& where) {
    return rows("SELECT rp, count(*) FROM events " + where + " GROUP BY rp ORDER BY rp", kMin);
  };
  EXPECT_EQ(rows("SELECT count(*) FROM events", kMin), Rows{"20129"});
  EXPECT_EQ(by_rp(""), all);
  EXPECT_EQ(by_rp("WHERE rp <> 'https://c.example'"), without) << "20129 less these is c";
  EXPECT_EQ(by_rp("WHERE NOT rp IN ('https://c.example', 'nobody')"), without);
  EXPECT_EQ(by_rp("WHERE rp = 'https://d.example'"), Rows{"https://d.example NULL"});
  EXPECT_EQ(by_rp("WHERE rp = 'https://a.example'"), Rows{"https://a.example 53"});
}

TEST_F(ReaderOfRps, LearnsNoMoreByAConditionOnOneOfTwoNames) {
  const Rows lines =
      rows("SELECT rp, client, count(*) FROM events WHERE client = 'c1' GROUP BY rp, client", kMin);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_NE(std::find(lines.begin(), lines.end(), "https://a.example c1 NULL"), lines.end())
      << "53 less 50 is the other client";
}

TEST_F(ReaderOfRps, IsToldNoNumberOfSharedReports) {
  const char* text =
      "COMPARE success_rate() BASELINE rp IS NOT NULL CANDIDATE rp <> 'https://c.example'";
  const auto shares = [&](std::uint64_t min) {
    const auto table = ask(text, min);
    EXPECT_TRUE(table.ok());
    for (const std::string& note : table.value().notes) {
      if (note.find("share ") != std::string::npos) return note;
    }
    return std::string();
  };
  EXPECT_NE(shares(0).find("share 20125 reports"), std::string::npos);
  EXPECT_NE(shares(kMin).find("share reports"), std::string::npos) << "20129 less 20125 is c";
}

// All that conditions of two names, and their groups, are answered with, against each other.
class Attack : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  static constexpr std::uint64_t kMin = 20, kValues = 3;
  using Answered = std::map<std::uint64_t, std::string>;  // Cells as bits, to what shows them.

  struct Term {
    const char* text;
    std::uint64_t clients, browsers;  // Which of the values, as bits.
  };

  std::vector<test::ModelEvent> events() {
    std::mt19937_64 random(GetParam());
    // No cell is empty: a client of one browser only is told by both names alike.
    constexpr std::uint64_t kSizes[] = {1, 3, 8, 25, 60};
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

  static std::uint64_t cells_of(const Term& term) {
    std::uint64_t cells = 0;
    for (std::uint64_t cell = 0; cell < kValues * kValues; ++cell) {
      const bool in = (term.clients >> cell / kValues & term.browsers >> cell % kValues & 1) != 0;
      if (in) cells |= std::uint64_t{1} << cell;
    }
    return cells;
  }

  std::uint64_t size_of(std::uint64_t cells) const {
    std::uint64_t size = 0;
    for (std::uint64_t cell = 0; cell < sizes_.size(); ++cell) {
      if ((cells >> cell & 1) != 0) size += sizes_[cell];
    }
    return size;
  }

  bool is_small(std::uint64_t cells) const { return size_of(cells) > 0 && size_of(cells) < kMin; }

  // That these are all reports of a client, of a browser, or of one of both.
  bool is_one_group(std::uint64_t cells) const {
    for (std::uint64_t clients : {1U, 2U, 4U, 7U}) {
      for (std::uint64_t browsers : {1U, 2U, 4U, 7U}) {
        const std::uint64_t group = cells_of({"", clients, browsers});
        if (size_of(group & ~cells) == 0 && size_of(cells & ~group) == 0) return true;
      }
    }
    return false;
  }

  // The cells of a row, whose first columns are the names.
  static std::uint64_t group_of(const std::vector<Value>& row) {
    Term group{"", 7, 7};
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      const char value = std::get<std::string>(row[i])[0];
      if (value >= 'a') group.clients = std::uint64_t{1} << (value - 'a');
      if (value < 'a') group.browsers = std::uint64_t{1} << (value - 'A');
    }
    return cells_of(group);
  }

  void ask(const std::string& where, std::uint64_t cells, Store& store) {
    for (const std::string names :
         {"", "client", "browser", "client, browser", "browser, client"}) {
      const std::string text = "SELECT " + names + (names.empty() ? "" : ", ") +
                               "count(*) FROM events" + where +
                               (names.empty() ? "" : " GROUP BY ") + names;
      Options options;
      options.now_ms = kNow;
      options.min_group_size = kMin;
      const auto table = run(parse(text).value().front(), store, options);
      ASSERT_TRUE(table.ok()) << table.error().message;
      for (const std::vector<Value>& row : table.value().rows) {
        if (std::holds_alternative<std::monostate>(row.back())) continue;
        const std::uint64_t shown = cells & group_of(row);
        EXPECT_EQ(to_text(row.back(), Type::kInt8), std::to_string(size_of(shown))) << text;
        answered_.emplace(shown, text);
      }
    }
  }

  std::vector<std::uint64_t> sizes_;  // [client * kValues + browser]
  Answered answered_;
};

TEST_P(Attack, NoTwoAnswersDifferByASmallGroup) {
  const Term terms[] = {{"client = 'a'", 1, 7},
                        {"client <> 'a'", 6, 7},
                        {"NOT client = 'b'", 5, 7},
                        {"client IN ('b', 'c')", 6, 7},
                        {"client NOT IN ('b', 'c')", 1, 7},
                        {"client = 'c'", 4, 7},
                        {"browser = 'A'", 7, 1},
                        {"browser <> 'A'", 7, 6},
                        {"browser IN ('A', 'B')", 7, 3},
                        {"NOT browser IN ('A', 'C')", 7, 2},
                        {"client IN ('a', 'b') AND browser <> 'C'", 3, 3},
                        {"rp <> ''", 7, 7}};
  test::ModelStore store(events());
  ask("", cells_of({"", 7, 7}), store);
  for (const Term& one : terms) {
    for (const Term& other : terms) {
      const std::string left = " WHERE (" + std::string(one.text) + ") ";
      const std::string right = " (" + std::string(other.text) + ")";
      ask(left + "AND" + right, cells_of(one) & cells_of(other), store);
      ask(left + "OR" + right, cells_of(one) | cells_of(other), store);
      ask(left + "AND NOT" + right, cells_of(one) & ~cells_of(other), store);
    }
  }
  for (const auto& [inner, less] : answered_) {
    for (const auto& [outer, more] : answered_) {
      if ((inner & ~outer) != 0) continue;
      const std::uint64_t rest = outer & ~inner;
      const bool of_groups = (less + more).find("GROUP BY") != std::string::npos;
      EXPECT_FALSE(is_small(rest) && (!of_groups || is_one_group(rest)))
          << more << " less " << less << " are " << size_of(rest);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Attack, testing::Range<std::uint64_t>(1, 31));

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
