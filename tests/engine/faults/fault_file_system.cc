#include "tests/engine/faults/fault_file_system.h"

namespace kpi::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultySequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, FaultDisk& disk,
                       std::string path)
      : FSSequentialFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Read(std::size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    IOStatus status = disk_.before(Operation::kRead, path_);
    if (!status.ok()) return status;
    return FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, debug);
  }

 private:
  FaultDisk& disk_;
  const std::string path_;
};

class FaultyRandomAccessFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomAccessFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, FaultDisk& disk,
                         std::string path)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    IOStatus status = disk_.before(Operation::kRead, path_);
    if (!status.ok()) return status;
    return FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    IOStatus status = disk_.before(Operation::kRead, path_);
    if (!status.ok()) return status;
    return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
  }

 private:
  FaultDisk& disk_;
  const std::string path_;
};

class FaultyWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, FaultDisk& disk,
                     std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::size_t keep = 0;
    const IOStatus failed = disk_.before_append(path_, data.size(), &keep);
    IOStatus status;
    if (keep > 0) {
      status = FSWritableFileOwnerWrapper::Append(Slice(data.data(), keep), options, debug);
    }
    if (status.ok()) size_ += keep;
    return failed.ok() ? status : failed;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  bool IsSyncThreadSafe() const override { return true; }  // One in memory says no.
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  template <class Call>
  IOStatus sync(const Call& call) {
    const std::uint64_t size = size_;
    IOStatus status = disk_.before(Operation::kSync, path_);
    if (status.ok()) status = call();
    if (status.ok()) disk_.synced(path_, size);
    return status;
  }

  FaultDisk& disk_;
  const std::string path_;
  std::uint64_t size_ = 0;
};

class FaultyRandomRWFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultyRandomRWFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, FaultDisk& disk,
                     std::string path)
      : FSRandomRWFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Write(std::uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    std::size_t keep = 0;
    const IOStatus failed = disk_.before_append(path_, data.size(), &keep);
    disk_.wrote_in_place(path_, offset, {data.data(), keep});
    IOStatus status;
    if (keep > 0) {
      status = FSRandomRWFileOwnerWrapper::Write(offset, Slice(data.data(), keep), options, debug);
    }
    return failed.ok() ? status : failed;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = disk_.before(Operation::kSync, path_);
    if (status.ok()) status = FSRandomRWFileOwnerWrapper::Sync(options, debug);
    if (status.ok()) disk_.synced_in_place(path_);
    if (status.ok()) disk_.synced(path_, ~std::uint64_t{0});  // Nobody appends to it any more.
    return status;
  }

 private:
  FaultDisk& disk_;
  const std::string path_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, FaultDisk& disk,
                  std::string path)
      : FSDirectoryWrapper(std::move(directory)), disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    return sync([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how); });
  }

 private:
  template <class Call>
  IOStatus sync(const Call& call) {
    IOStatus status = disk_.before(Operation::kSync, path_);
    if (status.ok()) status = call();
    if (status.ok()) disk_.directory_synced();
    return status;
  }

  FaultDisk& disk_;
  const std::string path_;
};

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(FaultDisk& disk) : FileSystemWrapper(disk.medium()), disk_(disk) {}
  const char* Name() const override { return "kpi.test.FaultFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* debug) override {
    return open<FaultySequentialFile>(Operation::kRead, path, file, [&] {
      return FileSystemWrapper::NewSequentialFile(path, options, file, debug);
    });
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    return open<FaultyRandomAccessFile>(Operation::kRead, path, file, [&] {
      return FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
    });
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    const IOStatus status = open<FaultyWritableFile>(Operation::kCreate, path, file, [&] {
      return FileSystemWrapper::NewWritableFile(path, options, file, debug);
    });
    if (status.ok()) disk_.created(path);
    return status;
  }
  IOStatus NewRandomRWFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                           IODebugContext* debug) override {
    return open<FaultyRandomRWFile>(Operation::kRead, path, file, [&] {
      return FileSystemWrapper::NewRandomRWFile(path, options, file, debug);
    });
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* debug) override {
    return open<FaultyDirectory>(Operation::kRead, path, directory, [&] {
      return FileSystemWrapper::NewDirectory(path, options, directory, debug);
    });
  }
  IOStatus GetChildren(const std::string& path, const IOOptions& options,
                       std::vector<std::string>* children, IODebugContext* debug) override {
    IOStatus status = disk_.before(Operation::kRead, path);
    if (!status.ok()) return status;
    return FileSystemWrapper::GetChildren(path, options, children, debug);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = disk_.before(Operation::kDelete, path);
    if (!status.ok()) return status;
    disk_.deleting(path);
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = disk_.before(Operation::kRename, to);
    if (!status.ok()) return status;
    disk_.renaming(from, to);
    return FileSystemWrapper::RenameFile(from, to, options, debug);
  }

 private:
  template <class Wrapper, class File, class Call>
  IOStatus open(Operation operation, const std::string& path, std::unique_ptr<File>* file,
                const Call& call) {
    IOStatus status = disk_.before(operation, path);
    if (status.ok()) status = call();
    if (status.ok()) *file = std::make_unique<Wrapper>(std::move(*file), disk_, path);
    return status;
  }

  FaultDisk& disk_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> make_fault_file_system(FaultDisk& disk) {
  return std::make_shared<FaultFileSystem>(disk);
}

}  // namespace kpi::test
