#include "engine/rocks/log_format.h"

#include <rocksdb/file_checksum.h>

#include <cstdint>
#include <string>

#include "engine/base/bytes.h"

namespace kpi {
namespace {

std::uint32_t masked_crc(std::string_view bytes, char kind) {
  const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(&kind, 1);
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  std::uint32_t crc = 0;
  for (const char byte : generator->GetChecksum()) {
    crc = crc << 8 | static_cast<unsigned char>(byte);
  }
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

}  // namespace

std::size_t whole_part(std::string_view rest, std::string_view head) {
  const std::size_t length = load_little_endian<std::uint16_t>(head.data() + kLogCrcBytes);
  const char kind = head.back();
  const bool known =
      kind >= static_cast<char>(LogPart::kWhole) && kind <= static_cast<char>(LogPart::kLast);
  if (!known || kLogHeadBytes + length > rest.size()) return 0;
  const auto crc = load_little_endian<std::uint32_t>(head.data());
  return crc == masked_crc(rest.substr(kLogHeadBytes, length), kind) ? kLogHeadBytes + length : 0;
}

}  // namespace kpi
