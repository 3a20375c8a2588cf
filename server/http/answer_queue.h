// The answers of one connection, in the order of their requests, whenever they become ready.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kpi::server {

inline constexpr std::size_t kPipelineDepthMax = 128;  // Beyond: no further request is read.

// What became of asking for the next piece of a body.
enum class Piece : std::uint8_t {
  kMore,   // Ask again when this one has been written.
  kLast,   // That was the end.
  kLater,  // Nothing further yet: Connection::go_on() will be called when there is.
  kBroken  // There is no rest: the connection ends without a proper end of the body.
};
// Appends the next piece, which may be empty.
using BodyPieces = std::function<Piece(std::string& out)>;

struct AnswerSlot {
  std::string text;
  BodyPieces more = {};      // What follows `text`, taken as fast as the client takes it.
  std::uint16_t status = 0;  // 0: an interim answer, not counted.
  bool ready = false;
  bool close = false;  // The connection ends after this answer.
};

// Slots are recycled, with the memory of their texts. Not thread-safe.
class AnswerQueue {
 public:
  AnswerQueue() : slots_(1) {}
  std::uint64_t push();  // Requires !full(). The number of the new slot; numbers never repeat.
  AnswerSlot& at(std::uint64_t number) { return slots_[number % slots_.size()]; }
  AnswerSlot& front() { return at(first_); }
  void pop();
  bool empty() const { return first_ == next_; }
  std::size_t size() const { return static_cast<std::size_t>(next_ - first_); }
  bool full() const { return next_ - first_ == kPipelineDepthMax; }
  bool front_ready() { return !empty() && front().ready; }
  bool holds(std::uint64_t number) const { return number >= first_ && number < next_; }
  std::size_t bytes() const;  // Of all texts that wait.
  const AnswerSlot& last() const { return slots_[(next_ - 1) % slots_.size()]; }  // Not empty().
  void drop_bodies();  // Ends what stands behind the bodies that have not been written.

 private:
  void grow();

  std::vector<AnswerSlot> slots_;
  std::uint64_t first_ = 0, next_ = 0;
};

}  // namespace kpi::server
