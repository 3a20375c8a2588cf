// What goes into the new store as it is: documents (with their day of arrival, which their
// retention counts from), marks, request keys, used tickets, and how loud senders were.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "kpi/result.h"

namespace kpi {

// Whether a document of that time and text stays.
using KeepDocument = std::function<bool(std::int64_t time_ms, std::string_view text)>;
// Whether figures of senders stay, of an RP and the day that begins then.
using KeepSenders = std::function<bool(std::string_view rp, std::int64_t day_ms)>;

// Whether an answer that is kept for a retry stays as it is; else the retry gets an empty one.
using KeepText = std::function<bool(std::string_view text)>;

// Both stores are closed; `to` is written. Gives the number of documents that did not stay.
Result<std::uint64_t> copy_values(const std::filesystem::path& from,
                                  const std::filesystem::path& to, const KeepDocument& keep,
                                  const KeepText& keep_answer, const KeepSenders& keep_senders);

}  // namespace kpi
