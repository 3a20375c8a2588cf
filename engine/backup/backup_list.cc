#include "engine/backup/backup_list.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "engine/backup/file_copy.h"

namespace kpi {
namespace {

constexpr std::string_view kHead = "kpistore backup ", kVersion = "1";
constexpr std::size_t kHashDigits = 32;

Error damaged(const std::string& what) {
  return {ErrorCode::kCorruption, std::string(kBackupListName) + ": " + what, "use another backup",
          0};
}

bool parse_number(std::string_view text, std::uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view take_until(std::string_view* text, char end) {
  const std::size_t at = std::min(text->find(end), text->size());
  const std::string_view taken = text->substr(0, at);
  text->remove_prefix(std::min(at + 1, text->size()));
  return taken;
}

// A name that leads out of the directory would be read, or written, elsewhere.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && name.front() != '.' &&
         name != kBackupListName;
}

bool parse_file(std::string_view line, BackupFile* file) {
  file->name = take_until(&line, ' ');
  const std::string_view bytes = take_until(&line, ' ');
  file->hash = line;
  return is_plain_name(file->name) && parse_number(bytes, &file->bytes) &&
         file->hash.size() == kHashDigits;
}

}  // namespace

std::string encode_backup_list(const BackupList& list) {
  std::string text = std::string(kHead) + std::string(kVersion) + "\n";
  text += "sequence " + std::to_string(list.sequence) + "\n";
  text += "store " + list.identity + "\n";
  for (const BackupFile& file : list.files) {
    text += "file " + file.name + ' ' + std::to_string(file.bytes) + ' ' + file.hash + "\n";
  }
  return text + "sum " + hash_of(text) + "\n";
}

Result<BackupList> decode_backup_list(std::string_view text) {
  std::string_view rest = text;
  const std::string_view first = take_until(&rest, '\n');
  if (first.substr(0, kHead.size()) != kHead) return damaged("not a list of a backup");
  if (first.substr(kHead.size()) != kVersion) {
    return Error{ErrorCode::kUnsupported,
                 "a backup of version " + std::string(first.substr(kHead.size())),
                 "use a newer program", 0};
  }
  const std::size_t sum = text.rfind("sum ");
  if (sum == std::string_view::npos ||
      text.substr(sum) != "sum " + hash_of(text.substr(0, sum)) + "\n") {
    return damaged("its checksum does not fit");
  }
  BackupList list;
  while (rest.size() > text.size() - sum) {
    std::string_view line = take_until(&rest, '\n');
    const std::string_view word = take_until(&line, ' ');
    BackupFile file;
    if (word == "file" && parse_file(line, &file)) {
      list.files.push_back(std::move(file));
    } else if (word == "store") {
      list.identity = line;
    } else if (word != "sequence" || !parse_number(line, &list.sequence)) {
      return damaged("a line that says nothing");
    }
  }
  return list;
}

Result<BackupList> read_backup_list(const std::filesystem::path& backup) {
  std::ifstream in(backup / kBackupListName, std::ios::binary);
  if (!in) {
    return Error{ErrorCode::kNotFound, backup.string() + " holds no whole backup",
                 "it has no file " + std::string(kBackupListName), 0};
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return decode_backup_list(text);
}

}  // namespace kpi
