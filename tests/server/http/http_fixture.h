// A whole HTTP server on a free loopback port in front of a FakePort, and a client for it.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/http/http_server.h"
#include "tests/server/http/fake_port.h"
#include "tests/server/http/fake_records.h"

namespace kpi::server {

// One blocking connection with a deadline on every read; bytes in, bytes out.
class TestClient {
 public:
  explicit TestClient(const std::string& name);  // A listener's name.
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool send(const std::string& bytes);  // False: the server has closed.
  void finish_sending();
  // The next whole answer, headers and body; "" when the server has closed instead.
  std::string receive(bool head = false);
  std::string exchange(const std::string& request) {
    send(request);
    return receive();
  }
  std::string take(std::size_t bytes);  // Just so many, or what came before the end.
  std::string rest();                   // All bytes to the end of the stream.
  bool closed();                        // Waits for the end of the stream; false: more bytes came.

 private:
  bool fill();
  std::string receive_chunks(std::size_t at);

  int socket_ = -1;
  std::string buffer_;
};

int status_of(const std::string& answer);
std::string header_of(const std::string& answer, const std::string& name);
std::string body_of(const std::string& answer);

// `body` posted to `path`, with `headers` (whole lines with CRLF).
std::string post(
    const std::string& path, const std::string& body,
    const std::string& headers = "Content-Type: application/x-www-form-urlencoded\r\n");
std::string get(const std::string& path, const std::string& headers = {});
extern const char* const kSuccess;  // A Chrome v2 success report: one event.

class HttpTest : public testing::Test {
 protected:
  // Starts with `options_`; ready at once.
  void start();
  void TearDown() override;
  std::string name() const { return server_->names().front(); }
  std::string page();                      // Of GET /metrics, over its own connection.
  double metric(const std::string& line);  // A sample's value: `name{labels}`.
  // received == accepted + rejected on this page, summed line by line.
  void expect_identity(const std::string& page);

  HttpOptions options_;
  QueryRunner runner_ = [](const std::string& statement, QueryFormat format, bool,
                           std::stop_token) {
    const char* names[] = {"json", "csv", "ndjson"};
    return QueryAnswer{200, "text/plain", names[static_cast<int>(format)] + (": " + statement), {}};
  };
  FakeRecords records_;
  Health health_;
  std::unique_ptr<LabelGate> labels_;
  FakePort port_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace kpi::server
