#include "engine/read/like.h"

#include <gtest/gtest.h>

#include <string>

namespace kpi {
namespace {

TEST(Like, PercentStandsForAnyRun) {
  EXPECT_TRUE(like_matches("", "%"));
  EXPECT_TRUE(like_matches("abc", "%"));
  EXPECT_TRUE(like_matches("abc", "a%"));
  EXPECT_TRUE(like_matches("abc", "%c"));
  EXPECT_TRUE(like_matches("abc", "%%b%%"));
  EXPECT_TRUE(like_matches("aXbXc", "a%b%c"));
  EXPECT_TRUE(like_matches("abab", "%ab"));
  EXPECT_FALSE(like_matches("abc", "%b"));
  EXPECT_FALSE(like_matches("abc", "b%"));
}

TEST(Like, AllOfTheTextMustMatch) {
  EXPECT_TRUE(like_matches("", ""));
  EXPECT_TRUE(like_matches("abc", "abc"));
  EXPECT_FALSE(like_matches("abc", "ab"));
  EXPECT_FALSE(like_matches("ab", "abc"));
  EXPECT_FALSE(like_matches("a", ""));
  EXPECT_FALSE(like_matches("ABC", "abc"));
}

TEST(Like, UnderscoreStandsForOneCharacterOfAnyLength) {
  EXPECT_TRUE(like_matches("caf\xC3\xA9", "caf_"));
  EXPECT_FALSE(like_matches("caf\xC3\xA9", "caf__"));
  EXPECT_TRUE(like_matches("\xF0\x9F\x98\x80x", "_x"));
  EXPECT_FALSE(like_matches("\xC3\xA9", "%__"));
  EXPECT_TRUE(like_matches("\xC3\xA9z", "%_z"));
  EXPECT_FALSE(like_matches("", "_"));
}

TEST(Like, BackslashTakesTheNextLiterally) {
  EXPECT_TRUE(like_matches("50%", "50\\%"));
  EXPECT_FALSE(like_matches("50x", "50\\%"));
  EXPECT_TRUE(like_matches("a_b", "a\\_b"));
  EXPECT_FALSE(like_matches("axb", "a\\_b"));
  EXPECT_TRUE(like_matches("a\\b", "a\\\\b"));
  EXPECT_TRUE(like_matches("axb", "a\\xb"));
  EXPECT_TRUE(like_matches("a\\", "a\\"));
}

TEST(Like, DamagedUtf8Ends) {
  EXPECT_TRUE(like_matches("\xFF\xFE", "__"));
  EXPECT_TRUE(like_matches("\x80\x80", "_"));
  EXPECT_FALSE(like_matches("\x80\x80", "%a"));
}

TEST(Like, ManyPercentsTakePolynomialTime) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "%a";
  EXPECT_FALSE(like_matches(std::string(512, 'a') + "b", pattern));
}

}  // namespace
}  // namespace kpi
