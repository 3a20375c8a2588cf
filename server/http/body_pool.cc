#include "server/http/body_pool.h"

#include <string.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "server/dialect/dialect.h"

namespace kpi::server {
namespace {

constexpr std::size_t kBlockBytesMin = 16U << 10;
constexpr std::size_t kSpareBytesMax = 16U << 20;  // Kept by a thread for the next bodies.
constexpr std::size_t kChargeStepBytes = kBlockBytesMin;

}  // namespace

bool MemoryBudget::take(std::size_t bytes) {
  std::size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > bytes_max_ - std::min(used, bytes_max_)) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

BodyPool::Block BodyPool::take(std::size_t size) {
  size = std::bit_ceil(std::max(size, kBlockBytesMin));
  for (Block& spare : spare_) {
    if (spare.size != size) continue;
    Block block = std::move(spare);
    spare = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= block.size;
    return block;
  }
  return {std::make_unique_for_overwrite<char[]>(size + kBodySlackBytes), size};
}

void BodyPool::give(Block block) {
  if (block.bytes == nullptr || spare_bytes_ + block.size > kSpareBytesMax) return;
  spare_bytes_ += block.size;
  spare_.push_back(std::move(block));
}

void BodyBuffer::reserve(std::size_t size) {
  if (size <= block_.size) return;
  BodyPool::Block larger = pool_.take(size);
  if (size_ != 0) {
    std::memcpy(larger.bytes.get(), block_.bytes.get(), size_);
    ::explicit_bzero(block_.bytes.get(), size_);
  }
  std::swap(block_, larger);
  pool_.give(std::move(larger));
}

bool BodyBuffer::charge(std::size_t size) {
  if (size <= charged_) return true;
  const std::size_t step = std::max(size - charged_, kChargeStepBytes);
  if (!pool_.budget().take(step)) return false;
  charged_ += step;
  return true;
}

bool BodyBuffer::append(std::string_view bytes) {
  if (!charge(size_ + bytes.size())) return false;
  reserve(size_ + bytes.size());
  std::memcpy(tail(), bytes.data(), bytes.size());
  size_ += bytes.size();
  return true;
}

bool BodyBuffer::filled(std::size_t bytes) {
  size_ += bytes;
  return charge(size_);
}

void BodyBuffer::reset() {
  if (size_ != 0) ::explicit_bzero(block_.bytes.get(), size_);
  pool_.give(std::move(block_));
  pool_.budget().give(charged_);
  block_ = {};
  size_ = charged_ = 0;
}

}  // namespace kpi::server
