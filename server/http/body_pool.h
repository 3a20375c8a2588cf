// Memory for request bodies that do not fit a connection's own buffer: bounded over all threads,
// recycled within one.
#pragma once
#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace kpi::server {

// Shared by all io threads. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  bool take(std::size_t bytes);
  void give(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

// Blocks of one io thread. Not thread-safe; outlives its buffers.
class BodyPool {
 public:
  explicit BodyPool(MemoryBudget& budget) : budget_(budget) {}

  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;  // Without the slack behind it.
  };
  Block take(std::size_t size);  // At least `size` bytes and kBodySlackBytes behind them.
  void give(Block block);
  MemoryBudget& budget() { return budget_; }

 private:
  MemoryBudget& budget_;
  std::vector<Block> spare_;
  std::size_t spare_bytes_ = 0;
};

// One body. The budget is charged as bytes arrive, not when a sender announces them.
class BodyBuffer {
 public:
  explicit BodyBuffer(BodyPool& pool) : pool_(pool) {}
  ~BodyBuffer() { reset(); }
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  void reserve(std::size_t size);  // Keeps what is there.
  // False: the budget is used up; nothing is appended.
  bool append(std::string_view bytes);
  // For receiving in place: the free part of what was reserved, and how much of it was filled.
  char* tail() { return block_.bytes.get() + size_; }
  std::size_t room() const { return block_.size - size_; }
  bool filled(std::size_t bytes);  // False as append().
  std::size_t size() const { return size_; }
  std::string_view view() const { return {block_.bytes.get(), size_}; }
  void reset();  // Empty, memory given back.

 private:
  bool charge(std::size_t size);

  BodyPool& pool_;
  BodyPool::Block block_;
  std::size_t size_ = 0, charged_ = 0;
};

}  // namespace kpi::server
