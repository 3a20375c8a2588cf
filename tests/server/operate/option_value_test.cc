#include <gtest/gtest.h>

#include <set>

#include "server/operate/option_table.h"

namespace kpi::server {
namespace {

Status set(ServerOptions& options, const char* name, std::string text) {
  const OptionRow* row = find_option(name);
  if (row == nullptr) return Error{ErrorCode::kNotFound, name};
  return set_option(options, *row, std::vector<std::string>{std::move(text)});
}

TEST(OptionValue, SizesTakeUnitsAndTimesNeedThem) {
  ServerOptions options;
  ASSERT_TRUE(set(options, "body-max", "32KiB").ok());
  EXPECT_EQ(options.body_bytes_max, 32U << 10);
  ASSERT_TRUE(set(options, "body-max", "10kB").ok());
  EXPECT_EQ(options.body_bytes_max, 10'000U);
  ASSERT_TRUE(set(options, "journal-max", "1M").ok());
  EXPECT_EQ(options.journal_bytes_max, 1U << 20);
  ASSERT_TRUE(set(options, "body-max", "4096").ok());
  EXPECT_EQ(options.body_bytes_max, 4096U);
  ASSERT_TRUE(set(options, "idle-timeout", "1500ms").ok());
  EXPECT_EQ(options.idle_timeout_ms, 1500U);
  ASSERT_TRUE(set(options, "idle-timeout", "2m").ok());
  EXPECT_EQ(options.idle_timeout_ms, 120'000U);
  for (const char* wrong : {"5", "s", "5 s", "-5s", "5sec", "", "99999999999999999999s"}) {
    EXPECT_FALSE(set(options, "idle-timeout", wrong).ok()) << wrong;
  }
  EXPECT_TRUE(set(options, "settle", "0").ok());  // Nothing has no unit.
}

TEST(OptionValue, EveryNumberHasBoundsThatHold) {
  for (const OptionRow& row : option_table()) {
    const auto* field = std::get_if<std::uint64_t ServerOptions::*>(&row.field);
    if (field == nullptr) continue;
    const std::string unit = row.kind == OptionKind::kDuration ? "ms" : "";
    const std::string name(row.name);
    ServerOptions options;
    EXPECT_GE(options.**field, row.min) << name;
    EXPECT_LE(options.**field, row.max) << name;
    EXPECT_TRUE(set(options, name.c_str(), std::to_string(row.max) + unit).ok()) << name;
    EXPECT_FALSE(set(options, name.c_str(), std::to_string(row.max + 1) + unit).ok()) << name;
    EXPECT_TRUE(set(options, name.c_str(), std::to_string(row.min) + unit).ok()) << name;
    if (row.min > 0) {
      EXPECT_FALSE(set(options, name.c_str(), std::to_string(row.min - 1) + unit).ok()) << name;
    }
  }
}

TEST(OptionValue, TextOfEveryDefaultReadsBack) {
  const ServerOptions defaults;
  for (const OptionRow& row : option_table()) {
    if (row.kind == OptionKind::kList) continue;
    ServerOptions options;
    const std::string text = option_text(defaults, row);
    ASSERT_TRUE(set(options, std::string(row.name).c_str(), text).ok()) << row.name << text;
    EXPECT_EQ(option_text(options, row), text);
  }
}

TEST(OptionValue, ChoicesAndFlags) {
  ServerOptions options;
  EXPECT_TRUE(set(options, "durability", "os").ok());
  EXPECT_FALSE(set(options, "durability", "o").ok());
  EXPECT_FALSE(set(options, "durability", "").ok());
  EXPECT_TRUE(set(options, "require-webidentity", "on").ok());
  EXPECT_TRUE(options.require_webidentity);
  EXPECT_FALSE(set(options, "require-webidentity", "maybe").ok());
}

TEST(OptionValue, TextIsWhatAConfigurationFileCanSay) {
  ServerOptions options;
  EXPECT_TRUE(set(options, "data-dir", "/var/lib/it's \xC3\xA9").ok());
  EXPECT_FALSE(set(options, "data-dir", "/var/lib/\"x\"").ok());
  EXPECT_FALSE(set(options, "data-dir", "/var\n").ok());
  EXPECT_FALSE(set(options, "data-dir", "/var\x7F").ok());
  EXPECT_FALSE(set(options, "label-alias", "os:\"=x").ok());
}

TEST(OptionTable, NamesAreUniqueAndDescribed) {
  std::set<std::string_view> names;
  for (const OptionRow& row : option_table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.help.empty()) << row.name;
    EXPECT_FALSE(row.group.empty()) << row.name;
  }
  EXPECT_EQ(environment_name(*find_option("header-timeout")), "KPI_HEADER_TIMEOUT");
}

}  // namespace
}  // namespace kpi::server
