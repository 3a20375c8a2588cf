#include "server/admission/label_alias.h"

#include <gtest/gtest.h>

#include "kpi/limits.h"
#include "server/admission/label_gate.h"

namespace kpi::server {
namespace {

TEST(LabelAlias, SplitsAtTheFirstColonAndTheFirstEqualsSign) {
  const auto alias = parse_label_alias("os:Windows NT 6.1=Windows 7=x:y");
  ASSERT_TRUE(alias.ok());
  EXPECT_EQ(alias.value().label, "os");
  EXPECT_EQ(alias.value().value, "Windows NT 6.1");
  EXPECT_EQ(alias.value().stored, "Windows 7=x:y");
}

TEST(LabelAlias, RefusesWhatIsNone) {
  for (const char* text : {"", "os", "os:", "os:a", "a=b", "a=b:c", ":a=b", "os:=b", "os:a="}) {
    EXPECT_FALSE(parse_label_alias(text).ok()) << text;
  }
}

TEST(LabelAlias, NamesAndValuesHaveTheStoresLimits) {
  const std::string label(kLabelNameBytesMax, 'l'), value(kLabelValueBytesMax, 'v');
  EXPECT_TRUE(parse_label_alias(label + ":" + value + "=" + value).ok());
  EXPECT_FALSE(parse_label_alias(label + "l:" + value + "=" + value).ok());
  EXPECT_FALSE(parse_label_alias(label + ":" + value + "v=" + value).ok());
  EXPECT_FALSE(parse_label_alias(label + ":" + value + "=" + value + "v").ok());
}

TEST(LabelAlias, WindowsIsNamedAsItsUsersDo) {
  LabelGate gate(default_label_rules());
  const std::uint32_t os = gate.find("os").value();
  EXPECT_EQ(gate.admit(os, "Windows NT 5.1"), "Windows XP");
  EXPECT_EQ(gate.admit(os, "Windows NT 6.0"), "Windows Vista");
  EXPECT_EQ(gate.admit(os, "Windows NT 6.1"), "Windows 7");
  EXPECT_EQ(gate.admit(os, "Windows NT 6.2"), "Windows 8");
  EXPECT_EQ(gate.admit(os, "Windows NT 6.3"), "Windows 8.1");
  EXPECT_EQ(gate.admit(os, "Windows NT 10.0"), "Windows 10");
  EXPECT_EQ(gate.admit(os, "iPhone"), "iOS");
  EXPECT_EQ(gate.admit(os, "Linux"), "Linux");
  EXPECT_EQ(gate.admit(gate.find("browser").value(), "iPhone"), "iPhone");
  EXPECT_EQ(gate.folded(), 0U);
}

TEST(LabelAlias, ComesBeforeTheAllowList) {
  LabelGate gate({{"os", {"Windows 7", "Windows NT 6.2"}}});
  EXPECT_EQ(gate.admit(0, "Windows NT 6.1"), "Windows 7");
  EXPECT_EQ(gate.admit(0, "Windows NT 6.2"), kOtherValue);  // Windows 8 is not on it.
}

TEST(LabelAlias, ValuesOfOneAliasCountOnce) {
  LabelGate gate({{"os", {}, 1}}, {{"os", "a", "x"}, {"os", "b", "x"}});
  EXPECT_EQ(gate.admit(0, "a"), "x");
  EXPECT_EQ(gate.admit(0, "b"), "x");
  EXPECT_EQ(gate.admit(0, "x"), "x");
  EXPECT_EQ(gate.admit(0, "y"), kOtherValue);
}

TEST(LabelAlias, LaterOnesWinAndThereAreNoChains) {
  LabelGate gate({{"os"}},
                 {{"os", "a", "b"}, {"os", "b", "c"}, {"os", "a", "d"}, {"os", "e", "b"}});
  EXPECT_EQ(gate.admit(0, "a"), "d");
  EXPECT_EQ(gate.admit(0, "e"), "b");
  EXPECT_EQ(gate.admit(0, "b"), "c");
}

TEST(LabelAlias, AnAliasToItselfSwitchesABuiltInOneOff) {
  std::vector<LabelAlias> aliases = default_label_aliases();
  aliases.push_back({"os", "iPad", "iPad"});
  aliases.push_back({"nothing", "a", "b"});
  LabelGate gate({{"os"}}, aliases);
  EXPECT_EQ(gate.admit(0, "iPad"), "iPad");
  EXPECT_EQ(gate.admit(0, "iPod"), "iOS");
}

}  // namespace
}  // namespace kpi::server
