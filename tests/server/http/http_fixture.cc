#include "tests/server/http/http_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <cstring>
#include <sstream>

namespace kpi::server {
namespace {

constexpr int kReadSeconds = 20;

int connect_unix(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

int connect_tcp(const std::string& name) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const std::size_t colon = name.rfind(':');
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(name.substr(colon + 1))));
  ::inet_pton(AF_INET, name.substr(0, colon).c_str(), &address.sin_addr);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace

const char* const kSuccess =
    "outcome=success&time_to_show_ui=100&time_to_continue=200&time_to_receive_token=300"
    "&turnaround_time=600";

TestClient::TestClient(const std::string& name)
    : socket_(name.rfind("unix:", 0) == 0 ? connect_unix(name.substr(5)) : connect_tcp(name)) {
  const timeval limit{kReadSeconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

TestClient::~TestClient() { ::close(socket_); }

bool TestClient::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;  // It refused early: receive() will show its answer.
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void TestClient::finish_sending() { ::shutdown(socket_, SHUT_WR); }

bool TestClient::fill() {
  char bytes[16384];
  const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
  if (n > 0) buffer_.append(bytes, static_cast<std::size_t>(n));
  return n > 0;
}

std::string TestClient::receive(bool head) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  end += 4;
  const std::string head_text = buffer_.substr(0, end);
  const bool chunked = header_of(head_text, "Transfer-Encoding") == "chunked";
  if (!head && chunked) return receive_chunks(end);
  const std::string length = header_of(buffer_.substr(0, end), "Content-Length");
  const std::size_t size = end + (length.empty() || head ? 0 : std::stoul(length));
  while (buffer_.size() < size) {
    if (!fill()) return {};
  }
  std::string answer = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

// The answer without the marks of its chunks.
std::string TestClient::receive_chunks(std::size_t at) {
  std::string answer = buffer_.substr(0, at);
  for (;;) {
    std::size_t line = 0;
    while ((line = buffer_.find("\r\n", at)) == std::string::npos) {
      if (!fill()) return {};
    }
    const std::size_t size = std::stoul(buffer_.substr(at, line - at), nullptr, 16);
    at = line + 2;
    while (buffer_.size() < at + size + 2) {
      if (!fill()) return {};
    }
    answer.append(buffer_, at, size);
    at += size + 2;
    if (size == 0) break;
  }
  buffer_.erase(0, at);
  return answer;
}

std::string TestClient::take(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!fill()) return std::exchange(buffer_, {});
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

std::string TestClient::rest() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool TestClient::closed() {
  if (!buffer_.empty()) return false;
  char byte;
  const auto n = ::recv(socket_, &byte, 1, 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}

int status_of(const std::string& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

std::string header_of(const std::string& answer, const std::string& name) {
  const std::size_t begin = answer.find("\r\n" + name + ": ");
  if (begin == std::string::npos || begin > answer.find("\r\n\r\n")) return {};
  const std::size_t value = begin + name.size() + 4;
  return answer.substr(value, answer.find("\r\n", value) - value);
}

std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

std::string post(const std::string& path, const std::string& body, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: idp.example\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: idp.example\r\n" + headers + "\r\n";
}

void HttpTest::start() {
  labels_ = std::make_unique<LabelGate>(default_label_rules());
  server_ = std::make_unique<HttpServer>(options_, *labels_, health_);
  ASSERT_TRUE(server_->listen({false, {}, "127.0.0.1", 0}).ok());
  server_->start([this] {
    MetricsInput input;
    server_->describe(input);
    return metrics_page(input);
  });
  server_->set_store(port_, runner_, records_.store());
  health_.advance(Phase::kReady);
}

void HttpTest::TearDown() {
  port_.hold(false);
  if (server_ == nullptr) return;
  EXPECT_TRUE(server_->drain(std::chrono::seconds(20)));
  server_->stop();
}

std::string HttpTest::page() {
  TestClient client(name());
  return body_of(client.exchange(get("/metrics", "Connection: close\r\n")));
}

double HttpTest::metric(const std::string& line) {
  const std::string text = "\n" + page();
  const std::size_t begin = text.find("\n" + line + " ");
  return begin == std::string::npos ? -1 : std::stod(text.substr(begin + line.size() + 2));
}

void HttpTest::expect_identity(const std::string& page) {
  std::istringstream lines(page);
  double received = -1, sum = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto value = [&] { return std::stod(line.substr(line.rfind(' '))); };
    if (line.rfind("kpi_events_received_total ", 0) == 0) received = value();
    if (line.rfind("kpi_events_accepted_total{", 0) == 0) sum += value();
    if (line.rfind("kpi_events_rejected_total{", 0) == 0) sum += value();
  }
  EXPECT_EQ(received, sum);
}

}  // namespace kpi::server
