// One seal: generations of live rows become chunks and cells, and what stays becomes the carried
// generation and one journal record; all in one WriteBatch.
#pragma once
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/cell/cells_builder.h"
#include "engine/chunk/chunk.h"
#include "engine/dictionary/dictionary.h"
#include "engine/journal/record.h"
#include "engine/live/generation.h"
#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "engine/seal/plan.h"

namespace kpi {

// Single use: run(), then read the results. Not thread-safe.
class Seal {
 public:
  // `number`: greater than that of every seal before; chunks of one key that must be split take
  // the numbers after it.
  Seal(const Database& database, const Dictionary& dictionary, const SealPolicy& policy,
       const std::vector<Rollup>& rollups,
       std::vector<std::shared_ptr<const Generation>> generations, std::uint32_t number);

  // Fills `batch` with chunks, cells and journal changes. `last_sequence`: of the newest record
  // whose rows are in the generations. False: nothing to take, and `batch` is empty.
  Result<bool> run(std::uint64_t last_sequence, rocksdb::WriteBatch* batch);

  std::shared_ptr<Generation> carried() const { return carried_; }  // nullptr: nothing stays.
  std::uint64_t carried_bytes() const { return carried_bytes_; }    // Of its journal record.
  std::uint64_t events_sealed() const { return events_sealed_; }
  std::uint64_t chunks() const { return chunks_; }
  std::uint32_t last_number() const { return last_number_; }

 private:
  struct SeriesDay {
    std::uint16_t day;
    std::uint32_t series;
    auto operator<=>(const SeriesDay&) const = default;
  };
  std::vector<SeriesDay> find_days() const;
  void read_day(const SeriesDay& at, std::uint32_t hours, EventColumns* events) const;
  void seal_day(const SeriesDay& at, const EventColumns& events, bool dense);
  void put_chunks(const SeriesDay& at, std::uint8_t hour, const EventColumns& events,
                  std::size_t begin, std::size_t end);
  void carry_over();
  void carry_series(std::uint32_t series, RecordBuilder* record,
                    std::vector<std::uint32_t>* record_shapes);
  bool is_sealed(std::uint32_t series, std::int64_t time_ms) const;
  void keep(const rocksdb::Status& status);

  const Database& database_;
  const Dictionary& dictionary_;
  const SealPolicy policy_;
  const std::vector<std::shared_ptr<const Generation>> generations_;
  const std::uint32_t number_;
  ResidualRule residual_;
  rocksdb::WriteBatch* batch_ = nullptr;
  std::unique_ptr<CellsBuilder> cells_;
  // Hours that were not taken, by (series, day): what carry_over() looks for.
  std::unordered_map<std::uint64_t, std::uint32_t> kept_hours_;
  std::vector<std::uint32_t> kept_series_;  // Ascending.
  std::shared_ptr<Generation> carried_;
  std::string carried_record_;
  std::uint64_t carried_bytes_ = 0, events_sealed_ = 0, chunks_ = 0;
  std::uint32_t last_number_ = 0;
  rocksdb::Status status_;  // The first that was not OK.
};

// Keys of the family `meta` that a seal writes.
inline constexpr char kMetaSeal[] = "seal";               // u64: last number used.
inline constexpr char kMetaSealed[] = "sealed_sequence";  // u64: records up to here are sealed.

}  // namespace kpi
