#include "server/operate/log.h"

#include <gtest/gtest.h>

namespace kpi::server {
namespace {

TEST(Log, OneLineAnEventWhateverTheValue) {
  EXPECT_EQ(log_line("ready", {}), "ready");
  EXPECT_EQ(log_line("opened", {{"ms", "12"}, {"dir", "/var/lib/kpi"}}),
            "opened ms=12 dir=/var/lib/kpi");
  EXPECT_EQ(log_line("x", {{"a", ""}, {"b", "two words"}, {"c", "\"\\\n\x1b"}}),
            "x a=\"\" b=\"two words\" c=\"\\\"\\\\\\x0a\\x1b\"");
}

}  // namespace
}  // namespace kpi::server
