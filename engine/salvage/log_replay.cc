#include "engine/salvage/log_replay.h"

#include <rocksdb/metadata.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/rocks/log_format.h"
#include "engine/rocks/storage_env.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;
using rocksdb::Slice;
using FamilyHandle = rocksdb::ColumnFamilyHandle*;

class LogReader {
 public:
  explicit LogReader(std::unique_ptr<rocksdb::SequentialFile> file) : file_(std::move(file)) {}

  // False: there is no other, or the file cannot be read any further.
  bool next(std::string* record) {
    for (bool begun = false;;) {
      const std::string_view rest = block_.substr(at_);
      if (rest.size() < kLogHeadBytes) {
        if (!read_block()) return false;
        continue;
      }
      const std::size_t size = whole_part(rest, rest.substr(0, kLogHeadBytes));
      if (size == 0) {  // Where the next one begins nobody knows, but for that of the next block.
        at_ = block_.size();
        begun = false;
        continue;
      }
      at_ += size;
      const auto part = static_cast<LogPart>(rest[kLogHeadBytes - 1]);
      if (part == LogPart::kWhole || part == LogPart::kFirst) {
        begun = true;
        record->clear();
      }
      if (!begun) continue;
      record->append(rest.substr(kLogHeadBytes, size - kLogHeadBytes));
      if (part == LogPart::kWhole || part == LogPart::kLast) return true;
    }
  }

 private:
  bool read_block() {
    Slice got;
    if (!file_->Read(kLogBlockBytes, &got, buffer_.data()).ok() || got.empty()) return false;
    block_ = {got.data(), got.size()};
    at_ = 0;
    return true;
  }

  std::unique_ptr<rocksdb::SequentialFile> file_;
  std::string buffer_ = std::string(kLogBlockBytes, '\0');
  std::string_view block_;
  std::size_t at_ = 0;
};

struct FamilyState {
  FamilyHandle handle = nullptr;
  std::uint64_t in_tables = 0;  // The last sequence.
};
using Families = std::map<std::uint32_t, FamilyState>;

Families families_of(const Database& database) {
  Families families;
  for (const Family family : {Family::kNames, Family::kJournal, Family::kRaw, Family::kCells,
                              Family::kMeta, Family::kDocuments, Family::kSeen}) {
    const FamilyHandle handle = database.family(family);
    families[handle->GetID()].handle = handle;
  }
  std::vector<rocksdb::LiveFileMetaData> tables;
  database.db().GetLiveFilesMetaData(&tables);
  for (auto& [id, state] : families) {
    for (const rocksdb::LiveFileMetaData& table : tables) {
      if (table.column_family_name != state.handle->GetName()) continue;
      state.in_tables = std::max(state.in_tables, table.largest_seqno);
    }
  }
  return families;
}

// Takes what is newer out of a batch. Each of its changes has a sequence of its own.
class Newer : public rocksdb::WriteBatch::Handler {
 public:
  Newer(const Families& families, std::uint64_t sequence)
      : families_(families), sequence_(sequence) {}

  rocksdb::WriteBatch* batch() { return &batch_; }

  rocksdb::Status PutCF(std::uint32_t id, const Slice& key, const Slice& value) override {
    const FamilyHandle family = next(id);
    return family ? batch_.Put(family, key, value) : rocksdb::Status::OK();
  }
  rocksdb::Status MergeCF(std::uint32_t id, const Slice& key, const Slice& value) override {
    const FamilyHandle family = next(id);
    return family ? batch_.Merge(family, key, value) : rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(std::uint32_t id, const Slice& key) override {
    const FamilyHandle family = next(id);
    return family ? batch_.Delete(family, key) : rocksdb::Status::OK();
  }
  rocksdb::Status SingleDeleteCF(std::uint32_t id, const Slice& key) override {
    const FamilyHandle family = next(id);
    return family ? batch_.SingleDelete(family, key) : rocksdb::Status::OK();
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t id, const Slice& begin, const Slice& end) override {
    const FamilyHandle family = next(id);
    return family ? batch_.DeleteRange(family, begin, end) : rocksdb::Status::OK();
  }
  void LogData(const Slice&) override {}

 private:
  // Of the next change, where it is newer than the tables; else nullptr.
  FamilyHandle next(std::uint32_t id) {
    const auto at = families_.find(id);
    const std::uint64_t sequence = sequence_++;
    return at != families_.end() && sequence > at->second.in_tables ? at->second.handle : nullptr;
  }

  const Families& families_;
  std::uint64_t sequence_;
  rocksdb::WriteBatch batch_;
};

Status replay(const fs::path& log, const Families& families, rocksdb::DB* db) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  const rocksdb::Status opened = storage_env()->NewSequentialFile(log.string(), &file, {});
  if (!opened.ok()) return to_error(opened, "read " + log.string());
  LogReader reader(std::move(file));
  std::string record;
  while (reader.next(&record)) {
    if (record.size() < sizeof(std::uint64_t)) continue;
    Newer newer(families, load_little_endian<std::uint64_t>(record.data()));
    if (!rocksdb::WriteBatch(record).Iterate(&newer).ok()) continue;
    const rocksdb::Status written = db->Write({}, newer.batch());
    if (!written.ok()) return to_error(written, "write what the log holds");
  }
  return ok_status();
}

}  // namespace

Status replay_logs(const fs::path& logs, const Database& database) {
  std::error_code error;
  std::vector<fs::path> paths;
  fs::directory_iterator it(logs, error), end;
  for (; !error && it != end; it.increment(error)) paths.push_back(it->path());
  if (error) return Error{ErrorCode::kIo, "cannot read " + logs.string(), {}, 0};
  // Their numbers have six digits, and later ones more.
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    const std::string first = a.filename().string(), second = b.filename().string();
    return std::pair(first.size(), first) < std::pair(second.size(), second);
  });
  const Families families = families_of(database);
  for (const fs::path& path : paths) {
    if (Status replayed = replay(path, families, &database.db()); !replayed.ok()) return replayed;
  }
  return ok_status();
}

}  // namespace kpi
