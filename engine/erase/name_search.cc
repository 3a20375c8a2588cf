#include "engine/erase/name_search.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include "engine/rocks/database.h"

namespace kpi {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1U << 20;

Error found_in(const std::string& place) {
  return {ErrorCode::kCorruption, "an erased name was found in " + place,
          "nothing was changed; a document or a milestone may tell of it in its text", 0};
}

Status search_file(const fs::path& path, const NameSearch& search, SearchReport* report) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorCode::kIo, "cannot read " + path.string()};
  std::string piece;
  while (in) {
    // No name is cut in two, nor what may cover it: each is looked at with as many bytes as the
    // longest has on either side.
    const bool first = piece.empty();
    const std::size_t kept = std::min(piece.size(), 2 * search.longest());
    piece.erase(0, piece.size() - kept);
    piece.resize(kept + kPieceBytes);
    in.read(piece.data() + kept, kPieceBytes);
    piece.resize(kept + static_cast<std::size_t>(in.gcount()));
    report->bytes += static_cast<std::uint64_t>(in.gcount());
    const std::size_t ahead = in.eof() ? 0 : search.longest();
    if (search.found(piece, first ? 0 : std::min(kept, search.longest()), piece.size() - ahead)) {
      return found_in(path.string());
    }
  }
  if (in.bad()) return Error{ErrorCode::kIo, "cannot read " + path.string()};
  ++report->files;
  return ok_status();
}

Status search_files(const fs::path& dir, const NameSearch& search, SearchReport* report) {
  std::error_code error;
  fs::directory_iterator it(dir, error);
  for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file()) continue;
    if (Status searched = search_file(it->path(), search, report); !searched.ok()) return searched;
  }
  if (error) return Error{ErrorCode::kIo, "cannot read " + dir.string() + ": " + error.message()};
  return ok_status();
}

Status search_values(const Database& database, Family family, const NameSearch& search,
                     SearchReport* report) {
  if (database.family(family) == nullptr) return ok_status();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(options, database.family(family)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ++report->values;
    for (const rocksdb::Slice& bytes : {it->key(), it->value()}) {
      if (search.found({bytes.data(), bytes.size()}, 0, bytes.size())) {
        return found_in("a stored value");
      }
    }
  }
  return it->status().ok() ? ok_status() : Status(to_error(it->status(), "search the store"));
}

}  // namespace

NameSearch::NameSearch(std::vector<std::string> gone, std::span<const std::string> kept) {
  for (std::string& name : gone) {
    Name entry{std::move(name), {}};
    for (const std::string& longer : kept) {
      for (std::size_t at = longer.find(entry.name); at != std::string::npos;
           at = longer.find(entry.name, at + 1)) {
        entry.covers.push_back({longer, at});
        longest_ = std::max(longest_, longer.size());
      }
    }
    longest_ = std::max(longest_, entry.name.size());
    names_.push_back(std::move(entry));
  }
}

bool NameSearch::is_covered(std::string_view bytes, std::size_t at, const Name& name) {
  return std::any_of(name.covers.begin(), name.covers.end(), [&](const Cover& cover) {
    return at >= cover.offset && bytes.substr(at - cover.offset, cover.name.size()) == cover.name;
  });
}

bool NameSearch::found(std::string_view bytes, std::size_t from, std::size_t until) const {
  for (const Name& name : names_) {
    for (std::size_t at = bytes.find(name.name, from); at < until;
         at = bytes.find(name.name, at + 1)) {
      if (!is_covered(bytes, at, name)) return true;
    }
  }
  return false;
}

Result<SearchReport> search_store(const fs::path& dir, const NameSearch& search) {
  SearchReport report;
  if (search.empty()) return report;
  if (Status searched = search_files(dir, search, &report); !searched.ok()) {
    return searched.error();
  }
  EngineOptions options;
  options.dir = dir;
  options.read_only = true;
  Result<std::unique_ptr<Database>> database = Database::open(options, [](const Error&) {});
  if (!database.ok()) return database.error();
  for (const Family family : {Family::kDefault, Family::kNames, Family::kJournal, Family::kRaw,
                              Family::kCells, Family::kMeta, Family::kDocuments, Family::kSeen}) {
    Status searched = search_values(*database.value(), family, search, &report);
    if (!searched.ok()) return searched.error();
  }
  return report;
}

}  // namespace kpi
