// The merge operator inside RocksDB: random merges, flushes, compactions and reopens; what is read
// is always the fold of what was merged, and damage is Corruption.
#include "engine/cell/merge_operator.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/merge_operator.h>

#include <map>
#include <memory>
#include <string>

#include "engine/key/key.h"
#include "tests/engine/cell/cell_model.h"

namespace kpi {
namespace {

class CellsInRocks : public testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override { open(); }
  void open() {
    db_.reset();
    rocksdb::Options options;
    options.create_if_missing = true;
    options.env = env_.get();
    options.merge_operator = make_cell_merge_operator();
    options.write_buffer_size = 64U << 10;
    options.max_successive_merges = GetParam() % 2 == 0 ? 0 : 3;
    options.compression = rocksdb::kNoCompression;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, "/cells", &db);
    ASSERT_TRUE(status.ok()) << status.ToString();
    db_.reset(db);
  }
  rocksdb::Status merge(const CellKey& key, const std::string& operand) {
    return db_->Merge({}, slice(encode(key).view()), operand);
  }
  rocksdb::Status get(const CellKey& key, std::string* value) {
    return db_->Get({}, slice(encode(key).view()), value);
  }
  rocksdb::Status flush_and_compact() {
    const rocksdb::Status status = db_->Flush({});
    return status.ok() ? db_->CompactRange({}, nullptr, nullptr) : status;
  }
  static CellKey label_key(CellKind kind, std::uint32_t series) {
    return {7, CellWidth::kDay, kind, 1, series, 1 + series % 2, series % 3};
  }
  static rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

  // In memory, so that the speed of a disk is no part of the test.
  std::unique_ptr<rocksdb::Env> env_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::unique_ptr<rocksdb::DB> db_;
};

TEST_P(CellsInRocks, AReadIsTheFoldOfAllMerges) {
  RandomCells cells(GetParam());
  std::map<CellKey, CountsModel> counts;
  std::map<CellKey, SketchesModel> sketches;
  std::map<CellKey, SlabModel> slabs;
  const auto merge_part = [&](auto* models, const CellKey& key, const auto& part) {
    (*models)[key] = (*models)[key] + part;
    ASSERT_TRUE(merge(key, to_value(part)).ok());
  };
  const auto check = [&](const auto& models) {
    for (const auto& [key, model] : models) {
      std::string value;
      ASSERT_TRUE(get(key, &value).ok());
      EXPECT_TRUE(value == to_value(model)) << "the read differs from the fold";
    }
  };
  for (int step = 0; step < 200; ++step) {
    const std::uint32_t series = 1 + cells.below(3);
    switch (cells.below(12)) {
      case 0:
        ASSERT_TRUE(db_->Flush({}).ok());
        break;
      case 1:
        ASSERT_TRUE(flush_and_compact().ok());
        break;
      case 2:
        open();
        break;
      case 3:
        check(counts), check(sketches), check(slabs);
        break;
      case 4:
      case 5:
        merge_part(&slabs, {9, CellWidth::kDay, CellKind::kSlab, 0, series}, cells.slab());
        break;
      case 6:
      case 7:
      case 8:
        merge_part(&counts, {7, CellWidth::kHour, CellKind::kCounts, 1, series}, cells.counts());
        merge_part(&counts, label_key(CellKind::kLabelCounts, series), cells.counts());
        break;
      default:
        merge_part(&sketches, {7, CellWidth::kDay, CellKind::kSketches, 1, series},
                   cells.sketches());
        merge_part(&sketches, label_key(CellKind::kLabelSketches, series), cells.sketches());
    }
  }
  check(counts), check(sketches), check(slabs);
}

TEST_P(CellsInRocks, ADamagedOperandIsCorruption) {
  RandomCells cells(GetParam());
  const CellKey key{7, CellWidth::kDay, static_cast<CellKind>(GetParam() % 2), 1, 1};
  const auto value = [&] {
    return key.kind == CellKind::kCounts ? to_value(cells.counts()) : to_value(cells.sketches());
  };
  std::string damaged = value(), read;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  ASSERT_TRUE(merge(key, value()).ok());
  ASSERT_TRUE(db_->Flush({}).ok());
  merge(key, damaged).PermitUncheckedError();
  EXPECT_TRUE(get(key, &read).IsCorruption());
}

TEST_P(CellsInRocks, AKeyThatIsNoneOfOursIsCorruption) {
  std::string read;
  db_->Merge({}, "not a cells key", to_value(CountsModel{})).PermitUncheckedError();
  EXPECT_TRUE(db_->Get({}, "not a cells key", &read).IsCorruption());
}

INSTANTIATE_TEST_SUITE_P(Seeds, CellsInRocks, testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace kpi
