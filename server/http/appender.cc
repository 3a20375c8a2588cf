#include "server/http/appender.h"

#include <boost/asio/post.hpp>

#include "kpi/assert.h"
#include "server/http/request_key.h"

namespace kpi::server {
namespace {

constexpr std::size_t kBatchBytesTarget = 256U
                                          << 10;  // A batch beyond this takes no more requests.
constexpr std::size_t kSpareMax = 32;
constexpr std::size_t kSpareBytesMax = 4U << 20;  // A larger batch's memory is given back.

CommitResult::Kind kind_of(const PendingAppend& append) {
  if (append.seen == RequestSeen::kOtherContent) return CommitResult::Kind::kKeyReused;
  if (!append.status.ok()) return CommitResult::Kind::kFailed;
  return append.seen == RequestSeen::kDuplicate ? CommitResult::Kind::kDuplicate
                                                : CommitResult::Kind::kStored;
}

}  // namespace

Appender::Appender(boost::asio::io_context& context, Counters& counters, std::size_t events_max,
                   std::size_t requests_max, UsedTokens* tokens)
    : context_(context),
      counters_(counters),
      events_max_(events_max),
      requests_max_(requests_max),
      tokens_(tokens),
      current_(std::make_unique<Append>()) {}

Appender::~Appender() {
  while (closed_first_ != nullptr) {
    const std::unique_ptr<Append> dropped(static_cast<Append*>(closed_first_));
    closed_first_ = dropped->next;
  }
}

std::unique_ptr<Appender::Append> Appender::fresh() {
  if (spare_.empty()) return std::make_unique<Append>();
  auto append = std::move(spare_.back());
  spare_.pop_back();
  return append;
}

void Appender::wait(CommitWait waiter, std::optional<KeyedRequest> keyed) {
  counters_.events_in_flight.add(waiter.events);
  counters_.requests_in_flight.add(1);
  if (waiter.token) current_->tickets.push_back(ticket_of(*waiter.token));
  current_->waiters.push_back(std::move(waiter));
  current_->keyed = std::move(keyed);
  if (current_->keyed) current_->request = std::move(current_->keyed->key);
  if (current_->keyed || current_->batch.size_bytes() >= kBatchBytesTarget) close_current();
  post_flush();
}

bool Appender::knows(std::string_view key) const {
  const IngestPort* port = port_.load(std::memory_order_acquire);
  return port != nullptr && port->knows_request(key);
}

void Appender::ask(CommitWait waiter, KeyedRequest keyed) {
  begin_alone();
  keyed.key.only_ask = true;
  wait(std::move(waiter), std::move(keyed));
}

// Posted behind the reads that are ready now: they all join this submission.
void Appender::post_flush() {
  if (flush_posted_) return;
  flush_posted_ = true;
  boost::asio::post(context_, [this] { flush(); });
}

void Appender::make_room(std::size_t events) {
  if (!current_->waiters.empty() && current_->batch.size() + events > kBatchEventsMax)
    close_current();
}

void Appender::begin_alone() {
  if (!current_->waiters.empty()) close_current();
}

void Appender::close_current() {
  Append* append = current_.release();
  append->sink = this;
  append->next = nullptr;
  if (closed_last_ == nullptr) {
    closed_first_ = append;
  } else {
    closed_last_->next = append;
  }
  closed_last_ = append;
  current_ = fresh();
}

void Appender::flush() {
  flush_posted_ = false;
  if (!current_->waiters.empty()) close_current();
  PendingAppend* chain = std::exchange(closed_first_, nullptr);
  closed_last_ = nullptr;
  if (chain == nullptr) return;
  IngestPort* port = port_.load(std::memory_order_acquire);
  KPI_ASSERT(port != nullptr);  // Nothing is parsed before the store is open.
  std::vector<KeyClaim*> claims;
  for (PendingAppend* at = chain; at != nullptr; at = at->next) {
    auto& keyed = static_cast<Append*>(at)->keyed;
    if (keyed) claims.push_back(&keyed->claim);
  }
  port->submit(chain);
  // The appends stay where they are until this thread has been given them back.
  for (KeyClaim* claim : claims) claim->submitted();
}

void Appender::on_committed(PendingAppend* chain) {
  boost::asio::post(context_, [this, chain] { deliver(chain); });
}

void Appender::deliver(PendingAppend* chain) {
  while (chain != nullptr) {
    std::unique_ptr<Append> append(static_cast<Append*>(chain));
    chain = append->next;
    settle(*append);
    recycle(std::move(append));
  }
}

void Appender::settle(Append& append) {
  const CommitResult::Kind kind = kind_of(append);
  if (append.keyed) append.keyed->key = std::move(append.request);
  for (const CommitWait& waiter : append.waiters) {
    counters_.events_in_flight.subtract(waiter.events);
    counters_.requests_in_flight.subtract(1);
    count(append, waiter, kind);
    if (waiter.token && kind != CommitResult::Kind::kStored) {
      tokens_->give_back(*waiter.token);
    }
    waiter.who->committed(waiter.slot, {kind, append.keyed ? &*append.keyed : nullptr});
  }
  const CommitWaiter* last = nullptr;
  for (const CommitWait& waiter : append.waiters) {
    if (waiter.who.get() != last) waiter.who->resume();
    last = waiter.who.get();
  }
}

// Of a request that was not even parsed: as many events as the first of its key had stored; where
// that is not known, one.
void Appender::count(const Append& append, const CommitWait& waiter, CommitResult::Kind kind) {
  std::uint64_t events = waiter.events;
  if (append.keyed && append.keyed->key.only_ask) {
    const auto first = kind == CommitResult::Kind::kDuplicate
                           ? unpack_answer(append.keyed->key.answer)
                           : std::nullopt;
    events = first ? first->events : 1;
  }
  const auto refused = [&](Refusal why) -> Counter& {
    return counters_.refused[static_cast<std::size_t>(why)];
  };
  switch (kind) {
    case CommitResult::Kind::kStored:
      return counters_.accepted[static_cast<std::size_t>(waiter.speech)].add(events);
    case CommitResult::Kind::kFailed:
      return refused(Refusal::kCommitFailed).add(events);
    case CommitResult::Kind::kDuplicate:
      return refused(Refusal::kDuplicate).add(events);
    case CommitResult::Kind::kKeyReused:
      return refused(Refusal::kKeyReused).add(events);
  }
}

void Appender::recycle(std::unique_ptr<Append> append) {
  if (spare_.size() >= kSpareMax || append->batch.size_bytes() > kSpareBytesMax) return;
  append->batch.clear();
  append->waiters.clear();
  append->keyed.reset();
  append->request = {};
  append->tickets.clear();
  append->seen = RequestSeen::kFirst;
  append->status = ok_status();
  spare_.push_back(std::move(append));
}

}  // namespace kpi::server
