#include <xxhash.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/chunk/chunk.h"
#include "engine/chunk/format.h"
#include "engine/chunk/rice.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

using Values = std::vector<std::uint32_t>;

Values gaps_of(const Values& rows) {
  Values gaps(rows.size());
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    KPI_ASSERT(rows[i] >= next);
    gaps[i] = rows[i] - next;
    next = rows[i] + 1;
  }
  return gaps;
}

// The distinct values, ascending, then an index into them for each where there are several.
void append_by_dictionary(const Values& values, std::string* out) {
  Values dictionary = values;
  std::sort(dictionary.begin(), dictionary.end());
  dictionary.erase(std::unique(dictionary.begin(), dictionary.end()), dictionary.end());
  append_varint(*out, dictionary.size());
  std::uint32_t next = 0;
  for (const std::uint32_t value : dictionary) {
    append_varint(*out, value - next);
    next = value + 1;
  }
  if (dictionary.size() == 1) return;
  Values indexes(values.size());
  std::transform(values.begin(), values.end(), indexes.begin(), [&](std::uint32_t value) {
    const auto at = std::lower_bound(dictionary.begin(), dictionary.end(), value);
    return static_cast<std::uint32_t>(at - dictionary.begin());
  });
  append_rice(indexes, out);
}

class Encoder {
 public:
  Encoder(const EventColumns& events, const ResidualRule& rule)
      : events_(events), rule_(rule), count_(events.size()) {}
  std::string encode();

 private:
  void check_limits() const;
  void append_times();
  void append_kinds();
  void append_weights();
  void append_labels();
  void append_measures();
  void append_measure(const EventColumns::Measure& measure, std::uint32_t id_step);
  chunk::Presence presence_of(const EventColumns::Measure& measure);
  const EventColumns::Measure* find(std::uint32_t id) const;
  // The target's difference from the sum of its parts, zigzag modulo 2^32; empty: not applicable.
  Values residual_of(const EventColumns::Measure& target) const;

  const EventColumns& events_;
  const ResidualRule& rule_;
  const std::size_t count_;
  Values successes_;
  const Values* list_before_ = nullptr;
  std::string out_;
};

std::string Encoder::encode() {
  check_limits();
  out_.assign(chunk::kChecksumBytes, '\0');
  out_.push_back(static_cast<char>(chunk::kVersion));
  append_times();
  append_kinds();
  append_weights();
  append_labels();
  append_measures();
  const std::uint64_t hash =
      XXH3_64bits(out_.data() + chunk::kChecksumBytes, out_.size() - chunk::kChecksumBytes);
  std::memcpy(out_.data(), &hash, sizeof hash);
  return std::move(out_);
}

void Encoder::check_limits() const {
  KPI_ASSERT(count_ >= 1 && count_ <= kChunkEventsMax);
  KPI_ASSERT(events_.kinds.size() == count_);
  KPI_ASSERT(events_.weights.empty() || events_.weights.size() == count_);
  KPI_ASSERT(events_.labels.size() * count_ <= kChunkValuesMax);
  std::size_t values = 0;
  for (const auto& measure : events_.measures) {
    KPI_ASSERT(!measure.values.empty());
    KPI_ASSERT(measure.values.size() == (measure.rows.empty() ? count_ : measure.rows.size()));
    values += measure.values.size();
  }
  KPI_ASSERT(values <= kChunkValuesMax);
}

void Encoder::append_times() {
  const auto& times = events_.times_ms;
  KPI_ASSERT(times.front() >= 0 && times.front() / kDayMs == times.back() / kDayMs);
  append_varint(out_, count_);
  append_varint(out_, static_cast<std::uint64_t>(times.front() % kDayMs));
  append_varint(out_, static_cast<std::uint64_t>(times.back() - times.front()));
  if (count_ == 1) return;
  Values deltas(count_ - 1);
  for (std::size_t i = 1; i < count_; ++i) {
    KPI_ASSERT(times[i] >= times[i - 1]);
    deltas[i - 1] = static_cast<std::uint32_t>(times[i] - times[i - 1]);
  }
  append_rice(deltas, &out_);
}

void Encoder::append_kinds() {
  std::map<std::uint32_t, std::size_t> counts;
  for (const EventKind kind : events_.kinds) {
    KPI_ASSERT(kind.valid());
    ++counts[chunk::rotate_kind(kind)];
  }
  const auto main =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      })->first;
  Values rows, kinds;
  for (std::size_t i = 0; i < count_; ++i) {
    if (events_.kinds[i].outcome() == Outcome::kSuccess) {
      successes_.push_back(static_cast<std::uint32_t>(i));
    }
    const std::uint32_t kind = chunk::rotate_kind(events_.kinds[i]);
    if (kind == main) continue;
    rows.push_back(static_cast<std::uint32_t>(i));
    kinds.push_back(kind);
  }
  append_varint(out_, main);
  append_varint(out_, rows.size());
  if (rows.empty()) return;
  append_rice(gaps_of(rows), &out_);
  append_by_dictionary(kinds, &out_);
}

void Encoder::append_weights() {
  const auto& weights = events_.weights;
  const bool plain = std::all_of(weights.begin(), weights.end(),
                                 [](std::uint32_t weight) { return weight == kWeightMin; });
  out_.push_back(plain ? 0 : 1);
  if (plain) return;
  for (const std::uint32_t weight : weights) {
    KPI_ASSERT(weight >= kWeightMin && weight <= kWeightMax);
  }
  append_rice(weights, &out_);
}

void Encoder::append_labels() {
  append_varint(out_, events_.labels.size());
  std::uint32_t next = 0;
  for (const auto& label : events_.labels) {
    KPI_ASSERT(label.name_id >= next && label.value_ids.size() == count_);
    append_varint(out_, label.name_id - next);
    next = label.name_id + 1;
    append_by_dictionary(label.value_ids, &out_);
  }
}

void Encoder::append_measures() {
  append_varint(out_, events_.measures.size());
  std::uint32_t next = 0;
  for (const auto& measure : events_.measures) {
    KPI_ASSERT(measure.id >= next);
    append_measure(measure, measure.id - next);
    next = measure.id + 1;
  }
}

void Encoder::append_measure(const EventColumns::Measure& measure, std::uint32_t id_step) {
  const chunk::Presence presence = presence_of(measure);
  const RicePlan plain(measure.values);
  const Values residual = residual_of(measure);
  std::size_t residual_bytes = plain.bytes();
  if (!residual.empty()) {
    residual_bytes = RicePlan(residual).bytes();
    for (const std::uint32_t id : rule_.parts) residual_bytes += varint_size(id);
  }
  const bool by_residual = residual_bytes < plain.bytes();
  append_varint(out_, id_step);
  out_.push_back(static_cast<char>(static_cast<std::uint8_t>(presence) |
                                   (by_residual ? chunk::kResidualFlag : 0)));
  if (presence == chunk::Presence::kOwnList) {
    append_varint(out_, measure.rows.size());
    append_rice(gaps_of(measure.rows), &out_);
    KPI_ASSERT(measure.rows.back() < count_);
  }
  if (!by_residual) return append_rice(plain, measure.values, &out_);
  for (const std::uint32_t id : rule_.parts) append_varint(out_, id);
  append_rice(residual, &out_);
}

chunk::Presence Encoder::presence_of(const EventColumns::Measure& measure) {
  if (measure.values.size() == count_) return chunk::Presence::kEveryEvent;
  if (measure.rows == successes_) return chunk::Presence::kSuccesses;
  if (list_before_ != nullptr && measure.rows == *list_before_) {
    return chunk::Presence::kListBefore;
  }
  list_before_ = &measure.rows;
  return chunk::Presence::kOwnList;
}

const EventColumns::Measure* Encoder::find(std::uint32_t id) const {
  const auto& all = events_.measures;
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& m) { return m.id == id; });
  return at == all.end() ? nullptr : &*at;
}

Values Encoder::residual_of(const EventColumns::Measure& target) const {
  if (rule_.target == 0 || target.id != rule_.target) return {};
  Values residual = target.values;
  for (const std::uint32_t id : rule_.parts) {
    const EventColumns::Measure* part = find(id);
    if (part == nullptr || part == &target || part->rows != target.rows) return {};
    for (std::size_t i = 0; i < residual.size(); ++i) residual[i] -= part->values[i];
  }
  for (std::uint32_t& value : residual) {
    value = static_cast<std::uint32_t>(zigzag(static_cast<std::int32_t>(value)));
  }
  return residual;
}

}  // namespace

std::string encode_chunk(const EventColumns& events, const ResidualRule& rule) {
  return Encoder(events, rule).encode();
}

}  // namespace kpi
