#include "engine/seen/seen.h"

#include <xxhash.h>

#include <algorithm>
#include <limits>

#include "engine/base/bytes.h"
#include "engine/rocks/format.h"
#include "engine/schedule/random_bits.h"
#include "engine/seen/seen_record.h"
#include "kpi/assert.h"
#include "kpi/canary.h"
#include "kpi/request_key.h"

namespace kpi {
namespace {

// What can be added to it is far from an overflow.
constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max() / 4;
constexpr std::int64_t kSweepStepMs = 60'000;  // A range delete a minute, not one a key.
constexpr std::int64_t kSweepStepS = kSweepStepMs / 1000;

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Error too_long(const char* what, std::size_t size, std::size_t limit) {
  return {ErrorCode::kLimitExceeded,
          std::string("a request's ") + what + " has " + std::to_string(size) + " bytes, at most " +
              std::to_string(limit) + " are allowed",
          {},
          0};
}

}  // namespace

Status check_request_key(const RequestKey& request) {
  if (request.key.size() > kRequestKeyBytesMax) {
    return too_long("key", request.key.size(), kRequestKeyBytesMax);
  }
  if (request.answer.size() > kRequestAnswerBytesMax) {
    return too_long("answer", request.answer.size(), kRequestAnswerBytesMax);
  }
  return ok_status();
}

Seen::Seen(Database& database, const EngineOptions& options)
    : database_(database),
      wall_ms_(options.now_ms),
      steady_ms_(options.steady_ms),
      window_ms_(options.dedup_window_ms),
      table_(options.dedup_entries_max) {}

Result<std::unique_ptr<Seen>> Seen::open(Database& database, const EngineOptions& options) {
  std::unique_ptr<Seen> seen(new Seen(database, options));
  if (Status read = seen->read_seed(); !read.ok()) return read.error();
  if (Status loaded = seen->load(options.now_ms()); !loaded.ok()) return loaded.error();
  return seen;
}

Status Seen::read_seed() {
  const Result<std::uint64_t> stored = meta_number(database_, kMetaSeenSeed, nullptr);
  if (!stored.ok()) return stored.error();
  seed_ = stored.value();
  if (seed_ != 0) return ok_status();
  while (seed_ == 0) seed_ = random_bits();
  std::string bytes;
  append_little_endian(bytes, seed_);
  const rocksdb::Status written = database_.db().Put(
      database_.write_options(), database_.family(Family::kMeta), kMetaSeenSeed, bytes);
  return written.ok() ? ok_status() : Status(to_error(written, "write meta"));
}

// Ages go on from the newest entry or, where that is later, from the wall clock; from there on by
// the steady one: whoever sets the clock makes no entry older or younger.
Status Seen::start_time(std::int64_t wall_ms) {
  const std::string end = seen_key_bound(std::numeric_limits<std::int64_t>::max());
  const rocksdb::Slice bound = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(options, database_.family(Family::kSeen)));
  it->SeekToLast();
  if (!it->status().ok()) return to_error(it->status(), "read seen");
  if (it->Valid()) {
    const Result<SeenTable::Entry> newest = decode_seen_key(view_of(it->key()));
    if (!newest.ok()) return newest.error();
    when_ms_ = newest.value().when_ms;
  }
  when_ms_ = std::clamp<std::int64_t>(std::max(when_ms_, wall_ms), 0, kTimeMax);
  ahead_ms_ = when_ms_ - steady_ms_();
  return ok_status();
}

Status Seen::load(std::int64_t wall_ms) {
  if (Status started = start_time(wall_ms); !started.ok()) return started;
  const std::string end = seen_key_bound(std::numeric_limits<std::int64_t>::max());
  const rocksdb::Slice bound = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(options, database_.family(Family::kSeen)));
  for (it->Seek(seen_key_bound(std::max<std::int64_t>(0, when_ms_ - window_ms_ + 1))); it->Valid();
       it->Next()) {
    const Result<SeenTable::Entry> entry = decode_seen_key(view_of(it->key()));
    if (!entry.ok()) return entry.error();
    table_.add(entry.value().key, entry.value().when_ms);
  }
  if (!it->status().ok()) return to_error(it->status(), "read seen");
  counters_.entries = table_.size();
  return ok_status();
}

std::int64_t Seen::now() const {
  return std::clamp<std::int64_t>(steady_ms_() + ahead_ms_, 0, kTimeMax);
}

SeenKey Seen::hash(std::string_view key) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
  return {hash.high64, hash.low64};
}

// What is too old is only dropped when a group begins: it is not believed before that either.
bool Seen::knows(std::string_view key) const {
  const SeenKey hashed = hash(key);
  const std::lock_guard lock(table_mutex_);
  const auto found = table_.find(hashed);
  return found && found->when_ms > now() - window_ms_;
}

void Seen::begin_group() {
  const std::lock_guard lock(table_mutex_);
  when_ms_ = std::max(when_ms_, now());
  table_.drop_to(when_ms_ - window_ms_ + (canary("window-a-millisecond-short") ? 1 : 0));
  group_begin_ = table_.next_number();
  fresh_.clear();
  fresh_keys_.clear();
  repeated_.clear();
  written_ = 0;
}

bool Seen::admit(PendingAppend* append) {
  append->seen = RequestSeen::kFirst;
  if (append->request.key.empty()) return true;
  const SeenKey key = hash(append->request.key);
  const auto found = table_.find(key);
  if (found && found->number >= group_begin_) {
    repeated_.emplace_back(append, static_cast<std::size_t>(found->number - group_begin_));
    return false;
  }
  if (found && answer_from_disk(key, found->when_ms, append)) return false;
  if (append->request.only_ask) {
    append->seen = RequestSeen::kUnknown;
    append->status = Error{ErrorCode::kNotFound, "no request of this key is known", {}, 0};
    return false;
  }
  remember(append, key);
  return true;
}

void Seen::remember(PendingAppend* append, const SeenKey& key) {
  {
    const std::lock_guard lock(table_mutex_);
    if (table_.add(key, when_ms_)) ++counters_.forgotten;
  }
  fresh_.push_back(append);
  fresh_keys_.push_back(key);
}

// False: it has just been removed as too old.
bool Seen::answer_from_disk(const SeenKey& key, std::int64_t when_ms, PendingAppend* append) {
  const std::string at = encode_seen_key(when_ms, key);
  std::string value;
  const rocksdb::Status read =
      database_.db().Get(rocksdb::ReadOptions(), database_.family(Family::kSeen), at, &value);
  if (read.IsNotFound()) return false;
  append->status = read.ok() ? ok_status() : Status(to_error(read, "read seen"));
  if (!read.ok()) return true;
  const Result<SeenAnswer> first = decode_seen_answer(at, value);
  if (first.ok()) {
    answer_from({{}, first.value().content, std::string(first.value().answer)}, append);
  } else {
    append->status = first.error();
  }
  return true;
}

void Seen::answer_from(const RequestKey& first, PendingAppend* append) {
  if (first.content != append->request.content) {
    append->seen = RequestSeen::kOtherContent;
    append->status =
        Error{ErrorCode::kInvalidArgument, "the key came before, with another request", {}, 0};
    return;
  }
  ++counters_.duplicates;
  append->seen = RequestSeen::kDuplicate;
  append->status = ok_status();
  append->request.answer = first.answer;
}

rocksdb::Status Seen::put(const PendingAppend& append, rocksdb::WriteBatch* batch,
                          std::uint64_t* bytes) {
  const rocksdb::Status tickets = put_tickets(append.tickets, batch, bytes);
  if (append.request.key.empty() || !tickets.ok()) return tickets;
  KPI_ASSERT(fresh_[written_] == &append);
  const std::string key = encode_seen_key(when_ms_, fresh_keys_[written_++]);
  const std::string value =
      encode_seen_answer(key, {append.request.content, append.request.answer});
  *bytes += key.size() + value.size();
  if (canary("request-key-in-a-batch-of-its-own")) {
    return database_.db().Put(database_.write_options(), database_.family(Family::kSeen), key,
                              value);
  }
  return batch->Put(database_.family(Family::kSeen), key, value);
}

rocksdb::Status Seen::put_tickets(std::span<const Ticket> tickets, rocksdb::WriteBatch* batch,
                                  std::uint64_t* bytes) {
  rocksdb::Status status;
  for (const Ticket& ticket : tickets) {
    const std::string key = encode_ticket_key(ticket), value = encode_ticket_value(key);
    *bytes += key.size() + value.size();
    if (status.ok()) status = batch->Put(database_.family(Family::kSeen), key, value);
  }
  return status;
}

void Seen::end_group(const Status& status) {
  for (const auto& [append, first] : repeated_) {
    append->status = status;
    if (status.ok()) answer_from(fresh_[first]->request, append);
  }
  counters_.entries = table_.size();
  // What the table has forgotten early goes from disk as well: the bound holds there too.
  floor_ms_ = table_.oldest_ms().value_or(0);
}

Status Seen::sweep() {
  const std::int64_t now = this->now();
  if (Status swept = sweep_requests(now); !swept.ok()) return swept;
  // Tokens expire by the wall clock: where that was set back, they live on.
  return sweep_tickets(std::min(now, wall_ms_()) / 1000);
}

Status Seen::sweep_requests(std::int64_t now_ms) {
  const std::int64_t floor = std::max(floor_ms_.load(), now_ms - window_ms_);
  const std::int64_t step = floor - floor % kSweepStepMs;
  if (step == swept_ms_ || step <= 0) return ok_status();
  swept_ms_ = step;
  return drop_range(seen_key_bound(0), seen_key_bound(step));
}

Status Seen::sweep_tickets(std::int64_t now_s) {
  const std::int64_t step = now_s - now_s % kSweepStepS;
  if (step == swept_tickets_s_ || step <= 0) return ok_status();
  swept_tickets_s_ = step;
  return drop_range(ticket_key_bound(0), ticket_key_bound(step));
}

// A store that nobody writes to is not written to.
Status Seen::drop_range(const std::string& begin, const std::string& end) {
  const rocksdb::Slice bound = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> aged(
      database_.db().NewIterator(options, database_.family(Family::kSeen)));
  aged->Seek(begin);
  if (!aged->status().ok()) return to_error(aged->status(), "read seen");
  if (!aged->Valid()) return ok_status();
  const rocksdb::Status dropped = database_.db().DeleteRange(
      database_.write_options(), database_.family(Family::kSeen), begin, end);
  return dropped.ok() ? ok_status() : Status(to_error(dropped, "drop seen keys"));
}

Result<std::vector<Ticket>> read_tickets(const Database& database, std::int64_t from_s,
                                         std::size_t tickets_max) {
  std::vector<Ticket> tickets;
  if (database.family(Family::kSeen) == nullptr) return tickets;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(options, database.family(Family::kSeen)));
  for (it->Seek(ticket_key_bound(std::max<std::int64_t>(0, from_s)));
       it->Valid() && tickets.size() < tickets_max; it->Next()) {
    const Result<Ticket> ticket = decode_ticket(view_of(it->key()), view_of(it->value()));
    if (!ticket.ok()) return ticket.error();
    tickets.push_back(ticket.value());
  }
  if (!it->status().ok()) return to_error(it->status(), "read seen");
  return tickets;
}

}  // namespace kpi
