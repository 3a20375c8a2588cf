// One journal record: a commit group's events in dictionary ids, guarded by XXH3
// (engine/FORMAT.md).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/live/shape_table.h"
#include "kpi/result.h"

namespace kpi {

// Builds one record at a time, reusing its memory. Not thread-safe.
class RecordBuilder {
 public:
  // The index of a shape in this record; shapes are written in order of first use.
  std::uint32_t add_shape(const Shape& shape);
  // `values` are the row's varints, one per measure of the shape.
  void add_row(std::int64_t time_ms, std::uint32_t series, std::uint32_t shape,
               std::string_view values);
  std::size_t rows() const { return rows_; }
  std::size_t size_bytes() const { return row_bytes_used_ + shape_bytes_.size(); }
  // The record's bytes, valid until the next call; starts over.
  std::string_view finish();

 private:
  std::string shape_bytes_, record_;
  std::vector<char> row_bytes_;
  std::size_t row_bytes_used_ = 0;
  std::size_t shapes_ = 0, rows_ = 0;
  std::int64_t last_ms_ = 0;
};

// The rows of a record as they are read back.
class RecordReader {
 public:
  struct Row {
    std::int64_t time_ms = 0;
    std::uint32_t series = 0, shape = 0;
    std::string_view values;
  };
  // Checks version and XXH3 and reads the shapes. kCorruption, kUnsupported.
  // `labels_of` gives the label id of a label value id, 0 where there is no such value.
  template <class LabelOf>
  static Result<RecordReader> open(std::string_view record, LabelOf label_of) {
    Result<RecordReader> reader = open_shapes(record);
    if (!reader.ok()) return reader;
    for (Shape& shape : reader.value().shapes_) {
      for (const std::uint32_t value : shape.label_values) {
        shape.labels.push_back(label_of(value));
        if (shape.labels.back() == 0) return damaged("a label value that has no name");
      }
    }
    return reader;
  }
  const std::vector<Shape>& shapes() const { return shapes_; }
  std::uint64_t rows() const { return rows_; }
  // False at the end. kCorruption where the bytes do not make a row.
  Result<bool> next(Row* row);

 private:
  static Error damaged(std::string_view what);
  static Result<RecordReader> open_shapes(std::string_view record);

  std::vector<Shape> shapes_;
  std::string_view rest_;
  std::uint64_t rows_ = 0, read_ = 0;
  std::int64_t last_ms_ = 0;
};

}  // namespace kpi
