// Origins: the one spelling under which a relying party is stored.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kpi::server {

// The origin of an http or https URL, or of an origin with a stray slash: scheme and host in lower
// case, IDNA as given, default port, user info, path, query and fragment dropped. Nothing for
// `null`, opaque, other schemes, beyond kRpBytesMax, or what does not parse.
std::optional<std::string> canonical_origin(std::string_view url);

// True only where canonical_origin(url) would be `url` itself: the cheap answer for nearly all.
bool is_canonical_origin(std::string_view url);

}  // namespace kpi::server
