// Bytes as they come -> whole requests. One fixed buffer; bodies that do not fit it are borrowed
// from the pool. No sockets: the connection asks where to receive, and says how much came.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "server/http/body_pool.h"
#include "server/http/head_parser.h"
#include "server/http/request.h"

namespace kpi::server {

inline constexpr std::size_t kReadBufferBytes = 16U << 10;

// Not thread-safe.
class RequestReader {
 public:
  // `request_id_header`: as HeadParser has it.
  RequestReader(std::size_t header_bytes_max, BodyPool& pool,
                std::string_view request_id_header = {});
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Where the next bytes go; never empty after kNeedMore.
  std::span<char> space();
  void received(std::size_t bytes);

  enum class Step {
    kNeedMore,
    kHead,     // request() is known but for its body: call expect_body() or give up.
    kRequest,  // request() is complete: handle it, then call finish().
    kFault,    // fault() says why; the stream cannot be read on.
  };
  Step advance();
  const Request& request() const { return request_; }
  RequestFault fault() const { return fault_; }

  // After kHead. A body over `bytes_max` is a fault.
  void expect_body(std::size_t bytes_max);
  void finish();

  bool idle() const { return state_ == State::kHead && begin_ == end_; }
  bool in_body() const { return state_ != State::kHead; }
  // After expect_body(): part of the body has not come yet.
  bool body_pending() const;

 private:
  enum class State { kHead, kDecide, kInPlace, kBorrowed, kChunked, kDone, kFault };

  Step fail(RequestFault fault);
  Step read_head();
  Step read_chunks();
  Step done(std::string_view body);
  void wipe(std::size_t begin, std::size_t end);
  void move_to_front();
  void rebase(std::ptrdiff_t distance);

  const std::size_t header_bytes_max_;
  const std::string_view request_id_header_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // Bytes received and not yet finished.
  std::size_t scanned_ = 0;          // Of the head, from begin_.
  std::size_t head_size_ = 0;
  std::size_t next_ = 0;  // Where the bytes behind this request begin.
  std::size_t body_bytes_max_ = 0;
  State state_ = State::kHead;
  RequestFault fault_ = RequestFault::kMalformed;
  Request request_;
  BodyBuffer body_;
  std::optional<HeadParser> parser_;
};

}  // namespace kpi::server
