#include "engine/cell/merge_operator.h"

#include <rocksdb/env.h>
#include <rocksdb/merge_operator.h>

#include <exception>
#include <string>
#include <vector>

#include "engine/cell/merge.h"
#include "engine/key/key.h"

namespace kpi {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Status merge_at(const rocksdb::Slice& key, std::span<const std::string_view> values,
                std::string* merged) {
  const auto cell_key = decode_cell_key(view(key));
  if (!cell_key.ok()) return cell_key.error();
  return merge_cells(cell_key.value().kind, values, merged);
}

// RocksDB turns `false` into a Corruption. An exception through its frames would end the process,
// so the last resort for one (memory) is the same answer.
bool merge_or_log(const rocksdb::Slice& key, std::span<const std::string_view> values,
                  std::string* merged, rocksdb::Logger* logger) noexcept {
  try {
    const Status status = merge_at(key, values, merged);
    if (!status.ok()) rocksdb::Error(logger, "cells: %s", status.error().message.c_str());
    return status.ok();
  } catch (const std::exception& error) {
    rocksdb::Error(logger, "cells: merge failed: %s", error.what());
    return false;
  }
}

class CellMergeOperator final : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return "kpi.cells.1"; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    const bool alone = in.existing_value == nullptr && in.operand_list.size() == 1;
    if (alone && decode_cell_key(view(in.key)).ok()) {
      out->existing_operand = in.operand_list[0];  // As it is, and without a copy.
      return true;
    }
    std::vector<std::string_view> values;
    values.reserve(in.operand_list.size() + 1);
    if (in.existing_value != nullptr) values.push_back(view(*in.existing_value));
    for (const rocksdb::Slice& operand : in.operand_list) values.push_back(view(operand));
    return merge_or_log(in.key, values, &out->new_value, in.logger);
  }

  // Operands commute and associate, so any run of them may be folded early.
  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                         std::string* merged, rocksdb::Logger* logger) const override {
    std::vector<std::string_view> values;
    values.reserve(operands.size());
    for (const rocksdb::Slice& operand : operands) values.push_back(view(operand));
    return merge_or_log(key, values, merged, logger);
  }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> make_cell_merge_operator() {
  return std::make_shared<CellMergeOperator>();
}

}  // namespace kpi
