#include "server/http/request_reader.h"

#include <string.h>

#include <algorithm>
#include <cstring>

#include "kpi/assert.h"
#include "server/dialect/dialect.h"

namespace kpi::server {

RequestReader::RequestReader(std::size_t header_bytes_max, BodyPool& pool,
                             std::string_view request_id_header)
    : header_bytes_max_(header_bytes_max),
      request_id_header_(request_id_header),
      buffer_(std::make_unique_for_overwrite<char[]>(kReadBufferBytes + kBodySlackBytes)),
      body_(pool) {
  KPI_ASSERT(header_bytes_max_ < kReadBufferBytes);
}

RequestReader::~RequestReader() { wipe(0, end_); }

// What is behind end_ is always zero: nothing of a request outlives it.
void RequestReader::wipe(std::size_t begin, std::size_t end) {
  ::explicit_bzero(buffer_.get() + begin, end - begin);
}

std::span<char> RequestReader::space() {
  if (state_ == State::kBorrowed) {
    const std::size_t missing = *request_.content_length - body_.size();
    if (body_.room() == 0) body_.reserve(static_cast<std::size_t>(*request_.content_length));
    return {body_.tail(), std::min(missing, body_.room())};
  }
  if (state_ == State::kHead && begin_ != 0) move_to_front();
  return {buffer_.get() + end_, kReadBufferBytes - end_};
}

void RequestReader::received(std::size_t bytes) {
  if (state_ != State::kBorrowed) {
    end_ += bytes;
  } else if (!body_.filled(bytes)) {
    fail(RequestFault::kNoMemory);
  }
}

RequestReader::Step RequestReader::fail(RequestFault fault) {
  state_ = State::kFault;
  fault_ = fault;
  body_.reset();
  return Step::kFault;
}

RequestReader::Step RequestReader::advance() {
  switch (state_) {
    case State::kHead:
      return read_head();
    case State::kDecide:
      return Step::kHead;
    case State::kInPlace: {
      const auto length = static_cast<std::size_t>(*request_.content_length);
      if (end_ - begin_ - head_size_ < length) return Step::kNeedMore;
      next_ = begin_ + head_size_ + length;
      return done({buffer_.get() + begin_ + head_size_, length});
    }
    case State::kBorrowed:
      if (body_.size() < *request_.content_length) return Step::kNeedMore;
      next_ = end_;
      return done(body_.view());
    case State::kChunked:
      return read_chunks();
    case State::kDone:
      return Step::kRequest;
    case State::kFault:
      return Step::kFault;
  }
  return Step::kFault;
}

RequestReader::Step RequestReader::read_head() {
  // Old clients send a stray empty line after a body.
  while (scanned_ == 0 && end_ - begin_ >= 2 && buffer_[begin_] == '\r' &&
         buffer_[begin_ + 1] == '\n') {
    begin_ += 2;
  }
  const std::string_view text(buffer_.get() + begin_, end_ - begin_);
  const HeadEnd head = find_head_end(text, scanned_);
  if (head.bare_lf) return fail(RequestFault::kMalformed);
  if (head.size > header_bytes_max_ || (head.size == 0 && text.size() > header_bytes_max_)) {
    return fail(RequestFault::kHeaderTooLarge);
  }
  if (head.size == 0) return Step::kNeedMore;
  head_size_ = head.size;
  request_ = Request{};
  parser_.emplace(request_, body_, request_id_header_);
  if (const auto fault = parser_->parse_head(text.substr(0, head_size_))) return fail(*fault);
  state_ = State::kDecide;
  return Step::kHead;
}

void RequestReader::expect_body(std::size_t bytes_max) {
  KPI_ASSERT(state_ == State::kDecide);
  body_bytes_max_ = bytes_max;
  if (request_.chunked) {
    next_ = begin_ + head_size_;
    state_ = State::kChunked;
    return;
  }
  if (request_.content_length.value_or(0) > bytes_max) {
    fail(RequestFault::kBodyTooLarge);
    return;
  }
  const auto length = static_cast<std::size_t>(request_.content_length.value_or(0));
  request_.content_length = length;
  if (head_size_ + length <= kReadBufferBytes) {
    if (begin_ + head_size_ + length > kReadBufferBytes) move_to_front();
    state_ = State::kInPlace;
    return;
  }
  // More than the buffer holds, so all that came behind the head is body.
  // Room for all of it has to be earned: announcing a body is cheap.
  body_.reserve(std::min(length, kReadBufferBytes));
  const std::size_t body_begin = begin_ + head_size_;
  if (!body_.append({buffer_.get() + body_begin, end_ - body_begin})) {
    fail(RequestFault::kNoMemory);
    return;
  }
  wipe(body_begin, end_);
  end_ = body_begin;
  state_ = State::kBorrowed;
}

bool RequestReader::body_pending() const {
  switch (state_) {
    case State::kInPlace:
      return end_ - begin_ - head_size_ < *request_.content_length;
    case State::kBorrowed:
      return body_.size() < *request_.content_length;
    case State::kChunked:
      return next_ == end_;
    default:
      return false;
  }
}

// Undecoded bytes stand at [next_, end_); what is decoded makes room for more behind the head.
RequestReader::Step RequestReader::read_chunks() {
  if (next_ == end_) return Step::kNeedMore;
  std::size_t consumed = 0;
  const auto fault =
      parser_->parse_chunks({buffer_.get() + next_, end_ - next_}, body_bytes_max_, consumed);
  if (fault) return fail(*fault);
  next_ += consumed;
  if (parser_->is_done()) return done(body_.view());
  const std::size_t body_begin = begin_ + head_size_;
  std::memmove(buffer_.get() + body_begin, buffer_.get() + next_, end_ - next_);
  const std::size_t end = body_begin + (end_ - next_);
  wipe(end, end_);
  end_ = end;
  next_ = body_begin;
  if (end_ == kReadBufferBytes) {
    if (begin_ == 0) return fail(RequestFault::kMalformed);  // One chunk line fills the buffer.
    next_ -= begin_;
    move_to_front();
  }
  return Step::kNeedMore;
}

RequestReader::Step RequestReader::done(std::string_view body) {
  request_.body = body;
  state_ = State::kDone;
  return Step::kRequest;
}

void RequestReader::finish() {
  KPI_ASSERT(state_ == State::kDone);
  wipe(begin_, next_);
  begin_ = next_;
  if (begin_ == end_) begin_ = end_ = 0;
  scanned_ = 0;
  body_.reset();
  state_ = State::kHead;
}

void RequestReader::move_to_front() {
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  rebase(-static_cast<std::ptrdiff_t>(begin_));
  wipe(end_ - begin_, end_);
  end_ -= begin_;
  begin_ = 0;
}

void RequestReader::rebase(std::ptrdiff_t distance) {
  if (state_ == State::kHead) return;
  for (std::string_view* view :
       {&request_.path, &request_.query, &request_.content_type, &request_.origin,
        &request_.sec_fetch_dest, &request_.accept, &request_.authorization,
        &request_.idempotency_key, &request_.request_id}) {
    if (!view->empty()) *view = {view->data() + distance, view->size()};
  }
}

}  // namespace kpi::server
