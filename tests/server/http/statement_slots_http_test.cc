// Threat "query DoS": the statements of a user that are under way are bounded over HTTP, too, and
// that of a client that goes away stops.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class StatementsOfAUser : public HttpTest {
 protected:
  StatementsOfAUser() {
    options_.slots = &slots_;
    runner_ = [this](const std::string& statement, QueryFormat, bool, std::stop_token stop) {
      if (statement == "endless") {
        std::promise<void> stopped;
        const std::stop_callback callback(stop, [&] { stopped.set_value(); });
        started_.set_value();
        stopped.get_future().wait();
      }
      return QueryAnswer{200, "text/plain", statement, {}};
    };
  }
  static std::string query(const std::string& text) {
    return post("/v1/query", text, "Content-Type: text/plain\r\n");
  }

  auth::StatementSlots slots_{1};
  std::promise<void> started_;
};

TEST_F(StatementsOfAUser, AreBoundedUntilItsClientGoesAway) {
  start();
  auto first = std::make_unique<TestClient>(name());
  first->send(query("endless"));
  started_.get_future().wait();
  TestClient second(name());
  const std::string refused = second.exchange(query("short"));
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  EXPECT_NE(body_of(refused).find("too-many-statements"), std::string::npos);
  EXPECT_EQ(slots_.under_way(), 1U);
  EXPECT_EQ(slots_.refused(), 1U);
  first.reset();
  while (slots_.under_way() > 0) std::this_thread::yield();
  EXPECT_EQ(status_of(second.exchange(query("short"))), 200);
}

}  // namespace
}  // namespace kpi::server
