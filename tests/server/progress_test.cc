// Upkeep: the watchdog is fed only while every part that serves gets on.
#include "server/progress.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/engine/store_events.h"
#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

template <class Condition>
bool comes_true(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class ProgressTest : public testing::Test {
 protected:
  ProgressTest() : engine_(test::open(test::options_in(dir_))), labels_(default_label_rules()) {
    HttpOptions options;
    options.io_threads = 1;
    http_.emplace(std::move(options), labels_, health_);
    EXPECT_TRUE(http_->listen(parse_endpoint("127.0.0.1:0").value()).ok());
    http_->start([this] {
      asked_.set_value();
      go_on_.get_future().wait();
      return std::string("page\n");
    });
  }
  ~ProgressTest() override {
    EXPECT_TRUE(engine_->close().ok());
    http_->stop();
  }

  const TempDir dir_;
  const std::unique_ptr<Engine> engine_;
  LabelGate labels_;
  Health health_;
  std::promise<void> asked_, go_on_;
  std::optional<HttpServer> http_;
};

TEST_F(ProgressTest, PartsThatGetOnAnswerAgainAndAgain) {
  Progress progress(*engine_, *http_);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(comes_true([&] { return progress.check(); }));
  EXPECT_TRUE(engine_->close().ok());
}

TEST_F(ProgressTest, AnIoThreadThatStandsStillIsNoticed) {
  Progress progress(*engine_, *http_);
  EXPECT_TRUE(progress.check());
  TestClient client(http_->names().front());
  client.send(get("/metrics"));
  asked_.get_future().wait();  // The io thread is in the page now.
  int fed = 0;
  for (int i = 0; i < 1'000'000; ++i) fed += progress.check() ? 1 : 0;
  EXPECT_LE(fed, 1) << "for what was answered before";
  go_on_.set_value();
  EXPECT_TRUE(comes_true([&] { return progress.check(); }));
  EXPECT_TRUE(engine_->close().ok());
}

}  // namespace
}  // namespace kpi::server
