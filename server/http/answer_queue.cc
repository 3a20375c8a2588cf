#include "server/http/answer_queue.h"

#include "kpi/assert.h"

namespace kpi::server {
namespace {

constexpr std::size_t kTextBytesKept = 1024;
constexpr std::size_t kSlotsKept = 32;  // By a connection that waits for nothing.

}  // namespace

std::uint64_t AnswerQueue::push() {
  KPI_ASSERT(!full());
  if (next_ - first_ == slots_.size()) grow();
  AnswerSlot& slot = at(next_);
  slot.text.clear();
  slot.more = nullptr;
  slot.status = 0;
  slot.ready = slot.close = false;
  return next_++;
}

void AnswerQueue::pop() {
  // Assigning an empty string would keep the memory.
  if (front().text.capacity() > kTextBytesKept) std::string().swap(front().text);
  ++first_;
  if (empty() && slots_.size() > kSlotsKept) slots_ = std::vector<AnswerSlot>(1);
}

std::size_t AnswerQueue::bytes() const {
  std::size_t sum = 0;
  for (std::uint64_t n = first_; n < next_; ++n) sum += slots_[n % slots_.size()].text.size();
  return sum;
}

void AnswerQueue::drop_bodies() {
  for (std::uint64_t n = first_; n < next_; ++n) at(n).more = nullptr;
}

void AnswerQueue::grow() {
  std::vector<AnswerSlot> larger(slots_.size() * 2);
  for (std::uint64_t n = first_; n < next_; ++n) larger[n % larger.size()] = std::move(at(n));
  slots_ = std::move(larger);
}

}  // namespace kpi::server
