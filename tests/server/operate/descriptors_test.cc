// Promise P11: clients never take the file descriptors that the store needs.
#include "server/operate/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace kpi::server {
namespace {

TEST(Descriptors, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lower = before;
  lower.rlim_cur = before.rlim_max / 2;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Descriptors, ConnectionsLeaveRoomForTheStore) {
  EXPECT_EQ(connections_within(524'288, 8192, 100), 8192U);
  EXPECT_EQ(connections_within(10'596, 8192, 100), 8192U);
  EXPECT_EQ(connections_within(10'595, 8192, 100), 8184U);
  EXPECT_EQ(connections_within(1024, 8192, 100), 360U);
  EXPECT_EQ(connections_within(256, 8192, 100), 32U);
  EXPECT_EQ(connections_within(256, 20, 100), 20U);
  EXPECT_EQ(connections_within(0, 50, 100), 1U);
}

}  // namespace
}  // namespace kpi::server
