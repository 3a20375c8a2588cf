#include <gtest/gtest.h>

#include "kpi/query.h"

namespace kpi::query {
namespace {

Error at(std::size_t position) {
  return {ErrorCode::kInvalidArgument, "expected ')', found 'by'", "close it", position};
}

TEST(ExplainError, ShowsLineColumnAndCaret) {
  EXPECT_EQ(explain_error(at(17), "SELECT\n  sum(cpu by host)\n FROM x"),
            "error at line 2, column 10: expected ')', found 'by'\n"
            "    sum(cpu by host)\n"
            "           ^\n"
            "hint: close it");
}

TEST(ExplainError, WithoutAPlaceIsMessageAndHint) {
  EXPECT_EQ(explain_error(at(0), "SELECT"), "error: expected ')', found 'by'\nhint: close it");
}

TEST(ExplainError, ColumnsAreCharactersAndTheCaretStandsUnderThePlace) {
  EXPECT_EQ(explain_error({ErrorCode::kInvalidArgument, "no", "", 6}, "'é' x"),
            "error at line 1, column 5: no\n  'é' x\n      ^");
}

TEST(ExplainError, ShowsOnlyTheNeighbourhoodInALongLine) {
  const std::string text = std::string(500, 'a') + "!" + std::string(500, 'b');
  const std::string shown = explain_error(at(501), text);
  EXPECT_LT(shown.size(), 350U);
  EXPECT_NE(shown.find("..." + std::string(60, 'a') + "!"), std::string::npos);
}

TEST(ExplainError, APlaceAnywhereIsHarmless) {
  for (const std::string_view text : {"", "\n", "x\n\x1b[2J\xC3"}) {
    for (std::size_t position = 1; position < 12; ++position) {
      EXPECT_EQ(explain_error(at(position), text).find('\x1b'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace kpi::query
