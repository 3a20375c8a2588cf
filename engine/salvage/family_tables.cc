#include "engine/salvage/family_tables.h"

#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table_properties.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "engine/rocks/database.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kNobodysKeyBytes = 64;  // Longer than any key of a family.
constexpr std::size_t kNumberDigits = 6;

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

Handles families_of(const Database& database) {
  Handles handles;
  for (const Family family : {Family::kNames, Family::kJournal, Family::kRaw, Family::kCells,
                              Family::kMeta, Family::kDocuments, Family::kSeen}) {
    handles.push_back(database.family(family));
  }
  return handles;
}

// One that cannot be read says nothing against it.
bool agrees(const fs::path& table, const Handles& families) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  if (!reader.Open(table.string()).ok()) return true;
  const auto properties = reader.GetTableProperties();
  return std::none_of(families.begin(), families.end(), [&](const auto* family) {
    return (family->GetName() == properties->column_family_name) !=
           (family->GetID() == properties->column_family_id);
  });
}

// Of "000012.sst" or "MANIFEST-000012"; 0: none.
std::uint64_t number_of(const std::string& name) {
  const std::size_t digit = name.find_first_of("0123456789");
  std::uint64_t number = 0;
  if (digit != name.npos) std::from_chars(name.data() + digit, name.data() + name.size(), number);
  return number;
}

// A deletion of what is not there: RocksDB writes no table without an entry.
rocksdb::Status write_table(const fs::path& path, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), rocksdb::Options(), family);
  rocksdb::Status status = writer.Open(path.string());
  if (status.ok()) status = writer.Delete(std::string(kNobodysKeyBytes, '\xff'));
  if (status.ok()) status = writer.Finish();
  return status;
}

Status add_tables(const fs::path& dir, const Handles& families) {
  std::uint64_t last = 0;
  std::error_code error;
  fs::directory_iterator it(dir, error), end;
  for (; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    last = std::max(last, number_of(path.filename().string()));
    if (path.extension() == ".sst" && !agrees(path, families)) return ok_status();
  }
  for (rocksdb::ColumnFamilyHandle* family : families) {
    const std::string number = std::to_string(++last);
    const std::string zeros(kNumberDigits - std::min(kNumberDigits, number.size()), '0');
    const rocksdb::Status written = write_table(dir / (zeros + number + ".sst"), family);
    if (!written.ok()) return to_error(written, "write a table for a family");
  }
  return ok_status();
}

}  // namespace

Status add_family_tables(const fs::path& dir, const fs::path& scratch) {
  EngineOptions options;
  options.dir = scratch;
  Result<std::unique_ptr<Database>> database = Database::open(options, [](const Error&) {});
  if (!database.ok()) return database.error();
  const Status added = add_tables(dir, families_of(*database.value()));
  const Status closed = database.value()->close(false);
  database.value().reset();
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
  return added.ok() ? closed : added;
}

}  // namespace kpi
