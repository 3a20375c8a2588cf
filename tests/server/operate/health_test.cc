#include "server/operate/health.h"

#include <gtest/gtest.h>

namespace kpi::server {
namespace {

TEST(Health, PhasesOnlyMoveForward) {
  Health health;
  EXPECT_EQ(health.phase(), Phase::kStarting);
  health.advance(Phase::kReady);
  EXPECT_TRUE(health.ready());
  health.advance(Phase::kFailed);
  health.advance(Phase::kClosing);
  health.advance(Phase::kReady);
  EXPECT_EQ(health.phase(), Phase::kFailed);
  EXPECT_EQ(to_string(health.phase()), "failed");
}

}  // namespace
}  // namespace kpi::server
