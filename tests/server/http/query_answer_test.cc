// Answers of POST /v1/query that are larger than one piece, and clients that go away.
#include <future>
#include <memory>

#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class QueryAnswers : public HttpTest {
 protected:
  // Answers `pieces` times kPiece, the first of them at once.
  void answer_in(std::size_t pieces) {
    runner_ = [pieces](const std::string&, QueryFormat, bool, std::stop_token) {
      QueryAnswer answer{200, "text/plain", kPiece, {}};
      answer.more = [left = std::make_shared<std::size_t>(pieces - 1)](std::string& out) {
        out += kPiece;
        return --*left != 0 ? Piece::kMore : Piece::kLast;
      };
      return answer;
    };
  }
  inline static const std::string kPiece = std::string(100'000, 'x') + "\n";
};

TEST_F(QueryAnswers, LargeOnesComeInChunksAndTheConnectionLivesOn) {
  answer_in(30);
  start();
  TestClient client(name());
  client.send(post("/v1/query", "SHOW RPS") + get("/wsapi/ping"));
  const std::string answer = client.receive();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(header_of(answer, "Transfer-Encoding"), "chunked");
  EXPECT_EQ(header_of(answer, "Content-Length"), "");
  std::string whole;
  for (int i = 0; i < 30; ++i) whole += kPiece;
  EXPECT_EQ(body_of(answer), whole);
  EXPECT_EQ(status_of(client.receive()), 200);  // The ping, in its turn.
}

TEST_F(QueryAnswers, OldClientsReadToTheEnd) {
  answer_in(30);
  start();
  TestClient client(name());
  client.send("POST /v1/query HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nSHOW");
  const std::string answer = client.rest();
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  EXPECT_EQ(header_of(answer, "Transfer-Encoding"), "");
  EXPECT_EQ(body_of(answer).size(), 30 * kPiece.size());
}

TEST_F(QueryAnswers, AClientThatGoesAwayStopsItsStatement) {
  std::promise<void> started, stopped;
  runner_ = [&](const std::string&, QueryFormat, bool, std::stop_token stop) {
    started.set_value();
    std::promise<void> asked;
    const std::stop_callback callback(stop, [&] { asked.set_value(); });
    asked.get_future().wait();
    stopped.set_value();
    return QueryAnswer{504, {}, {}, {}};
  };
  options_.query.timeout = std::chrono::minutes(5);
  start();
  {
    TestClient client(name());
    client.send(post("/v1/query", "SHOW RPS"));
    started.get_future().wait();
  }
  EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST_F(QueryAnswers, AClientThatSendsAheadIsThere) {
  std::promise<void> started, go_on;
  runner_ = [&](const std::string&, QueryFormat, bool, std::stop_token stop) {
    started.set_value();
    go_on.get_future().wait();
    return QueryAnswer{200, "text/plain", stop.stop_requested() ? "stopped" : "answered", {}};
  };
  start();
  TestClient client(name());
  client.send(post("/v1/query", "SHOW RPS"));
  started.get_future().wait();
  client.send(get("/wsapi/ping"));
  TestClient other(name());
  EXPECT_EQ(status_of(other.exchange(get("/wsapi/ping"))), 200);  // The bytes have been seen.
  go_on.set_value();
  EXPECT_EQ(body_of(client.receive()), "answered");
  EXPECT_EQ(status_of(client.receive()), 200);
}

}  // namespace
}  // namespace kpi::server
