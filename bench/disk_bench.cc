// disk_bench DIRECTORY: bytes on disk of each column family of a closed store, as `name bytes`.
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

int fail(const std::string& message) {
  std::fprintf(stderr, "disk_bench: %s\n", message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return fail("usage: disk_bench DIRECTORY");
  std::vector<std::string> names;
  auto status = rocksdb::DB::ListColumnFamilies({}, argv[1], &names);
  if (!status.ok()) return fail(status.ToString());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  rocksdb::DBOptions options;
  options.track_and_verify_wals_in_manifest =
      true;  // As the store writes it; else RocksDB asserts.
  status = rocksdb::DB::OpenForReadOnly(options, argv[1], families, &handles, &opened);
  const std::unique_ptr<rocksdb::DB> db(opened);
  if (!status.ok()) return fail(status.ToString());
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  std::map<std::string, std::uint64_t> bytes;
  for (const auto& name : names) bytes[name] = 0;
  for (const auto& file : files) bytes[file.column_family_name] += file.size;
  for (const auto& [name, size] : bytes) {
    std::printf("%s %llu\n", name.c_str(), static_cast<unsigned long long>(size));
  }
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  return 0;
}
