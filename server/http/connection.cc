#include "server/http/connection.h"

#include <string.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "server/http/dispatcher.h"
#include "server/http/post_report.h"
#include "server/http/request_key.h"
#include "server/operate/keep_alive.h"

namespace kpi::server {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kOutputBytesKept = 8U << 10;
constexpr std::size_t kAnswerBytesFree = 4U << 10;  // Of one connection, that are not charged.
// Of one connection: answers that might be larger come in pieces, each when the last was taken.
constexpr std::size_t kAnswerBytesCharged = 1U << 20;
constexpr std::size_t kAnswerBytesMax = 32U << 10;  // Beyond, no further request is read.
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

BodyPieces in_chunks(const BodyPieces& more) {
  return [more](std::string& out) {
    std::string piece;
    const Piece state = more(piece);
    if (!piece.empty()) append_chunk(out, piece);
    if (state == Piece::kLast) out += kLastChunk;
    return state;
  };
}

}  // namespace

void Connection::read() {
  if (reading_ || closed_) return;
  if (lingering_) {
    set_wait(Wait::kLinger);
  } else if (proxy_header_) {
    set_wait(Wait::kProxy);
  } else {
    set_wait(reader_.idle() ? Wait::kIdle : reader_.in_body() ? Wait::kBody : Wait::kHeader);
  }
  reading_ = true;
  const auto space = lingering_      ? std::span<char>(out_)
                     : proxy_header_ ? proxy_header_->space()
                                     : reader_.space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](const Code& error, std::size_t n) { self->on_read(error, n); });
}

void Connection::on_read(const Code& error, std::size_t bytes) {
  reading_ = false;
  if (closed_) return;
  if (error) {
    if (proxy_header_) loop_.counters.proxy_headers_refused.add(1);
    count_lost_report();
    return close();
  }
  if (lingering_) {
    ::explicit_bzero(out_.data(), bytes);
    return read();
  }
  if (proxy_header_) return on_proxy_header(bytes);
  loop_.counters.received_bytes.add(bytes);
  loop_.read_at = std::chrono::steady_clock::now();
  reader_.received(bytes);
  pump();
}

// Reads again only when all is answered: until then a waiting client sends nothing, and one that
// pipelines is held back.
void Connection::pump() {
  bool more = true;
  while (more) {
    more = take_requests();
    if (!flush()) return;
    more = more && !answers_.full() && answers_.bytes() < kAnswerBytesMax;
  }
  if (!answers_.empty() || checking_) {
    if (!charge_answers()) return close();
    watch();
    return set_wait(Wait::kAnswer);
  }
  query_waits_ = false;
  if (loop_.draining && reader_.idle()) return finish();
  read();
}

// True: requests may be left because the queue of answers is full.
bool Connection::take_requests() {
  std::size_t bytes = answers_.bytes();
  while (!stopped_ && !checking_ && !answers_.full() && bytes < kAnswerBytesMax) {
    switch (reader_.advance()) {
      case RequestReader::Step::kNeedMore:
        return false;
      case RequestReader::Step::kHead:
        on_head();
        break;
      case RequestReader::Step::kRequest:
        if (!on_request()) return false;
        bytes += answers_.last().text.size();
        break;
      case RequestReader::Step::kFault:
        on_fault();
        break;
    }
  }
  return !stopped_ && !checking_;
}

void Connection::on_head() {
  const Request& request = reader_.request();
  target_ = loop_.service.router.find(request.path, request.method);
  const SenderAddress sender =
      sender_of(loop_.service.options.trusted_proxies, peer_, request.forwarded);
  if (const auto problem = refuse_head(loop_, request, target_, sender, admission_)) {
    return refuse(*problem);
  }
  reader_.expect_body(target_.body_bytes_max);
  if (request.expects_continue && request.http11 && reader_.body_pending()) {
    AnswerSlot& interim = answers_.at(answers_.push());
    interim.text = kContinue;
    interim.ready = true;
  }
}

// False: the request waits until its password has been checked.
bool Connection::on_request() {
  const auto access = reader_access();
  if (!access || !claim_key()) return false;
  const std::uint64_t number = answers_.push();
  AnswerSlot& slot = answers_.at(number);
  handle(loop_, {reader_.request(), target_, shared_from_this(), number, slot, *access, admission_,
                 answers_.size() - 1});
  if (slot.close) stopped_ = true;
  wait_ = Wait::kAnswer;  // The next request has deadlines of its own.
  target_ = {};
  admission_ = {};
  checked_.reset();
  reader_.finish();
  return true;
}

bool Connection::claim_key() {
  const bool report = target_.service == Service::kReport;
  if (!report || server::claim_key(loop_, reader_.request(), target_, admission_)) return true;
  checking_ = true;
  asio::post(loop_.context, [self = shared_from_this()] {
    self->checking_ = false;
    if (!self->closed_) self->pump();
  });
  return false;
}

// Nothing: it has yet to be found out.
std::optional<ReaderAccess> Connection::reader_access() {
  const bool pool = loop_.service.queries.load(std::memory_order_acquire) != nullptr;
  if (!pool || !reads_store(target_.service)) {
    return ReaderAccess{not_ready(to_string(loop_.service.health.phase()))};
  }
  if (checked_) return checked_;
  auto seen = look_at(loop_.service.options.gate, entrance_, reader_.request().authorization);
  if (const auto* access = std::get_if<ReaderAccess>(&seen)) return std::move(*access);
  check_password(std::get<Credentials>(seen));
  return checked_;
}

void Connection::check_password(const Credentials& credentials) {
  const auto result = std::make_shared<std::optional<Result<auth::Principal>>>();
  auto work = [gate = loop_.service.options.gate, credentials, result](std::stop_token) {
    *result = gate->check_password(credentials.user, credentials.password);
    return QueryAnswer{};
  };
  auto done = [self = shared_from_this(), result, &context = loop_.context](const QueryAnswer&) {
    asio::post(context, [self, result] { self->on_checked(**result); });
  };
  QueryPool* const pool = loop_.service.queries.load(std::memory_order_acquire);
  checking_ = pool->submit(std::move(work), std::move(done), await_query());
  if (!checking_) checked_ = ReaderAccess{overloaded("too many statements are waiting")};
}

void Connection::on_checked(const Result<auth::Principal>& checked) {
  checking_ = false;
  if (closed_) return;
  if (!checked.ok()) loop_.counters.logins_failed.add(1);
  checked_ = access_of(checked);
  pump();
}

void Connection::on_fault() {
  const RequestFault fault = reader_.fault();
  if (target_.service == Service::kReport && reader_.in_body() && !admission_.refusal) {
    if (fault == RequestFault::kBodyTooLarge) count_refusal(loop_, Refusal::kBodyTooLarge);
    if (fault == RequestFault::kNoMemory) count_refusal(loop_, Refusal::kOverload);
    if (fault == RequestFault::kMalformed) count_refusal(loop_, Refusal::kIncomplete);
  }
  refuse(problem_of(fault));
}

void Connection::refuse(const Problem& problem) {
  AnswerFrame frame;
  frame.keep_alive = false;
  frame.date = loop_.date;
  put_problem(answers_.at(answers_.push()), frame, problem);
  stopped_ = unread_ = true;
}

void Connection::count_lost_report() {
  const bool counted = stopped_ || admission_.refusal.has_value();
  if (!counted && reader_.in_body() && target_.service == Service::kReport) {
    count_refusal(loop_, Refusal::kIncomplete);
  }
}

void Connection::committed(std::uint64_t number, const CommitResult& result) {
  if (closed_) return;
  AnswerSlot& slot = answers_.at(number);
  slot.ready = result.kind == CommitResult::Kind::kStored;
  if (slot.ready) return;
  if (result.request != nullptr && result.kind != CommitResult::Kind::kFailed) {
    return repeat_answer(slot, result);
  }
  AnswerFrame frame;
  frame.keep_alive = false;
  frame.date = loop_.date;
  put_problem(slot, frame,
              {503, "commit-failed", "the events may not be stored; send them again",
               "Retry-After: 1\r\n"});
  stopped_ = true;
}

// The answer that stands in the slot was made as if the events were new.
void Connection::repeat_answer(AnswerSlot& slot, const CommitResult& result) {
  const AnswerForm& form = result.request->form;
  AnswerFrame frame;
  frame.http11 = form.http11;
  frame.keep_alive = form.keep_alive && !loop_.draining;
  frame.date = loop_.date;
  frame.allow_origin = result.request->origin;
  if (result.kind == CommitResult::Kind::kKeyReused) {
    put_problem(slot, frame, key_reused());
  } else {
    Answer first = unpack_answer(result.request->key.answer).value_or(KeptAnswer{}).answer;
    first.extra_headers = "Kpi-Duplicate: 1\r\n";
    put_answer(slot, frame, first);
  }
  if (slot.close) stopped_ = true;
}

void Connection::resume() {
  if (!closed_ && answers_.front_ready()) pump();
}

void Connection::answer_later(std::uint64_t number, AnswerForm form, const QueryAnswer& answer) {
  if (closed_) return;
  AnswerFrame frame;
  frame.http11 = form.http11;
  frame.keep_alive = form.keep_alive && !loop_.draining && (form.http11 || !answer.more);
  frame.head_only = form.head_only;
  frame.date = loop_.date;
  put_body(number, frame, answer);
  if (answers_.at(number).close) stopped_ = true;
  resume();
}

void Connection::put_stream(std::uint64_t number, AnswerForm form, const QueryAnswer& answer) {
  AnswerFrame frame;
  frame.http11 = form.http11;
  frame.keep_alive = false;
  frame.head_only = form.head_only;
  frame.date = loop_.date;
  put_body(number, frame, answer);
  if (form.head_only) return;
  stream_ = number;
  await_query();
  keep_alive(socket_.native_handle());
}

void Connection::put_body(std::uint64_t number, const AnswerFrame& frame,
                          const QueryAnswer& answer) {
  AnswerSlot& slot = answers_.at(number);
  const BodyEnd end = !answer.more   ? BodyEnd::kLength
                      : frame.http11 ? BodyEnd::kChunks
                                     : BodyEnd::kClose;
  put_answer(slot, frame,
             {answer.status, answer.content_type, answer.body, answer.extra_headers, end});
  if (frame.head_only) return;
  slot.more = end == BodyEnd::kChunks ? in_chunks(answer.more) : answer.more;
}

void Connection::go_on(std::uint64_t number) {
  if (closed_ || !answers_.holds(number) || !answers_.at(number).more) return;
  answers_.at(number).ready = true;
  resume();
}

// Moves the answers that are ready and next in order into out_, up to one that goes on when this
// has been written (kMore) or later (kLater), or is broken.
Piece Connection::gather() {
  out_.clear();
  while (answers_.front_ready() && !last_written_) {
    AnswerSlot& slot = answers_.front();
    if (out_.empty()) {
      std::swap(out_, slot.text);
    } else {
      out_ += slot.text;
    }
    slot.text.clear();
    const Piece piece = slot.more ? slot.more(out_) : Piece::kLast;
    if (piece == Piece::kLater) slot.ready = false;
    if (piece != Piece::kLast) return piece;
    slot.more = nullptr;
    if (slot.status != 0) loop_.counters.count_response(slot.status);
    last_written_ = slot.close;
    answers_.pop();
  }
  return Piece::kLast;
}

// False: a write is under way, or the connection has ended.
bool Connection::flush() {
  if (writing_ || closed_ || lingering_) return false;
  if (!answers_.front_ready()) return true;
  const Piece piece = gather();
  if (piece == Piece::kBroken) {
    close();
    return false;
  }
  const bool goes_on = piece == Piece::kMore;
  Code error;
  const std::size_t written = socket_.write_some(asio::buffer(out_), error);
  if (error && error != asio::error::would_block) {
    close();
    return false;
  }
  if (written == out_.size() && !goes_on) {
    release_output();
    if (last_written_) finish();
    return !last_written_;
  }
  if (!charge_answers()) {
    close();
    return false;
  }
  writing_ = true;
  wait_ = Wait::kAnswer;
  set_wait(Wait::kWrite);
  asio::async_write(
      socket_, asio::buffer(out_) + written,
      [self = shared_from_this()](const Code& failed, std::size_t) { self->on_written(failed); });
  return false;
}

// False: too many clients leave too much to be taken by them, and this is one more.
bool Connection::charge_answers() {
  const std::size_t bytes = std::min(out_.capacity() + answers_.bytes(), kAnswerBytesCharged);
  if (bytes <= std::max(charged_, kAnswerBytesFree)) return true;
  if (!loop_.service.answer_budget.take(bytes - charged_)) {
    loop_.counters.answers_dropped.add(1);
    return false;
  }
  charged_ = bytes;
  return true;
}

// What thousands of idle connections keep would add up.
void Connection::release_output() {
  out_.clear();
  loop_.service.answer_budget.give(std::exchange(charged_, 0));
  if (out_.capacity() > kOutputBytesKept) out_.shrink_to_fit();
}

void Connection::on_written(const Code& error) {
  writing_ = false;
  release_output();
  if (closed_) return;
  if (error) return close();
  if (last_written_) return finish();
  pump();
}

std::stop_token Connection::await_query() {
  if (!gone_.stop_possible()) gone_ = std::stop_source();
  query_waits_ = true;
  return gone_.get_token();
}

void Connection::watch() {
  if (!query_waits_ || watching_) return;
  watching_ = true;
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const Code& error) { self->on_readable(error); });
}

void Connection::on_readable(const Code& error) {
  watching_ = false;
  if (closed_ || error || !query_waits_) return;
  query_waits_ = stream_.has_value();
  if (!client_is_there()) return close();
  watch();
}

// Bytes mean that the client is there and sends ahead; they are read in their turn, which behind a
// stream never comes.
bool Connection::client_is_there() {
  char bytes[1024];
  Code end;
  if (stream_) {
    socket_.receive(asio::buffer(bytes), 0, end);
  } else {
    socket_.receive(asio::buffer(bytes, 1), Socket::message_peek, end);
  }
  return !end || end == asio::error::would_block;
}

void Connection::finish() {
  if (unread_ && !reading_) return linger();
  Code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  close();
}

// Closing with bytes unread would reset the connection, and the client might lose its answer.
void Connection::linger() {
  Code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (error) return close();
  lingering_ = true;
  out_.resize(kReadBufferBytes);
  read();
}

void Connection::drain() {
  if (stream_) return writing_ ? close() : go_on(*stream_);
  const bool idle = reader_.idle() && answers_.empty() && !writing_;
  if (idle || lingering_) close();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  gone_.request_stop();
  answers_.drop_bodies();
  loop_.service.answer_budget.give(std::exchange(charged_, 0));
  if (turned_away_) loop_.service.refusals.fetch_sub(1, std::memory_order_relaxed);
  slot_ = {};
  Code ignored;
  socket_.close(ignored);
  loop_.forget(*this);
}

}  // namespace kpi::server
