#include "kpi/backup.h"

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>

#include "engine/backup/backup_list.h"
#include "engine/backup/file_copy.h"
#include "engine/backup/new_directory.h"
#include "engine/backup/pinned_files.h"
#include "engine/journal/watermark.h"
#include "engine/rocks/table_files.h"
#include "kpi/engine.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;

EngineOptions to_read(const fs::path& dir) {
  EngineOptions options;
  options.dir = dir;
  options.read_only = true;
  return options;
}

// Opens the store with every check of a start; the sequence of its last record.
Result<std::uint64_t> sequence_of(const fs::path& dir) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(to_read(dir));
  if (!engine.ok()) return engine.error();
  const auto transfer = engine.value()->transfer();
  if (!transfer.ok()) return transfer.error();
  return transfer.value().rest->head().sequence;
}

BackupSummary summary_of(const BackupList& list) {
  BackupSummary summary;
  summary.sequence = list.sequence;
  summary.files = list.files.size();
  for (const BackupFile& file : list.files) summary.bytes += file.bytes;
  return summary;
}

Error not_of_this_store(const fs::path& base) {
  return {ErrorCode::kInvalidArgument, base.string() + " is not a backup of this store", {}, 0};
}

class Run {
 public:
  Run(const BackupOptions& options, fs::path part, const std::stop_token& stop)
      : options_(options), part_(std::move(part)), stop_(stop) {}

  Result<BackupSummary> run() {
    Result<PinnedFiles> pinned = pin_files(options_.data_dir);
    if (!pinned.ok()) return pinned.error();
    list_.identity = pinned.value().identity;
    if (Status base = read_base(); !base.ok()) return base.error();
    if (Status copied = copy(pinned.value()); !copied.ok()) return copied.error();
    Result<std::uint64_t> sequence = sequence_of(part_);
    if (!sequence.ok()) return sequence.error();
    list_.sequence = sequence.value();
    if (Status tables = check_tables(); !tables.ok()) return tables.error();
    if (Status written = write_watermark(); !written.ok()) return written.error();
    return write_list();
  }

 private:
  Status read_base() {
    if (options_.base.empty()) return ok_status();
    Result<BackupList> base = read_backup_list(options_.base);
    if (!base.ok()) return base.error();
    if (base.value().identity != list_.identity) return not_of_this_store(options_.base);
    for (BackupFile& file : base.value().files) base_[file.name] = file;
    return ok_status();
  }

  Status copy(const PinnedFiles& pinned) {
    for (const PinnedFiles::File& table : pinned.tables) {
      Result<bool> linked = link(table);
      if (!linked.ok()) return linked.error();
      if (linked.value()) continue;
      if (Status copied = copy(table); !copied.ok()) return copied;
    }
    for (const PinnedFiles::File& log : pinned.logs) {
      if (Status copied = copy(log); !copied.ok()) return copied;
    }
    if (Status copied = copy(pinned.list); !copied.ok()) return copied;
    if (Status put = put_file("IDENTITY", pinned.identity); !put.ok()) return put;
    if (Status put = put_file("CURRENT", pinned.current); !put.ok()) return put;
    // The copy must reach as far as the store was known to.
    return Watermark(part_ / "WATERMARK").write(pinned.durable);
  }

  Status copy(const PinnedFiles::File& file) {
    Result<std::string> hash = copy_file(file.file, file.bytes, part_ / file.name, stop_);
    if (!hash.ok()) return hash.error();
    files_[file.name] = {file.name, file.bytes, std::move(hash).value()};
    return ok_status();
  }

  // Tables never change under their name. What the base has is read again before it is trusted.
  Result<bool> link(const PinnedFiles::File& table) {
    const auto known = base_.find(table.name);
    if (known == base_.end() || known->second.bytes != table.bytes) return false;
    Result<OpenFile> file = OpenFile::open(options_.base / table.name);
    if (!file.ok()) return false;
    const Result<std::string> hash = hash_of(file.value(), table.bytes, stop_);
    if (!hash.ok() && hash.error().code == ErrorCode::kCanceled) return hash.error();
    if (!hash.ok() || hash.value() != known->second.hash) return false;
    std::error_code error;
    fs::create_hard_link(options_.base / table.name, part_ / table.name, error);
    if (error) return false;
    files_[table.name] = known->second;
    ++files_linked_;
    return true;
  }

  Status put_file(const std::string& name, const std::string& bytes) {
    files_[name] = {name, bytes.size(), hash_of(bytes)};
    return write_file(part_ / name, bytes);
  }

  // Tables that the list does not name were being written, or were dropped: they are not wanted.
  Status check_tables() {
    Result<std::unique_ptr<Database>> database =
        Database::open(to_read(part_), [](const Error&) {});
    if (!database.ok()) return database.error();
    std::map<std::string, BackupFile> kept;
    for (const TableFile& table : table_files(*database.value())) {
      if (stop_.stop_requested()) return Error{ErrorCode::kCanceled, "interrupted", {}, 0};
      if (Status fits = check_table(table); !fits.ok()) return fits;
      kept.insert(files_.extract(table.name));
    }
    for (auto file = files_.begin(); file != files_.end();) {
      if (fs::path(file->first).extension() != ".sst") {
        ++file;
        continue;
      }
      std::error_code error;
      fs::remove(part_ / file->first, error);
      file = files_.erase(file);
    }
    files_.merge(kept);
    return ok_status();
  }

  Status write_watermark() {
    if (Status set = Watermark(part_ / "WATERMARK").write(list_.sequence); !set.ok()) return set;
    Result<OpenFile> file = OpenFile::open(part_ / "WATERMARK");
    if (!file.ok()) {
      return list_.sequence == 0 ? ok_status() : Status(file.error());  // Nothing was ever stored.
    }
    const Result<std::uint64_t> size = file.value().size();
    if (!size.ok()) return size.error();
    const Result<std::string> hash = hash_of(file.value(), size.value(), stop_);
    if (!hash.ok()) return hash.error();
    files_["WATERMARK"] = {"WATERMARK", size.value(), hash.value()};
    return ok_status();
  }

  Result<BackupSummary> write_list() {
    for (const auto& [name, file] : files_) list_.files.push_back(file);
    Status written = write_file(part_ / kBackupListName, encode_backup_list(list_));
    if (!written.ok()) return written.error();
    BackupSummary summary = summary_of(list_);
    summary.files_linked = files_linked_;
    return summary;
  }

  const BackupOptions& options_;
  const fs::path part_;
  const std::stop_token& stop_;
  BackupList list_;
  std::map<std::string, BackupFile> base_, files_;
  std::uint64_t files_linked_ = 0;
};

Error differs(const fs::path& path, const std::string& how) {
  return {ErrorCode::kCorruption, path.string() + ' ' + how, "use another backup", 0};
}

// What stands there beside the files of the list.
Status check_names(const fs::path& backup, const BackupList& list) {
  std::error_code error;
  for (fs::directory_iterator it(backup, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool listed = std::any_of(list.files.begin(), list.files.end(),
                                    [&](const BackupFile& file) { return file.name == name; });
    if (!listed && name != kBackupListName) return differs(it->path(), "is not of this backup");
  }
  if (!error) return ok_status();
  return Error{ErrorCode::kIo, "cannot read " + backup.string() + ": " + error.message(), {}, 0};
}

Result<OpenFile> open_listed(const fs::path& dir, const BackupFile& listed) {
  Result<OpenFile> file = OpenFile::open(dir / listed.name);
  if (!file.ok()) {
    if (file.error().code == ErrorCode::kNotFound) return differs(dir / listed.name, "is missing");
    return file.error();
  }
  const Result<std::uint64_t> size = file.value().size();
  if (!size.ok()) return size.error();
  if (size.value() == listed.bytes) return file;
  return differs(dir / listed.name, "is " + std::to_string(size.value()) + " bytes long, not " +
                                        std::to_string(listed.bytes));
}

Status fits(const fs::path& path, const BackupFile& listed, const Result<std::string>& hash) {
  if (!hash.ok()) return hash.error();
  return hash.value() == listed.hash ? ok_status()
                                     : Status(differs(path, "does not fit its checksum"));
}

Status check_file(const fs::path& dir, const BackupFile& listed, const std::stop_token& stop) {
  Result<OpenFile> file = open_listed(dir, listed);
  if (!file.ok()) return file.error();
  return fits(dir / listed.name, listed, hash_of(file.value(), listed.bytes, stop));
}

Status restore_file(const fs::path& backup, const fs::path& part, const BackupFile& listed,
                    const std::stop_token& stop) {
  Result<OpenFile> file = open_listed(backup, listed);
  if (!file.ok()) return file.error();
  const fs::path to = part / listed.name;
  const Result<std::string> hash = copy_file(file.value(), listed.bytes, to, stop);
  if (Status read = fits(backup / listed.name, listed, hash); !read.ok()) return read;
  return check_file(part, listed, stop);
}

}  // namespace

Result<BackupSummary> back_up(const BackupOptions& options, std::stop_token stop) {
  Result<NewDirectory> directory = NewDirectory::begin(options.out);
  if (!directory.ok()) return directory.error();
  Result<BackupSummary> summary = Run(options, directory.value().part(), stop).run();
  if (!summary.ok()) return summary;
  if (Status finished = directory.value().finish(); !finished.ok()) return finished.error();
  return summary;
}

Result<BackupSummary> check_backup(const fs::path& backup, std::stop_token stop) {
  Result<BackupList> list = read_backup_list(backup);
  if (!list.ok()) return list.error();
  if (Status names = check_names(backup, list.value()); !names.ok()) return names.error();
  for (const BackupFile& file : list.value().files) {
    if (Status same = check_file(backup, file, stop); !same.ok()) return same.error();
  }
  return summary_of(list.value());
}

Result<BackupSummary> restore_backup(const fs::path& backup, const fs::path& data_dir,
                                     std::stop_token stop) {
  Result<BackupList> list = read_backup_list(backup);
  if (!list.ok()) return list.error();
  if (Status names = check_names(backup, list.value()); !names.ok()) return names.error();
  Result<NewDirectory> directory = NewDirectory::begin(data_dir);
  if (!directory.ok()) return directory.error();
  const fs::path& part = directory.value().part();
  for (const BackupFile& file : list.value().files) {
    if (Status put = restore_file(backup, part, file, stop); !put.ok()) return put.error();
  }
  const Result<std::uint64_t> sequence = sequence_of(part);
  if (!sequence.ok()) return sequence.error();
  if (sequence.value() != list.value().sequence) {
    return differs(backup, "ends at sequence " + std::to_string(sequence.value()) + ", not " +
                               std::to_string(list.value().sequence));
  }
  if (Status finished = directory.value().finish(); !finished.ok()) return finished.error();
  return summary_of(list.value());
}

}  // namespace kpi
