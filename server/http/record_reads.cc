#include "server/http/record_reads.h"

#include <algorithm>

#include "server/http/problem.h"
#include "server/http/record_text.h"

namespace kpi::server {
namespace {

constexpr std::size_t kPieceBytes = 128U << 10;
constexpr const char* kNotStored = "Cache-Control: no-store\r\n";

QueryAnswer json(std::string body) {
  return {200, "application/json", std::move(body), kNotStored};
}

QueryAnswer refused(const Problem& problem) {
  return {problem.status, std::string(kProblemType), problem_body(problem), problem.extra_headers};
}

}  // namespace

QueryAnswer find_record(const RecordStore& store, const std::string& id) {
  const auto documents = store.documents();
  if (!documents.ok()) return refused(problem_of(documents.error()));
  const auto found = documents.value()->find(id);
  if (found.ok()) {
    std::string body;
    append_result(body, found.value());
    return json(std::move(body));
  }
  const ErrorCode code = found.error().code;
  if (code == ErrorCode::kNotFound || code == ErrorCode::kInvalidArgument) {
    return refused({404, "not-found", "there is no record of this id"});
  }
  return refused(problem_of(found.error()));
}

QueryAnswer count_records(const RecordStore& store, std::stop_token stop) {
  const auto documents = store.documents();
  if (!documents.ok()) return refused(problem_of(documents.error()));
  const auto count = documents.value()->count(std::move(stop));
  if (!count.ok()) return refused(problem_of(count.error()));
  return json(std::to_string(count.value()));
}

QueryAnswer last_record(const RecordStore& store) {
  const auto documents = store.documents();
  if (!documents.ok()) return refused(problem_of(documents.error()));
  const auto last = documents.value()->last();
  if (!last.ok()) return refused(problem_of(last.error()));
  if (!last.value()) return json("null");
  std::string body;
  append_row(body, *last.value());
  return json(std::move(body));
}

RecordRange::RecordRange(const RecordStore& store, TimeRange range, QueryPool& pool,
                         std::function<void()> go_on, std::stop_token gone)
    : store_(store), pool_(pool), go_on_(std::move(go_on)), gone_(std::move(gone)), range_(range) {}

QueryAnswer RecordRange::begin(std::stop_token stop) {
  auto documents = store_.documents();
  if (!documents.ok()) return refused(problem_of(documents.error()));
  documents_ = std::move(documents).value();
  std::string text = "[";
  bool finished = false;
  if (const Status status = read(std::move(stop), text, finished); !status.ok()) {
    return refused(problem_of(status.error()));
  }
  if (finished && text.size() <= kPieceBytes) return json(std::move(text));
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  finished_ = finished;
  QueryAnswer answer = json({});
  answer.more = [self = shared_from_this()](std::string& out) { return self->next(out); };
  return answer;
}

// Appends rows to `text` up to the bound, and the end of the list behind the last of them.
Status RecordRange::read(std::stop_token stop, std::string& text, bool& finished) {
  finished = true;
  const std::string after = last_id_;
  const auto take = [&](const Document& document) {
    if (!last_id_.empty()) text += ',';
    last_id_ = document.id;
    append_row(text, document);
    finished = text.size() < kRecordReadBytes;
    return finished;
  };
  if (Status status = documents_->for_each(range_, after, std::move(stop), take); !status.ok()) {
    return status;
  }
  if (finished) text += ']';
  return ok_status();
}

Piece RecordRange::next(std::string& out) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return Piece::kBroken;
    if (reading_) return Piece::kLater;
    const std::size_t bytes = std::min(kPieceBytes, text_.size() - given_);
    out.append(text_, given_, bytes);
    given_ += bytes;
    if (given_ < text_.size()) return Piece::kMore;
    if (finished_) return Piece::kLast;
    reading_ = true;
  }
  const bool begun = pool_.go_on(
      [self = shared_from_this()](std::stop_token stop) {
        self->read_on(std::move(stop));
        return QueryAnswer{};
      },
      [self = shared_from_this()](const QueryAnswer&) { self->go_on_(); }, gone_);
  return begun ? Piece::kLater : Piece::kBroken;
}

void RecordRange::read_on(std::stop_token stop) {
  std::string text;
  bool finished = false;
  const Status status = read(std::move(stop), text, finished);
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  given_ = 0;
  finished_ = finished;
  failed_ = !status.ok();
  reading_ = false;
}

}  // namespace kpi::server
