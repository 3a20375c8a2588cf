// HTTP answers as bytes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace kpi::server {

// What an answer takes over from its request.
struct AnswerFrame {
  bool http11 = true;
  bool keep_alive = true;
  bool head_only = false;         // The length is stated, the body left out.
  std::string_view date;          // `Date: ...\r\n`, or empty.
  std::string_view allow_origin;  // Echoed as Access-Control-Allow-Origin where not empty.
};

// The same of a request that has gone when its answer comes: the date is then a fresh one.
struct AnswerForm {
  bool http11 = true, keep_alive = true, head_only = false;
};
inline AnswerForm form_of(const AnswerFrame& frame) {
  return {frame.http11, frame.keep_alive, frame.head_only};
}

// How a client finds the end of a body.
enum class BodyEnd : std::uint8_t { kLength, kChunks, kClose };

struct Answer {
  std::uint16_t status = 204;
  std::string_view content_type;  // Empty: no body, and for 204 no length.
  std::string_view body;
  std::string_view extra_headers;  // Whole lines with CRLF, or empty.
  BodyEnd end = BodyEnd::kLength;  // kChunks: `body` is the first of them, where not empty.
};

// Requires bytes: a chunk of none would be the end.
void append_chunk(std::string& out, std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

void append_answer(std::string& out, const AnswerFrame& frame, const Answer& answer);

std::string_view status_reason(std::uint16_t status);
// `Date: Sun, 22 Nov 2026 09:00:00 GMT\r\n`
std::string date_line(std::int64_t unix_seconds);

}  // namespace kpi::server
