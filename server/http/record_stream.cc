#include "server/http/record_stream.h"

#include "server/http/record_text.h"

namespace kpi::server {
namespace {

constexpr std::size_t kPieceBytes = 128U << 10;

}  // namespace

Result<std::shared_ptr<RecordStream>> RecordStream::open(Loop& loop, std::function<void()> go_on) {
  std::shared_ptr<RecordStream> stream(new RecordStream(loop));
  if (loop.service.streams.fetch_add(1) >= loop.service.options.streams_max) {
    return Error{ErrorCode::kLimitExceeded, "too many streams are open"};
  }
  FollowRequest request;
  request.bytes_max = loop.service.options.stream_bytes_max;
  request.on_events = std::move(go_on);
  auto follower = loop.service.records.follow(std::move(request));
  if (!follower.ok()) return std::move(follower).error();
  stream->follower_ = std::move(follower).value();
  return stream;
}

RecordStream::~RecordStream() { loop_.service.streams.fetch_sub(1); }

Piece RecordStream::next(std::string& out) {
  if (loop_.draining) return Piece::kLast;
  const auto taken = follower_->take([&](const Event&, const Document* record) {
    if (record != nullptr) append_change(out, ++seq_, *record);
    return out.size() < kPieceBytes;
  });
  if (taken.ok()) return out.size() < kPieceBytes ? Piece::kLater : Piece::kMore;
  const Phase phase = loop_.service.health.phase();
  if (phase != Phase::kReady) return Piece::kLast;
  loop_.counters.streams_cut.add(1);
  return Piece::kBroken;
}

}  // namespace kpi::server
