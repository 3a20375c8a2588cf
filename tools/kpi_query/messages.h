// What is said on standard error: errors and notes, in colour where that is wanted.
#pragma once
#include <string_view>

#include "kpi/result.h"
#include "tools/kpi_query/options.h"

namespace kpi::tools {

// Once, before the first message.
void set_message_color(ColorMode mode);
// `text` is what the error's position counts in.
void print_error(const Error& error, std::string_view text);
void print_note(std::string_view text);

}  // namespace kpi::tools
