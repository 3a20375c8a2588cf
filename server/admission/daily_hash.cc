#include "server/admission/daily_hash.h"

#include <xxhash.h>

#include <mutex>

#include "server/auth/crypto.h"

namespace kpi::server {
namespace {

constexpr std::size_t kKeyBytes = 192;

}  // namespace

std::uint64_t DailyHash::operator()(std::string_view text, std::int64_t day) {
  {
    const std::shared_lock lock(mutex_);
    if (day == day_) {
      return XXH3_64bits_withSecret(text.data(), text.size(), key_.data(), key_.size());
    }
  }
  const std::unique_lock lock(mutex_);
  if (day != day_) key_ = auth::random_bytes(kKeyBytes);
  day_ = day;
  return XXH3_64bits_withSecret(text.data(), text.size(), key_.data(), key_.size());
}

}  // namespace kpi::server
