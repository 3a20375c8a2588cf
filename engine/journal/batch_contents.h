// What a Batch holds, for those who commit it: interned names, shapes and packed rows. Indexes are
// local to the batch; the committer maps them to ids of the dictionary.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/batch.h"

namespace kpi {

// Pairs of strings <-> dense indexes, found by XXH3 in an open-addressed table.
class PairTable {
 public:
  struct Interned {
    std::uint32_t index = 0;
    bool is_new = false;
  };
  Interned intern(std::string_view first, std::string_view second);
  std::string_view first(std::uint32_t index) const;
  std::string_view second(std::uint32_t index) const;
  std::size_t size() const { return entries_.size(); }
  std::size_t size_bytes() const { return bytes_.size(); }
  void clear();

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t offset = 0, first_size = 0, second_size = 0;
  };
  void grow();

  std::vector<Entry> entries_;
  std::string bytes_;
  std::vector<std::uint32_t> slots_;  // 1 + index, 0 free; a power of two, at most half full.
};

struct Batch::Contents {
  struct Shape {
    EventKind kind;
    std::uint32_t weight = kWeightMin;
    std::uint32_t begin = 0;  // In shape_ids: its measures, then its labels.
    std::uint32_t measures = 0, labels = 0;
    std::uint64_t hash = 0;
  };
  struct Row {
    std::int64_t time_ms = 0;
    std::uint32_t series = 0, shape = 0;
    std::uint32_t values_end = 0;  // In `values`; a row begins where the one before it ends.
  };

  PairTable series;    // (rp, client)
  PairTable measures;  // (name, "")
  PairTable labels;    // (name, value)
  std::vector<Shape> shapes;
  std::vector<std::uint32_t> shape_ids;
  std::vector<std::uint32_t> shape_slots;
  std::vector<Row> rows;
  std::vector<char> values;  // One varint a value; `values_used` of them are filled.
  std::size_t values_used = 0;
  struct Document {
    std::uint32_t row = 0;
    std::uint32_t end = 0;  // In `document_bytes`; one begins where the one before it ends.
  };
  std::vector<Document> documents;  // Ascending by row.
  struct Sender {
    std::uint32_t first_row = 0;  // That it sent; up to the next one's.
    std::uint64_t sender = 0;
  };
  std::vector<Sender> senders;  // Ascending by row; rows before the first: unknown.
  std::string document_bytes;
  // Scratch of Batch::add(Event).
  std::vector<std::uint32_t> scratch_measures, scratch_labels, scratch_values;

  std::span<const std::uint32_t> measures_of(const Shape& shape) const {
    return {shape_ids.data() + shape.begin, shape.measures};
  }
  std::span<const std::uint32_t> labels_of(const Shape& shape) const {
    return {shape_ids.data() + shape.begin + shape.measures, shape.labels};
  }
  std::string_view values_of(std::size_t row) const {
    const std::uint32_t begin = row == 0 ? 0 : rows[row - 1].values_end;
    return {values.data() + begin, rows[row].values_end - begin};
  }
  std::string_view document(std::size_t index) const {
    const std::uint32_t begin = index == 0 ? 0 : documents[index - 1].end;
    return {document_bytes.data() + begin, documents[index].end - begin};
  }
};

}  // namespace kpi
