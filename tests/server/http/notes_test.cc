// Notes of a statement as headers.
#include "server/http/notes.h"

#include <gtest/gtest.h>

namespace kpi::server {
namespace {

TEST(Notes, AreALineEach) {
  EXPECT_EQ(note_headers({}), "");
  EXPECT_EQ(note_headers({"a", "95 % of b"}), "Kpi-Note: a\r\nKpi-Note: 95 % of b\r\n");
}

TEST(Notes, CannotEndTheirLine) {
  EXPECT_EQ(note_headers({"a\r\nSet-Cookie: b\x7F\xC3\xA9"}),
            "Kpi-Note: a??Set-Cookie: b?\xC3\xA9\r\n");
}

TEST(Notes, AreLeftOutWhereTheyDoNotFit) {
  const std::size_t around = std::string("Kpi-Note: \r\n").size();
  const std::string widest(kNoteHeadersBytesMax - around, 'x');
  EXPECT_EQ(note_headers({widest}), "Kpi-Note: " + widest + "\r\n");
  EXPECT_EQ(note_headers({widest + 'x'}), "Kpi-Note: 1 notes left out\r\n");
  const std::string many = note_headers(std::vector<std::string>(1000, std::string(90, 'x')));
  EXPECT_LE(many.size(), kNoteHeadersBytesMax);
  EXPECT_NE(many.find(" notes left out\r\n"), std::string::npos);
}

}  // namespace
}  // namespace kpi::server
