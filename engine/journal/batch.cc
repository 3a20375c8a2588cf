#include "kpi/batch.h"

#include <xxhash.h>

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/journal/batch_contents.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}, 0};
}
Error beyond(std::string message) { return {ErrorCode::kLimitExceeded, std::move(message), {}, 0}; }

std::string at_most(const char* what, std::size_t limit, std::size_t found) {
  return std::string(what) + " has " + std::to_string(found) + " bytes, at most " +
         std::to_string(limit) + " are allowed";
}

Status check_size(const char* what, std::string_view name, std::size_t min, std::size_t max) {
  if (name.size() < min) return invalid(std::string(what) + " is empty");
  if (name.size() > max) return beyond(at_most(what, max, name.size()));
  return ok_status();
}

std::uint64_t hash_shape(EventKind kind, std::uint32_t weight,
                         std::span<const std::uint32_t> measures,
                         std::span<const std::uint32_t> labels) {
  std::uint64_t hash = (std::uint64_t{kind.packed()} << 32) ^ weight ^ (measures.size() << 20);
  hash = XXH3_64bits_withSeed(measures.data(), measures.size_bytes(), hash);
  return labels.empty() ? hash : XXH3_64bits_withSeed(labels.data(), labels.size_bytes(), hash);
}

bool same_shape(const Batch::Contents& contents, const Batch::Contents::Shape& shape,
                EventKind kind, std::uint32_t weight, std::span<const std::uint32_t> measures,
                std::span<const std::uint32_t> labels) {
  return shape.kind == kind && shape.weight == weight &&
         std::ranges::equal(contents.measures_of(shape), measures) &&
         std::ranges::equal(contents.labels_of(shape), labels);
}

// Of names, shapes, values and documents; rows have a limit of their own.
Status check_room(const Batch::Contents& c, std::size_t more) {
  const std::size_t used = c.values_used + c.series.size_bytes() + c.measures.size_bytes() +
                           c.labels.size_bytes() + c.shape_ids.size() * sizeof(std::uint32_t) +
                           c.document_bytes.size();
  if (used + more <= kBatchBytesMax) return ok_status();
  return beyond("a batch has at most " + std::to_string(kBatchBytesMax) + " bytes");
}

// Indexes of one table are equal where their names are; of a label the name alone counts.
Status check_measures_distinct(const PairTable& table, std::span<const std::uint32_t> indexes) {
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    KPI_ASSERT(indexes[i] < table.size());
    for (std::size_t j = 0; j < i; ++j) {
      if (indexes[i] != indexes[j]) continue;
      return invalid("measure '" + std::string(table.first(indexes[i])) +
                     "' stands twice in one event");
    }
  }
  return ok_status();
}

Status check_labels_distinct(const PairTable& table, std::span<const std::uint32_t> indexes) {
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    KPI_ASSERT(indexes[i] < table.size());
    for (std::size_t j = 0; j < i; ++j) {
      if (table.first(indexes[i]) != table.first(indexes[j])) continue;
      return invalid("label '" + std::string(table.first(indexes[i])) +
                     "' stands twice in one event");
    }
  }
  return ok_status();
}

Status check_shape(const Batch::Contents& contents, EventKind kind, std::uint32_t weight,
                   std::span<const std::uint32_t> measures, std::span<const std::uint32_t> labels) {
  if (!kind.valid()) return invalid("outcome, ui_shown and error do not fit each other");
  if (weight < kWeightMin || weight > kWeightMax) {
    return invalid("weight " + std::to_string(weight) + " is outside " +
                   std::to_string(kWeightMin) + ".." + std::to_string(kWeightMax) + " thousandths");
  }
  if (measures.size() > kMeasuresPerEventMax) {
    return beyond("an event has at most " + std::to_string(kMeasuresPerEventMax) + " measures");
  }
  if (labels.size() > kLabelsPerEventMax) {
    return beyond("an event has at most " + std::to_string(kLabelsPerEventMax) + " labels");
  }
  if (Status s = check_measures_distinct(contents.measures, measures); !s.ok()) return s;
  return check_labels_distinct(contents.labels, labels);
}

}  // namespace

Batch::Batch() : contents_(std::make_unique<Contents>()) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

Result<std::uint32_t> Batch::intern_series(std::string_view rp, std::string_view client) {
  if (Status s = check_size("rp", rp, 0, kRpBytesMax); !s.ok()) return s.error();
  if (Status s = check_size("client", client, 0, kClientBytesMax); !s.ok()) return s.error();
  if (Status s = check_room(*contents_, rp.size() + client.size()); !s.ok()) return s.error();
  return contents_->series.intern(rp, client).index;
}

Result<std::uint32_t> Batch::intern_measure(std::string_view name) {
  if (Status s = check_size("measure name", name, 1, kMeasureNameBytesMax); !s.ok()) {
    return s.error();
  }
  if (Status s = check_room(*contents_, name.size()); !s.ok()) return s.error();
  return contents_->measures.intern(name, {}).index;
}

Result<std::uint32_t> Batch::intern_label(std::string_view name, std::string_view value) {
  if (Status s = check_size("label name", name, 1, kLabelNameBytesMax); !s.ok()) return s.error();
  if (Status s = check_size("label value", value, 1, kLabelValueBytesMax); !s.ok()) {
    return s.error();
  }
  if (Status s = check_room(*contents_, name.size() + value.size()); !s.ok()) return s.error();
  return contents_->labels.intern(name, value).index;
}

Result<std::uint32_t> Batch::intern_shape(EventKind kind, std::uint32_t weight,
                                          std::span<const std::uint32_t> measures,
                                          std::span<const std::uint32_t> labels) {
  Contents& c = *contents_;
  const std::uint64_t hash = hash_shape(kind, weight, measures, labels);
  if (c.shape_slots.size() < 2 * (c.shapes.size() + 1)) {
    c.shape_slots.assign(std::max<std::size_t>(16, c.shape_slots.size() * 2), 0);
    for (std::size_t i = 0; i < c.shapes.size(); ++i) {
      std::size_t slot = c.shapes[i].hash & (c.shape_slots.size() - 1);
      while (c.shape_slots[slot] != 0) slot = (slot + 1) & (c.shape_slots.size() - 1);
      c.shape_slots[slot] = static_cast<std::uint32_t>(i + 1);
    }
  }
  const std::size_t mask = c.shape_slots.size() - 1;
  std::size_t slot = hash & mask;
  for (; c.shape_slots[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t index = c.shape_slots[slot] - 1;
    if (c.shapes[index].hash == hash &&
        same_shape(c, c.shapes[index], kind, weight, measures, labels)) {
      return index;
    }
  }
  if (Status s = check_shape(c, kind, weight, measures, labels); !s.ok()) return s.error();
  const std::size_t ids = measures.size() + labels.size();
  if (Status s = check_room(c, ids * sizeof(std::uint32_t)); !s.ok()) return s.error();
  Contents::Shape shape;
  shape.kind = kind;
  shape.weight = weight;
  shape.begin = static_cast<std::uint32_t>(c.shape_ids.size());
  shape.measures = static_cast<std::uint32_t>(measures.size());
  shape.labels = static_cast<std::uint32_t>(labels.size());
  shape.hash = hash;
  c.shape_ids.insert(c.shape_ids.end(), measures.begin(), measures.end());
  c.shape_ids.insert(c.shape_ids.end(), labels.begin(), labels.end());
  c.shapes.push_back(shape);
  c.shape_slots[slot] = static_cast<std::uint32_t>(c.shapes.size());
  return static_cast<std::uint32_t>(c.shapes.size() - 1);
}

Status Batch::add_row(std::int64_t time_ms, std::uint32_t series, std::uint32_t shape,
                      std::span<const std::uint32_t> values) {
  Contents& c = *contents_;
  KPI_ASSERT(series < c.series.size() && shape < c.shapes.size());
  KPI_ASSERT(values.size() == c.shapes[shape].measures);
  if (time_ms < 0 || time_ms > kTimeMsMax) {
    return invalid("time " + std::to_string(time_ms) + " ms is outside 1970..2149");
  }
  if (c.rows.size() >= kBatchEventsMax) {
    return beyond("a batch has at most " + std::to_string(kBatchEventsMax) + " events");
  }
  constexpr std::size_t kValueBytesMax = 5;  // Of a 32-bit varint.
  const std::size_t room = values.size() * kValueBytesMax;
  if (Status s = check_room(c, room); !s.ok()) return s;
  if (c.values.size() < c.values_used + room) {
    c.values.resize(std::max<std::size_t>(64, 2 * (c.values_used + room)));
  }
  char* out = c.values.data() + c.values_used;
  for (const std::uint32_t value : values) out = put_varint(out, value);
  c.values_used = static_cast<std::size_t>(out - c.values.data());
  c.rows.push_back({time_ms, series, shape, static_cast<std::uint32_t>(c.values_used)});
  return ok_status();
}

Status Batch::add(const Event& event) {
  Contents& c = *contents_;
  c.scratch_measures.clear();
  c.scratch_labels.clear();
  c.scratch_values.clear();
  for (const NamedValue& measure : event.measures) {
    Result<std::uint32_t> index = intern_measure(measure.name);
    if (!index.ok()) return index.error();
    c.scratch_measures.push_back(index.value());
    c.scratch_values.push_back(measure.value);
  }
  for (const NamedLabel& label : event.labels) {
    Result<std::uint32_t> index = intern_label(label.name, label.value);
    if (!index.ok()) return index.error();
    c.scratch_labels.push_back(index.value());
  }
  Result<std::uint32_t> series = intern_series(event.rp, event.client);
  if (!series.ok()) return series.error();
  Result<std::uint32_t> shape =
      intern_shape(event.kind, event.weight, c.scratch_measures, c.scratch_labels);
  if (!shape.ok()) return shape.error();
  return add_row(event.time_ms, series.value(), shape.value(), c.scratch_values);
}

std::size_t Batch::size() const { return contents_->rows.size(); }

std::size_t Batch::size_bytes() const {
  const Contents& c = *contents_;
  return c.values_used + c.rows.size() * sizeof(Contents::Row) + c.series.size_bytes() +
         c.measures.size_bytes() + c.labels.size_bytes() +
         c.shape_ids.size() * sizeof(std::uint32_t) + c.document_bytes.size();
}

void Batch::set_sender(std::uint64_t sender) {
  Contents& c = *contents_;
  const auto row = static_cast<std::uint32_t>(c.rows.size());
  if (!c.senders.empty() && c.senders.back().first_row == row) c.senders.pop_back();
  const std::uint64_t before = c.senders.empty() ? 0 : c.senders.back().sender;
  if (sender != before) c.senders.push_back({row, sender});
}

Status Batch::attach_document(std::string_view text) {
  Contents& c = *contents_;
  if (c.rows.empty()) return invalid("a document needs an event before it");
  if (!c.documents.empty() && c.documents.back().row + 1 == c.rows.size()) {
    return invalid("the event has a document already");
  }
  if (Status s = check_size("document", text, 1, kDocumentBytesMax); !s.ok()) return s;
  if (Status s = check_room(c, text.size()); !s.ok()) return s;
  c.document_bytes.append(text);
  c.documents.push_back({static_cast<std::uint32_t>(c.rows.size() - 1),
                         static_cast<std::uint32_t>(c.document_bytes.size())});
  return ok_status();
}

void Batch::clear() {
  Contents& c = *contents_;
  c.series.clear();
  c.measures.clear();
  c.labels.clear();
  c.shapes.clear();
  c.shape_ids.clear();
  std::fill(c.shape_slots.begin(), c.shape_slots.end(), 0);
  c.rows.clear();
  c.values_used = 0;
  c.documents.clear();
  c.document_bytes.clear();
  c.senders.clear();
}

}  // namespace kpi
