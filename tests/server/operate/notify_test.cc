// Upkeep: the service manager is told when the server is ready, reloads, stops and gets on.
#include "server/operate/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "tests/support/temp_dir.h"

namespace kpi::server {
namespace {

// A service manager's end of the socket.
class FakeManager {
 public:
  explicit FakeManager(const std::string& address) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address.data(), address.size());
    if (address[0] == '@') to.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    bound_ = ::bind(socket_, reinterpret_cast<const sockaddr*>(&to), size) == 0;
  }
  ~FakeManager() { ::close(socket_); }
  bool bound() const { return bound_; }
  // Empty: nothing came.
  std::string receive() {
    char text[4096];
    const ssize_t size = ::recv(socket_, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int socket_;
  bool bound_ = false;
};

void check_messages(const std::string& address) {
  FakeManager manager(address);
  ASSERT_TRUE(manager.bound());
  const Notifier notifier(address);
  ASSERT_TRUE(notifier.listens());
  notifier.ready("ready");
  EXPECT_EQ(manager.receive(), "READY=1\nSTATUS=ready");
  notifier.ping();
  EXPECT_EQ(manager.receive(), "WATCHDOG=1");
  notifier.reloading("again");
  const std::string reloading = manager.receive();
  EXPECT_EQ(reloading.rfind("RELOADING=1\nMONOTONIC_USEC=", 0), 0U) << reloading;
  EXPECT_NE(reloading.find("\nSTATUS=again"), std::string::npos);
  notifier.stopping("two\nlines");
  EXPECT_EQ(manager.receive(), "STOPPING=1\nSTATUS=two lines");
  EXPECT_EQ(manager.receive(), "");
}

TEST(Notifier, TellsThroughAPath) {
  const TempDir dir;
  check_messages((dir.path() / "notify").string());
}

TEST(Notifier, TellsThroughAnAbstractAddress) {
  check_messages("@kpi-notify-test-" + std::to_string(::getpid()));
}

TEST(Notifier, TellsNobodyWhereNobodyIsNamed) {
  EXPECT_FALSE(Notifier("").listens());
  EXPECT_FALSE(Notifier("relative").listens());
  EXPECT_FALSE(Notifier("@").listens());
  Notifier("").ready("x");
  Notifier("/nobody/listens/here").ready("x");
}

TEST(Notifier, TakesTheLongestAddressAndNoLonger) {
  const std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
  EXPECT_TRUE(Notifier('@' + std::string(most - 1, 'a')).listens());
  EXPECT_FALSE(Notifier('@' + std::string(most, 'a')).listens());
}

TEST(Notifier, DoesNotWaitForAManagerThatDoesNotRead) {
  const std::string address = "@kpi-notify-full-" + std::to_string(::getpid());
  FakeManager manager(address);
  ASSERT_TRUE(manager.bound());
  const Notifier notifier(address);
  for (int i = 0; i < 10'000; ++i) notifier.ping();
  EXPECT_EQ(manager.receive(), "WATCHDOG=1");
}

TEST(Notifier, ReadsTheEnvironment) {
  ::setenv("NOTIFY_SOCKET", "@somewhere", 1);
  ::setenv("WATCHDOG_USEC", "60000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_TRUE(Notifier::from_environment().listens());
  EXPECT_EQ(Notifier::from_environment().watchdog(), std::chrono::seconds(60));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Notifier::from_environment().watchdog().count(), 0) << "another process is watched";
  ::unsetenv("WATCHDOG_PID");
  EXPECT_EQ(Notifier::from_environment().watchdog(), std::chrono::seconds(60));
  for (const char* wrong : {"", "-1", "6e7", "99999999999999999999", "86400000001"}) {
    ::setenv("WATCHDOG_USEC", wrong, 1);
    EXPECT_EQ(Notifier::from_environment().watchdog().count(), 0) << wrong;
  }
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_FALSE(Notifier::from_environment().listens());
}

}  // namespace
}  // namespace kpi::server
