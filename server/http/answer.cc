#include "server/http/answer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>

namespace kpi::server {
namespace {

struct StatusRow {
  std::uint16_t status;
  std::string_view line;
};
constexpr StatusRow kStatusRows[] = {
    {204, "HTTP/1.1 204 No Content\r\n"},
    {200, "HTTP/1.1 200 OK\r\n"},
    {201, "HTTP/1.1 201 Created\r\n"},
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {401, "HTTP/1.1 401 Unauthorized\r\n"},
    {403, "HTTP/1.1 403 Forbidden\r\n"},
    {404, "HTTP/1.1 404 Not Found\r\n"},
    {405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    {406, "HTTP/1.1 406 Not Acceptable\r\n"},
    {408, "HTTP/1.1 408 Request Timeout\r\n"},
    {411, "HTTP/1.1 411 Length Required\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {415, "HTTP/1.1 415 Unsupported Media Type\r\n"},
    {417, "HTTP/1.1 417 Expectation Failed\r\n"},
    {422, "HTTP/1.1 422 Unprocessable Content\r\n"},
    {429, "HTTP/1.1 429 Too Many Requests\r\n"},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    {500, "HTTP/1.1 500 Internal Server Error\r\n"},
    {501, "HTTP/1.1 501 Not Implemented\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\n"},
    {504, "HTTP/1.1 504 Gateway Timeout\r\n"},
    {505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"},
};
constexpr std::size_t kReasonOffset = std::string_view("HTTP/1.1 204 ").size();

std::string_view status_line(std::uint16_t status) {
  for (const StatusRow& row : kStatusRows) {
    if (row.status == status) return row.line;
  }
  return "HTTP/1.1 500 Internal Server Error\r\n";
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

}  // namespace

std::string_view status_reason(std::uint16_t status) {
  std::string_view line = status_line(status);
  line.remove_prefix(kReasonOffset);
  line.remove_suffix(2);
  return line;
}

std::string date_line(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  return fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", fmt::gmtime(time));
}

void append_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16);
  out.append(digits.data(), end.ptr).append("\r\n").append(bytes).append("\r\n");
}

void append_answer(std::string& out, const AnswerFrame& frame, const Answer& answer) {
  out += status_line(answer.status);
  out += frame.date;
  if (!frame.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!frame.http11) {
    out += "Connection: keep-alive\r\n";
  }
  if (!frame.allow_origin.empty()) {
    out += "Access-Control-Allow-Origin: ";
    out += frame.allow_origin;
    out += "\r\n";
  }
  out += answer.extra_headers;
  if (!answer.content_type.empty()) {
    out += "Content-Type: ";
    out += answer.content_type;
    out += "\r\n";
  }
  if (answer.end == BodyEnd::kChunks) {
    out += "Transfer-Encoding: chunked\r\n\r\n";
    if (!answer.body.empty() && !frame.head_only) append_chunk(out, answer.body);
    return;
  }
  if (answer.status != 204 && answer.end == BodyEnd::kLength) {
    out += "Content-Length: ";
    append_number(out, answer.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  if (!frame.head_only) out += answer.body;
}

}  // namespace kpi::server
