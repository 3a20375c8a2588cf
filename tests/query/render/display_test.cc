#include "query/render/display.h"

#include <gtest/gtest.h>

namespace kpi::query {
namespace {

TEST(Display, ControlBytesAreEscapedAndTextIsLeftAlone) {
  EXPECT_EQ(printable("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(printable("\xC2\x9B"), "\\u009b");      // C1: what an 8-bit terminal takes for ESC [.
  EXPECT_EQ(printable("\xE2\x80\xAE"), "\\u202e");  // Right-to-left override.
  EXPECT_EQ(printable("\xF3\xA0\x81\x81"), "\\U000e0041");
}

TEST(Display, BytesThatAreNotUtf8AreEscapedOneByOne) {
  EXPECT_EQ(printable("\xFF"), "\\xff");
  EXPECT_EQ(printable("\xC3"), "\\xc3");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");                    // Overlong.
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // Surrogate.
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // Beyond U+10FFFF.
  EXPECT_EQ(printable("\xE2\x82"), "\\xe2\\x82");
}

TEST(Display, NoByteStringMakesAnUnprintableOne) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      const std::string shown = printable(bytes);
      for (const char c : shown) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
      ASSERT_EQ(printable(shown), shown);
    }
  }
}

TEST(Display, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\xC3\xA9"), 1U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);
  EXPECT_EQ(display_width("\xE6\x97\xA5"), 2U);
}

TEST(Display, TruncationFitsAndKeepsWholeCharacters) {
  EXPECT_EQ(truncate_to_width("abcdef", 6, "…"), "abcdef");
  EXPECT_EQ(truncate_to_width("abcdef", 5, "…"), "abcd…");
  EXPECT_EQ(truncate_to_width("日本語", 4, "…"), "日…");
  EXPECT_EQ(truncate_to_width("abcdef", 2, "..."), "");
}

}  // namespace
}  // namespace kpi::query
