#include "tools/kpi_admin/archive/manifest.h"

#include <openssl/rand.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tools/kpi_admin/archive/fields.h"
#include "tools/kpi_admin/archive/hashed_file.h"

namespace kpi::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "kpistore-archive";
constexpr int kVersion = 2;  // 1: without senders.
constexpr const char* kManifestName = "manifest.json";

Error damaged(const std::string& what) {
  return {ErrorCode::kCorruption, "manifest.json: " + what, "export again into a new directory"};
}

Json head_json(const TransferHead& head) {
  Json labels = Json::array();
  for (const auto& label : head.labels) {
    labels.push_back({{"name", label.name}, {"from", label.from_ms}});
  }
  return {{"labels", std::move(labels)},        {"raw_from", head.raw_from_ms},
          {"minute_from", head.minute_from_ms}, {"hour_from", head.hour_from_ms},
          {"day_from", head.day_from_ms},       {"sequence", head.sequence}};
}

bool read_number(const nlohmann::json& object, const char* name, std::int64_t* value) {
  const Result<std::int64_t> number = integer_field(object, name);
  if (number.ok()) *value = number.value();
  return number.ok() && *value >= 0;
}

bool read_labels(const nlohmann::json& head, std::vector<TransferHead::RolledUpLabel>* labels) {
  const auto found = head.find("labels");
  if (found == head.end() || !found->is_array()) return false;
  for (const auto& item : *found) {
    if (!item.is_object()) return false;
    const Result<std::string> name = text_field(item, "name");
    auto& label = labels->emplace_back();
    if (!name.ok() || !read_number(item, "from", &label.from_ms)) return false;
    label.name = name.value();
  }
  return true;
}

bool read_head(const nlohmann::json& json, TransferHead* head) {
  std::int64_t sequence = 0;
  const bool whole = json.is_object() && read_number(json, "raw_from", &head->raw_from_ms) &&
                     read_number(json, "minute_from", &head->minute_from_ms) &&
                     read_number(json, "hour_from", &head->hour_from_ms) &&
                     read_number(json, "day_from", &head->day_from_ms) &&
                     read_number(json, "sequence", &sequence);
  head->sequence = static_cast<std::uint64_t>(sequence);
  return whole && read_labels(json, &head->labels);
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

bool read_file(const nlohmann::json& json, ArchiveFile* file) {
  if (!json.is_object()) return false;
  const Result<std::string> name = text_field(json, "name"), sha256 = text_field(json, "sha256");
  std::int64_t lines = 0, bytes = 0;
  if (!name.ok() || !sha256.ok() || !is_plain_name(name.value()) || sha256.value().size() != 64 ||
      !read_number(json, "lines", &lines) || !read_number(json, "bytes", &bytes)) {
    return false;
  }
  file->name = name.value();
  file->sha256 = sha256.value();
  file->lines = static_cast<std::uint64_t>(lines);
  file->bytes = static_cast<std::uint64_t>(bytes);
  file->events = json.contains("day");
  return !file->events || read_number(json, "day", &file->day_ms);
}

}  // namespace

Result<Manifest> read_manifest(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / kManifestName;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{ErrorCode::kNotFound, path.string() + " cannot be read",
                 "an archive is a directory that kpi-admin export wrote"};
  }
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return damaged("not a JSON object");
  const Result<std::string> format = text_field(json, "format"), id = text_field(json, "id");
  const Result<std::int64_t> version = integer_field(json, "version");
  if (!format.ok() || format.value() != kFormat || !version.ok()) return damaged("another format");
  if (version.value() > kVersion) {
    return Error{ErrorCode::kUnsupported,
                 "an archive of version " + std::to_string(version.value()) +
                     "; this program reads up to " + std::to_string(kVersion),
                 "use a newer program"};
  }
  Manifest manifest;
  if (!id.ok() || id.value().size() != 32) return damaged("no id");
  manifest.id = id.value();
  if (!json.contains("head") || !read_head(json["head"], &manifest.head)) return damaged("no head");
  if (!json.contains("files") || !json["files"].is_array()) return damaged("no list of files");
  for (const auto& item : json["files"]) {
    if (!read_file(item, &manifest.files.emplace_back()))
      return damaged("a file without its facts");
  }
  manifest.complete = json.value("complete", nlohmann::json()) == true;
  return manifest;
}

Status write_manifest(const std::filesystem::path& dir, const Manifest& manifest) {
  Json files = Json::array();
  for (const ArchiveFile& file : manifest.files) {
    Json item = {{"name", file.name}, {"lines", file.lines}, {"bytes", file.bytes}};
    item["sha256"] = file.sha256;
    if (file.events) item["day"] = file.day_ms;
    files.push_back(std::move(item));
  }
  const Json json = {{"format", kFormat},
                     {"version", kVersion},
                     {"id", manifest.id},
                     {"head", head_json(manifest.head)},
                     {"complete", manifest.complete},
                     {"files", std::move(files)}};
  Result<HashedFile> file = HashedFile::create(dir / kManifestName);
  if (!file.ok()) return file.error();
  if (Status written = file.value().append(json.dump(1) + '\n'); !written.ok()) return written;
  const auto finished = file.value().finish();
  return finished.ok() ? ok_status() : Status(finished.error());
}

std::string random_id() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) std::fill(std::begin(bytes), std::end(bytes), '\0');
  return hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

}  // namespace kpi::tools
