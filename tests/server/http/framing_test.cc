// How requests are cut out of bytes, over a real socket.
#include "tests/server/http/http_fixture.h"

namespace kpi::server {
namespace {

class Framing : public HttpTest {};

std::string chunked(const std::string& body, std::size_t step) {
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += step) {
    const std::string part = body.substr(at, step);
    char size[20];
    std::snprintf(size, sizeof size, "%zx;ext=\"1\"\r\n", part.size());
    out += size + part + "\r\n";
  }
  return out + "0\r\nOrigin: https://trailer.example\r\n\r\n";
}

std::string chunked_post(const std::string& path, const std::string& chunks) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
         "Transfer-Encoding: chunked\r\n\r\n" +
         chunks;
}

TEST_F(Framing, SixteenPipelinedRequestsSplitAtEveryByteKeepTheirOrder) {
  start();
  std::string stream;
  std::vector<int> expected;
  for (int i = 0; i < 4; ++i) {
    stream += post("/metrics", kSuccess) + get("/wsapi/ping") + get("/nowhere") +
              chunked_post("/metrics_endpoint", chunked(kSuccess, 7));
    expected.insert(expected.end(), {204, 200, 404, 204});
  }
  TestClient client(name());
  for (std::size_t split = 1; split < stream.size(); split += split < 700 ? 1 : 13) {
    client.send(stream.substr(0, split));
    client.send(stream.substr(split));
    for (const int status : expected) ASSERT_EQ(status_of(client.receive()), status) << split;
  }
}

TEST_F(Framing, OneByteAtATime) {
  start();
  TestClient client(name());
  const std::string stream =
      post("/metrics", kSuccess) + chunked_post("/metrics", chunked(kSuccess, 30));
  for (const char byte : stream) client.send(std::string(1, byte));
  EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_EQ(port_.events_submitted(), 2U);
}

TEST_F(Framing, ABodyOfNoChunksMayComeByteByByte) {
  start();
  const std::string head = chunked_post("/metrics", "");
  for (const std::string end : {"0\r\n\r\n", "0;x=y\r\n\r\n", "0\r\na: b\r\n\r\n"}) {
    TestClient client(name());
    const int status = status_of(client.exchange(head + end));
    for (int round = 0; round < 20; ++round) {
      client.send(head);
      for (const char byte : end) client.send(std::string(1, byte));
      ASSERT_EQ(status_of(client.receive()), status) << end;
    }
  }
}

TEST_F(Framing, WhatSmugglingNeedsIsRefusedAndTheConnectionClosed) {
  start();
  const std::string line = "POST /metrics HTTP/1.1\r\n";
  const std::string host = "Host: x\r\n", body = kSuccess;
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const struct {
    const char* what;
    std::string request;
    int status;
  } kCases[] = {
      {"CL and TE", line + host + length + "Transfer-Encoding: chunked\r\n\r\n" + body, 400},
      {"TE and CL", line + host + "Transfer-Encoding: chunked\r\n" + length + "\r\n" + body, 400},
      {"two CL", line + host + length + "Content-Length: 3\r\n\r\n" + body, 400},
      {"CL twice", line + host + length + length + "\r\n" + body, 400},
      {"CL list", line + host + "Content-Length: 3, 4\r\n\r\n" + body, 400},
      {"CL list of one", line + host + "Content-Length: 3, 3\r\n\r\nabc", 400},
      {"CL sign", line + host + "Content-Length: +3\r\n\r\nabc", 400},
      {"CL hex", line + host + "Content-Length: 0x3\r\n\r\nabc", 400},
      {"CL huge", line + host + "Content-Length: 99999999999999999999\r\n\r\nabc", 400},
      {"TE twice", line + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"TE other", line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"TE unknown", line + host + "Transfer-Encoding: xchunked\r\n\r\n", 501},
      {"TE in 1.0", "POST /metrics HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"folded", line + host + "X-A: 1\r\n b\r\n" + length + "\r\n" + body, 400},
      {"folded empty", line + host + "X-A:\r\n b\r\n" + length + "\r\n" + body, 400},
      {"folded CL", line + host + "Content-Length:\r\n 3\r\n\r\nabc", 400},
      {"bare LF line", line + "Host: x\n" + length + "\r\n" + body, 400},
      {"bare LF all", "GET / HTTP/1.1\nHost: x\n\n", 400},
      {"bare LF start", "POST /metrics HTTP/1.1\n" + host + length + "\r\n" + body, 400},
      {"blank before colon", line + host + "Content-Length : 3\r\n\r\nabc", 400},
      {"no Host", line + length + "\r\n" + body, 400},
      {"two Hosts", line + host + host + length + "\r\n" + body, 400},
      {"control byte", line + host + std::string("X: a\0b\r\n", 8) + length + "\r\n" + body, 400},
      {"blank in target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 505},
      {"no slash", "GET metrics HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"fragment", "GET /wsapi/ping#/x HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"no ASCII", "GET /wsapi/ping?\xE4 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"scheme", "GET ftp://x/wsapi/ping HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"URL in a query", "GET y?x://y/wsapi/ping HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"URL without host", "GET http:///wsapi/ping HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"URL with user", "GET http://u@x/wsapi/ping HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"Host list", "GET /wsapi/ping HTTP/1.1\r\nHost: x,y\r\n\r\n", 400},
      {"Host path", "GET /wsapi/ping HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
      {"Host port", "GET /wsapi/ping HTTP/1.1\r\nHost: x:8o\r\n\r\n", 400},
      {"two Origins",
       line + host + "Origin: https://a.b\r\nOrigin: https://a.b\r\n" + length + "\r\n" + body,
       400},
      {"version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"TLS", std::string("\x16\x03\x01\x02\r\n\r\n", 8), 400},
      {"expectation", line + host + length + "Expect: 200-ok\r\n\r\n" + body, 417},
      {"bad chunk", chunked_post("/metrics", "zz\r\nabc\r\n0\r\n\r\n"), 400},
      {"chunk without CRLF", chunked_post("/metrics", "3\r\nabcd0\r\n\r\n"), 400},
      {"chunk size overflow", chunked_post("/metrics", "fffffffffffffffff\r\nabc"), 400},
      {"LF in an extension", chunked_post("/metrics", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), 400},
      {"long extension", chunked_post("/metrics", "3;" + std::string(257, 'a') + "\r\nabc\r\n"),
       400},
      {"CL in trailer", chunked_post("/metrics", "0\r\nContent-Length: 5\r\n\r\n"), 400},
  };
  for (const auto& each : kCases) {
    TestClient client(name());
    client.send(each.request + get("/wsapi/ping"));
    const std::string answer = client.receive();
    EXPECT_EQ(status_of(answer), each.status) << each.what << "\n" << answer;
    EXPECT_EQ(header_of(answer, "Connection"), "close") << each.what;
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json") << each.what;
    EXPECT_TRUE(client.closed()) << each.what;
  }
  EXPECT_EQ(port_.events_submitted(), 0U);
  expect_identity(page());
}

TEST_F(Framing, HarmlessOdditiesAreTaken) {
  start();
  const std::string length = "Content-Length: " + std::to_string(std::string(kSuccess).size());
  for (const std::string& request :
       {"\r\n\r\n" + post("/metrics", kSuccess), post("http://x/metrics?n=1", kSuccess),
        post("HTTPS://[::1]:80/metrics", kSuccess),
        "POST /metrics HTTP/1.1\r\nhOST:x\r\n" + length +
            "\r\nContent-Type:\tapplication/x-www-form-urlencoded \r\n\r\n" + kSuccess}) {
    TestClient client(name());
    EXPECT_EQ(status_of(client.exchange(request)), 204) << request;
    EXPECT_EQ(status_of(client.exchange(get("/wsapi/ping"))), 200);
  }
}

TEST_F(Framing, ContinueIsAnsweredOnlyWhereTheBodyIsAwaited) {
  start();
  const std::string request = post("/metrics", kSuccess,
                                   "Content-Type: application/x-www-form-urlencoded\r\n"
                                   "Expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;
  TestClient client(name());
  client.send(request.substr(0, head));
  EXPECT_EQ(status_of(client.receive()), 100);
  client.send(request.substr(head));
  EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_EQ(status_of(client.exchange(request)), 204);  // The body came along: no interim answer.
  TestClient large(name());
  large.send(
      "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(large.receive()), 413);
}

TEST_F(Framing, ConnectionSemanticsOfBothVersions) {
  start();
  const struct {
    std::string request;
    const char* connection;
  } kCases[] = {
      {"GET /wsapi/ping HTTP/1.1\r\nHost: x\r\n\r\n", ""},
      {"GET /wsapi/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close"},
      {"GET /wsapi/ping HTTP/1.0\r\n\r\n", "close"},
      {"GET /wsapi/ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive"},
  };
  for (const auto& each : kCases) {
    TestClient client(name());
    const std::string answer = client.exchange(each.request);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Connection"), each.connection) << each.request;
    if (std::string(each.connection) == "close") {
      EXPECT_TRUE(client.closed());
    } else {
      EXPECT_EQ(status_of(client.exchange(get("/wsapi/ping"))), 200);
    }
  }
}

TEST_F(Framing, RequestsBehindACloseAreNotRead) {
  start();
  TestClient client(name());
  client.send(post("/metrics", kSuccess,
                   "Connection: close\r\nContent-Type: "
                   "application/x-www-form-urlencoded\r\n") +
              post("/metrics", kSuccess));
  EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(port_.events_submitted(), 1U);
}

TEST_F(Framing, HalfClosedClientsGetTheirAnswer) {
  start();
  TestClient client(name());
  client.send(post("/metrics", kSuccess));
  client.finish_sending();
  EXPECT_EQ(status_of(client.receive()), 204);
  EXPECT_TRUE(client.closed());
}

TEST_F(Framing, BodiesAtTheLimitAndBeyond) {
  for (RouteRule& rule : options_.dialect.routes) rule.body_bytes_max = 40'000;
  start();
  for (const std::size_t size : {40'000U, 40'001U}) {
    const std::string body = kSuccess + std::string("&x=") + std::string(size, 'a');
    const std::string exact = body.substr(0, size);
    const int status = size == 40'000 ? 204 : 413;
    TestClient plain(name());
    EXPECT_EQ(status_of(plain.exchange(post("/metrics", exact))), status) << size;
    TestClient parts(name());
    EXPECT_EQ(status_of(parts.exchange(chunked_post("/metrics", chunked(exact, 9'999)))), status);
  }
  EXPECT_EQ(metric("kpi_events_rejected_total{reason=\"body_too_large\"}"), 2);
  EXPECT_EQ(metric("kpi_body_memory_bytes"), 0);
}

TEST_F(Framing, HeadersAtTheLimitAndBeyond) {
  options_.header_bytes_max = 1000;
  start();
  const std::size_t plain = get("/wsapi/ping", "X: \r\n").size();
  TestClient fits(name());
  EXPECT_EQ(
      status_of(fits.exchange(get("/wsapi/ping", "X: " + std::string(1000 - plain, 'a') + "\r\n"))),
      200);
  TestClient larger(name());
  EXPECT_EQ(status_of(larger.exchange(
                get("/wsapi/ping", "X: " + std::string(1001 - plain, 'a') + "\r\n"))),
            431);
  TestClient endless(name());
  endless.send("GET /wsapi/ping HTTP/1.1\r\nX: " + std::string(5000, 'a'));
  EXPECT_EQ(status_of(endless.receive()), 431);
  EXPECT_TRUE(endless.closed());
}

}  // namespace
}  // namespace kpi::server
