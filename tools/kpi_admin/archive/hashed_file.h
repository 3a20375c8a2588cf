// Files of an archive: written under another name, hashed on the way, made durable, then renamed;
// read line by line.
#pragma once
#include <openssl/evp.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi::tools {

std::string hex(std::string_view bytes);

// SHA-256 of what was added.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string finish();  // Lower-case hex. Once.

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};
Result<std::string> sha256_of(const std::filesystem::path& path);

// One file being written. Dropped without finish(), it leaves nothing behind.
class HashedFile {
 public:
  static Result<HashedFile> create(const std::filesystem::path& path);
  ~HashedFile();
  HashedFile(HashedFile&& other) noexcept;
  HashedFile& operator=(HashedFile&&) = delete;

  Status append(std::string_view bytes);
  struct Written {
    std::uint64_t bytes = 0;
    std::string sha256;
  };
  Result<Written> finish();  // Synced and under its name.

 private:
  HashedFile(std::filesystem::path path, std::filesystem::path part, std::FILE* file)
      : path_(std::move(path)), part_(std::move(part)), file_(file) {}
  Error failed(const char* doing) const;

  std::filesystem::path path_, part_;
  std::FILE* file_ = nullptr;
  Sha256 sha256_;
  std::uint64_t bytes_ = 0;
};

inline constexpr std::size_t kArchiveLineBytesMax = 16U << 20;

// Reads a file line by line from an offset.
class LineReader {
 public:
  static Result<LineReader> open(const std::filesystem::path& path, std::uint64_t offset);
  // False: the end. The line, without its line feed, lives until the next call. kCorruption: longer
  // than kArchiveLineBytesMax.
  Result<bool> next(std::string_view* line);
  std::uint64_t offset() const { return offset_; }  // Behind the line.

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  LineReader(std::FILE* file, std::string name, std::uint64_t offset)
      : file_(file), name_(std::move(name)), offset_(offset) {}

  std::unique_ptr<std::FILE, Close> file_;
  std::string name_, buffer_;
  std::size_t begin_ = 0;  // In buffer_: what was not handed out.
  std::uint64_t offset_;
};

}  // namespace kpi::tools
