// What an answer to a statement says beside its rows, as headers.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace kpi::server {

// Proxies take 4 KiB of headers, all together.
inline constexpr std::size_t kNoteHeadersBytesMax = 3U << 10;

// `Kpi-Note: TEXT` and CRLF, one line a note, in UTF-8. Where they do not fit the last line says
// how many were left out. Control characters become `?`, so that no note ends its line.
std::string note_headers(const std::vector<std::string>& notes);

}  // namespace kpi::server
