#include "engine/follow/engine_follower.h"

#include "engine/base/bytes.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr std::size_t kPieceRowsMax = 4096;

Error ended(FollowQueue::End end) {
  if (end == FollowQueue::End::kClosed) {
    return {ErrorCode::kUnavailable, "the store is closed", {}, 0};
  }
  return {ErrorCode::kUnavailable,
          "the follower fell too far behind and was cut off: events after this are not shown",
          "follow again, with a narrower WHERE or a faster reader", 0};
}

}  // namespace

Result<std::unique_ptr<Follower>> EngineFollower::join(std::shared_ptr<Followers> followers,
                                                       std::shared_ptr<const Dictionary> dictionary,
                                                       FollowRequest request) {
  if (request.bytes_max > kFollowBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "at most " + std::to_string(kFollowBytesMax) + " bytes may wait for a follower",
                 {},
                 0};
  }
  Result<std::unique_ptr<RowFilter>> filter =
      RowFilter::make(std::move(request.where), *dictionary);
  if (!filter.ok()) return filter.error();
  Result<std::shared_ptr<FollowQueue>> queue =
      followers->join(request.bytes_max, std::move(request.on_events));
  if (!queue.ok()) return queue.error();
  return std::unique_ptr<Follower>(
      new EngineFollower(std::move(followers), std::move(queue).value(), std::move(dictionary),
                         std::move(filter).value()));
}

EngineFollower::~EngineFollower() {
  followers_->leave(queue_);
  queue_->leave();
}

Result<std::size_t> EngineFollower::take(const FollowSink& sink) {
  const FollowQueue::Waiting waiting = queue_->begin_take();
  std::size_t handed = 0;
  for (std::size_t i = 0; i < waiting.groups; ++i) {
    if (!current_) {
      if (Status opened = open(queue_->front()); !opened.ok()) return opened.error();
    }
    const Result<bool> finished = hand_over(sink, &handed);
    if (!finished.ok()) return finished.error();
    if (!finished.value()) return handed;
    current_.reset();
    queue_->pop();
  }
  if (waiting.end != FollowQueue::End::kNone) return ended(waiting.end);
  return handed;
}

Status EngineFollower::open(FollowGroupRef group) {
  Result<RecordReader> reader = RecordReader::open(group->record, [this](std::uint32_t value) {
    return dictionary_->label_value(value).label_id;
  });
  if (!reader.ok()) return reader.error();
  current_ = Current{std::move(group), std::move(reader).value(), {}, {}, 0, 0, 0};
  return ok_status();
}

// False: there are no more rows.
Result<bool> EngineFollower::read_piece() {
  Current& at = *current_;
  at.rows_before += static_cast<std::uint32_t>(at.rows.size());
  at.rows.clear();
  at.next = 0;
  RecordReader::Row row;
  while (at.rows.size() < kPieceRowsMax) {
    const Result<bool> more = at.reader.next(&row);
    if (!more.ok()) return more.error();
    if (!more.value()) break;
    at.rows.push_back(row);
  }
  filter_->select(at.reader.shapes(), at.rows, &at.selected);
  return !at.rows.empty();
}

// False: the sink had enough.
Result<bool> EngineFollower::hand_over(const FollowSink& sink, std::size_t* handed) {
  Current& at = *current_;
  for (;;) {
    while (at.next < at.rows.size()) {
      if (at.selected[at.next] == 0) {
        ++at.next;
        continue;
      }
      ++*handed;
      const bool go_on = hand_over_row(sink);
      ++at.next;
      if (!go_on) return false;
    }
    const Result<bool> more = read_piece();
    if (!more.ok()) return more.error();
    if (!more.value()) return true;
  }
}

bool EngineFollower::hand_over_row(const FollowSink& sink) {
  const Current& at = *current_;
  const RecordReader::Row& row = at.rows[at.next];
  const Shape& shape = at.reader.shapes()[row.shape];
  const Dictionary::Series series = dictionary_->series(row.series);
  Event event;
  event.time_ms = row.time_ms;
  event.rp = dictionary_->rp(series.rp_id);
  event.client = series.client;
  event.kind = shape.kind;
  event.weight = shape.weight;
  measures_.clear();
  ByteReader values(row.values);
  for (const std::uint32_t id : shape.measures) {
    std::uint32_t value = 0;
    KPI_ASSERT(values.varint32(value));  // The reader has counted them.
    measures_.push_back({names_.measure(id), value});
  }
  labels_.clear();
  for (std::size_t i = 0; i < shape.labels.size(); ++i) {
    labels_.push_back({names_.label(shape.labels[i]), names_.label_value(shape.label_values[i])});
  }
  event.measures = measures_;
  event.labels = labels_;
  const auto index = static_cast<std::uint32_t>(at.rows_before + at.next);
  return sink(event, document_of(index, row.time_ms));
}

const Document* EngineFollower::document_of(std::uint32_t row, std::int64_t time_ms) {
  const auto& documents = current_->group->documents;
  std::size_t& next = current_->next_document;
  while (next < documents.size() && documents[next].row < row) ++next;
  if (next == documents.size() || documents[next].row != row) return nullptr;
  document_ = {document_id(documents[next].key.view()), time_ms, documents[next].text};
  return &document_;
}

}  // namespace kpi
