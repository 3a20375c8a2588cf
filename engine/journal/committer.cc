#include "engine/journal/committer.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/document/document_record.h"
#include "engine/journal/batch_contents.h"
#include "engine/journal/stored_names.h"
#include "engine/key/key.h"
#include "engine/meta/marks.h"
#include "kpi/assert.h"
#include "kpi/canary.h"

namespace kpi {
namespace {

// A group is what fits into kGroupBytesMax, and then one batch more.
static_assert((kBatchEventsMax + kGroupBytesMax / sizeof(Batch::Contents::Row)) >>
                  kDocumentRowBits ==
              0);

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::size_t bucket_of(std::uint64_t micros) {
  const auto width = static_cast<std::size_t>(std::bit_width(micros >> 6));
  return std::min(width, EngineStats::kCommitBuckets - 1);
}

}  // namespace

Committer::Committer(Database& database, Dictionary& dictionary, NameGate& name_gate, Live& live,
                     DocumentWriter documents, Seen& seen, SenderTable& senders,
                     Followers& followers, std::uint64_t last_sequence, std::uint64_t journal_bytes,
                     std::function<void()> on_group, std::function<void(const Error&)> on_error)
    : database_(database),
      dictionary_(dictionary),
      name_gate_(name_gate),
      live_(live),
      documents_(std::move(documents)),
      seen_(seen),
      senders_(senders),
      followers_(followers),
      on_group_(std::move(on_group)),
      on_error_(std::move(on_error)) {
  counters_.sequence = last_sequence;
  counters_.journal_bytes = journal_bytes;
  worker_.start([this] { run(); }, [this] { commit_all(take_all()); });
}

Committer::~Committer() { stop(); }

// The stack holds appends newest first, so a chain goes on it turned around.
void Committer::submit(PendingAppend* chain) {
  PendingAppend* const oldest = chain;
  PendingAppend* newest = nullptr;
  while (chain != nullptr) newest = std::exchange(chain, std::exchange(chain->next, newest));
  PendingAppend* head = submitted_.load(std::memory_order_acquire);
  do {
    if (head == &closed_) {
      oldest->next = nullptr;
      return refuse(newest);
    }
    oldest->next = head;
  } while (!submitted_.compare_exchange_weak(head, newest, std::memory_order_release,
                                             std::memory_order_acquire));
  if (head == nullptr) {  // Only the empty -> non-empty edge wakes.
    signal_.fetch_add(1, std::memory_order_release);
    signal_.notify_one();
  }
}

void Committer::refuse(PendingAppend* newest) {
  std::vector<PendingAppend*> refused;
  for (; newest != nullptr; newest = newest->next) refused.push_back(newest);
  std::reverse(refused.begin(), refused.end());
  for (PendingAppend* append : refused) append->status = refusal();
  hand_back(refused);
}

PendingAppend* Committer::take_all() {
  PendingAppend* newest = submitted_.exchange(nullptr, std::memory_order_acquire);
  PendingAppend* oldest = nullptr;
  while (newest != nullptr) oldest = std::exchange(newest, std::exchange(newest->next, oldest));
  return oldest;
}

void Committer::run() {
  for (;;) {
    const std::uint32_t seen = signal_.load(std::memory_order_acquire);
    PendingAppend* chain = take_all();
    if (chain == nullptr) {
      if (stopping_.load(std::memory_order_acquire) && close_stack()) return;
      signal_.wait(seen, std::memory_order_acquire);
      continue;
    }
    commit_all(chain);
  }
}

void Committer::commit_all(PendingAppend* chain) {
  while (chain != nullptr) {
    wait_while_paused();
    chain = commit_group(chain);
    on_group_();
  }
}

void Committer::settle() {
  if (worker_.is_stepped()) commit_all(take_all());
}

// Only an empty stack closes, so that whatever got onto it is answered.
bool Committer::close_stack() {
  PendingAppend* none = nullptr;
  return submitted_.compare_exchange_strong(none, &closed_, std::memory_order_acq_rel);
}

void Committer::wait_while_paused() {
  std::unique_lock lock(state_mutex_);
  if (worker_.is_stepped() && paused_ && !failed() && !stopping_) {
    lock.unlock();
    return worker_.let(Work::kUpkeep);
  }
  unpaused_.wait(lock, [this] { return !paused_ || failed() || stopping_; });
}

void Committer::set_paused(bool paused) {
  const std::lock_guard lock(state_mutex_);
  paused_ = paused;
  unpaused_.notify_all();
}

// Takes one group off the chain and returns the rest.
PendingAppend* Committer::commit_group(PendingAppend* chain) {
  std::vector<PendingAppend*> taken, group;
  std::size_t bytes = 0;
  seen_.begin_group();
  do {
    bytes += chain->batch.size_bytes() + chain->mark.name.size() + chain->mark.value.size() +
             chain->request.answer.size();
    taken.push_back(chain);
    if (admit(chain)) group.push_back(chain);
    chain = chain->next;
  } while (chain != nullptr && bytes < kGroupBytesMax);
  const bool stopped = failed() && !canary("writes-after-the-first-error");
  const Status status = stopped ? refusal() : write_group(group);
  seen_.end_group(status);
  // Before the answers: whoever begins to follow after one has seen it must not see it again.
  if (status.ok() && !row_ids_.empty() && followers_.any()) tell_followers(group);
  if (!canary("failed-write-answered")) {
    for (PendingAppend* append : group) append->status = status;
  }
  hand_back(taken);
  return chain;
}

// Whether it takes part in the group's write; else its status is set, or will be by Seen.
bool Committer::admit(PendingAppend* append) {
  append->status = check_mark(append->mark);
  if (append->status.ok()) append->status = check_request_key(append->request);
  return append->status.ok() && seen_.admit(append);
}

Status Committer::write_group(std::span<PendingAppend* const> group) {
  const auto start = std::chrono::steady_clock::now();
  const std::lock_guard lock(group_mutex_);
  const std::uint64_t sequence = counters_.sequence + 1;
  std::uint64_t bytes = 0;
  rocksdb::Status status = gather(group, sequence, &bytes);
  if (status.ok() && write_batch_.Count() == 0) return ok_status();
  if (status.ok()) status = database_.db().Write(database_.write_options(), &write_batch_);
  if (!status.ok()) {
    fail(to_error(status, "write the journal"));
    return refusal();
  }
  if (row_ids_.empty()) return ok_status();  // Marks only.
  add_to_live(group, sequence);
  count_senders(group);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  counters_.sequence = sequence;
  count_group(row_ids_.size(), bytes,
              static_cast<std::uint64_t>(
                  std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count()));
  return ok_status();
}

// Fills the write batch: names, documents, marks, request keys and the journal record.
rocksdb::Status Committer::gather(std::span<PendingAppend* const> group, std::uint64_t sequence,
                                  std::uint64_t* bytes) {
  write_batch_.Clear();
  row_ids_.clear();
  cut_values_.clear();
  for (const std::uint32_t shape : shapes_in_record_) record_shapes_[shape] = 0;
  shapes_in_record_.clear();
  rocksdb::Status status;
  std::uint64_t seen_bytes = 0;
  for (const PendingAppend* append : group) {
    const Batch::Contents& batch = append->batch.contents();
    if (status.ok()) status = documents_.put(batch, sequence, row_ids_.size(), &write_batch_);
    if (status.ok()) status = put_mark(database_, append->mark, &write_batch_);
    if (status.ok()) status = seen_.put(*append, &write_batch_, &seen_bytes);
    encode_batch(batch);
  }
  if (status.ok()) status = documents_.finish(&write_batch_, bytes);
  if (row_ids_.empty() || !status.ok()) return status;
  record_bytes_ = record_.finish();
  *bytes += record_bytes_.size() + seen_bytes;
  const auto key = encode_journal_key(sequence);
  return write_batch_.Put(database_.family(Family::kJournal), slice(key.view()),
                          slice(record_bytes_));
}

void Committer::encode_batch(const Batch::Contents& batch) {
  series_ids_.assign(batch.series.size(), 0);
  series_met_.assign(batch.series.size(), {});
  shapes_.assign(batch.shapes.size(), {});
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const Batch::Contents::Row& row = batch.rows[i];
    if (series_ids_[row.series] == 0) series_ids_[row.series] = series_id(batch, row.series);
    MappedShape& shape = shapes_[row.shape];
    if (shape.id == 0) map_shape(batch, row.shape, &shape);
    const NameLimitSet met = series_met_[row.series] | shape.met;
    if (met.any()) name_gate_.count(met);
    std::string_view values = batch.values_of(i);
    if (!shape.left_out.empty()) values = without(values, shape.left_out);
    row_ids_.push_back({series_ids_[row.series], shape.id - 1, values});
    record_.add_row(row.time_ms, series_ids_[row.series], record_shape(shape.id - 1), values);
  }
}

std::uint32_t Committer::series_id(const Batch::Contents& batch, std::uint32_t index) {
  const NameGate::Series series =
      name_gate_.series(batch.series.first(index), batch.series.second(index));
  if (series.id != 0) return series.id;
  series_met_[index] = series.met;
  return intern(NameKind::kSeries, intern(NameKind::kRp, 0, series.rp), series.client);
}

void Committer::map_shape(const Batch::Contents& batch, std::uint32_t index, MappedShape* mapped) {
  scratch_shape_.kind = batch.shapes[index].kind;
  scratch_shape_.weight = batch.shapes[index].weight;
  map_measures(batch, index, mapped);
  map_labels(batch, index, mapped);
  mapped->id = live_.active().intern(scratch_shape_) + 1;
}

// No measure and no label may be in a shape twice: of several that share (other) the first stays.
void Committer::map_measures(const Batch::Contents& batch, std::uint32_t index,
                             MappedShape* mapped) {
  std::vector<std::uint32_t>& ids = scratch_shape_.measures;
  ids.clear();
  std::uint32_t place = 0;
  for (const std::uint32_t measure : batch.measures_of(batch.shapes[index])) {
    const NameGate::Name name = name_gate_.measure(batch.measures.first(measure));
    mapped->met |= name.met;
    const std::uint32_t id = name.id != 0 ? name.id : intern(NameKind::kMeasure, 0, name.name);
    const bool other = name.met.any() || name.name == kOtherName;
    if (other && std::find(ids.begin(), ids.end(), id) != ids.end()) {
      mapped->left_out.push_back(place);
    } else {
      ids.push_back(id);
    }
    ++place;
  }
}

void Committer::map_labels(const Batch::Contents& batch, std::uint32_t index, MappedShape* mapped) {
  scratch_shape_.labels.clear();
  scratch_shape_.label_values.clear();
  for (const std::uint32_t label : batch.labels_of(batch.shapes[index])) {
    const NameGate::Label named =
        name_gate_.label(batch.labels.first(label), batch.labels.second(label));
    mapped->met |= named.met;
    const std::uint32_t id = intern(NameKind::kLabel, 0, named.label);
    const auto& labels = scratch_shape_.labels;
    if (std::find(labels.begin(), labels.end(), id) != labels.end()) continue;
    scratch_shape_.labels.push_back(id);
    scratch_shape_.label_values.push_back(intern(NameKind::kLabelValue, id, named.value));
  }
}

std::string_view Committer::without(std::string_view values,
                                    const std::vector<std::uint32_t>& left_out) {
  std::string& kept = cut_values_.emplace_back();
  ByteReader reader(values);
  auto next = left_out.begin();
  for (std::uint32_t place = 0; !reader.done(); ++place) {
    std::uint32_t value = 0;
    const bool whole = reader.varint32(value);
    KPI_ASSERT(whole);  // A batch packs them itself.
    if (next != left_out.end() && *next == place) {
      ++next;
    } else {
      append_varint(kept, value);
    }
  }
  return kept;
}

std::uint32_t Committer::record_shape(std::uint32_t generation_shape) {
  if (generation_shape >= record_shapes_.size()) {
    record_shapes_.resize(std::max<std::size_t>(64, 2 * (std::size_t{generation_shape} + 1)), 0);
  }
  std::uint32_t& index = record_shapes_[generation_shape];
  if (index == 0) {
    index = 1 + record_.add_shape(live_.active().shapes()[generation_shape]);
    shapes_in_record_.push_back(generation_shape);
  }
  return index - 1;
}

std::uint32_t Committer::intern(NameKind kind, std::uint32_t parent, std::string_view name) {
  return intern_name(database_, &dictionary_, kind, parent, name, &write_batch_);
}

void Committer::add_to_live(std::span<PendingAppend* const> group, std::uint64_t sequence) {
  Generation& live = live_.active();
  {
    const std::unique_lock lock(live.mutex);
    std::size_t next = 0;
    for (const PendingAppend* append : group) {
      const Batch::Contents& batch = append->batch.contents();
      for (std::size_t i = 0; i < batch.rows.size(); ++i, ++next) {
        live.add(row_ids_[next].series, row_ids_[next].shape, sequence, batch.rows[i].time_ms,
                 row_ids_[next].values);
      }
    }
  }
  live_.publish(sequence);
}

void Committer::count_senders(std::span<PendingAppend* const> group) {
  std::optional<SenderTable::Adder> adder;
  std::uint32_t series = 0, rp = 0;
  std::size_t first = 0;  // Of the batch, in row_ids_.
  for (const PendingAppend* append : group) {
    const Batch::Contents& batch = append->batch.contents();
    for (std::size_t run = 0; run < batch.senders.size(); ++run) {
      const Batch::Contents::Sender& from = batch.senders[run];
      const bool last = run + 1 == batch.senders.size();
      const std::size_t end = last ? batch.rows.size() : batch.senders[run + 1].first_row;
      if (from.sender == 0) continue;
      if (!adder) adder.emplace(senders_);
      for (std::size_t i = from.first_row; i < end; ++i) {
        if (row_ids_[first + i].series != series) {
          series = row_ids_[first + i].series;
          rp = dictionary_.series(series).rp_id;
        }
        adder->add(rp, batch.rows[i].time_ms, from.sender);
      }
    }
    first += batch.rows.size();
  }
}

void Committer::tell_followers(std::span<PendingAppend* const> group) {
  auto told = std::make_shared<FollowGroup>();
  told->record = record_bytes_;
  std::size_t first_row = 0;
  for (const PendingAppend* append : group) {
    const Batch::Contents& batch = append->batch.contents();
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
      const std::uint32_t row = batch.documents[i].row;
      const auto record_row = static_cast<std::uint32_t>(first_row + row);
      const DocumentKey key{batch.rows[row].time_ms, counters_.sequence, record_row};
      told->documents.push_back({record_row, encode(key), std::string(batch.document(i))});
    }
    first_row += batch.rows.size();
  }
  followers_.publish(told);
}

void Committer::count_group(std::uint64_t events, std::uint64_t bytes, std::uint64_t micros) {
  counters_.events += events;
  counters_.groups += 1;
  counters_.micros += micros;
  counters_.journal_bytes += bytes;
  counters_.buckets[bucket_of(micros)] += 1;
}

// Each sink gets its appends as one chain, in the order of commit.
void Committer::hand_back(std::span<PendingAppend* const> group) {
  struct Chain {
    AppendSink* sink;
    PendingAppend* first;
    PendingAppend* last;
  };
  std::vector<Chain> chains;
  for (PendingAppend* append : group) {
    append->next = nullptr;
    const auto found = std::find_if(chains.rbegin(), chains.rend(),
                                    [&](const Chain& c) { return c.sink == append->sink; });
    if (found == chains.rend()) {
      chains.push_back({append->sink, append, append});
    } else {
      found->last = found->last->next = append;
    }
  }
  for (const Chain& chain : chains) {
    if (chain.sink != nullptr) chain.sink->on_committed(chain.first);
  }
}

void Committer::fail(const Error& error) {
  {
    const std::lock_guard lock(state_mutex_);
    if (failed_) return;
    failure_ = error;
    failed_.store(true, std::memory_order_release);
    unpaused_.notify_all();
  }
  on_error_(error);
}

Status Committer::refusal() const {
  const std::lock_guard lock(state_mutex_);
  if (!failed_) return Error{ErrorCode::kUnavailable, "the store is closing", {}, 0};
  return Error{ErrorCode::kUnavailable, "the store has stopped: " + failure_.message,
               "restart it; what was answered is safe", 0};
}

void Committer::stop() {
  if (stopping_.exchange(true)) return worker_.join();
  signal_.fetch_add(1, std::memory_order_release);
  signal_.notify_one();
  {
    const std::lock_guard lock(state_mutex_);
    unpaused_.notify_all();
  }
  settle();
  if (worker_.is_stepped()) (void)close_stack();
  worker_.join();
}

}  // namespace kpi
