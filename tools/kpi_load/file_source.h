// Requests cut from an NDJSON file on disk, without copying it.
#pragma once
#include <memory>
#include <string>

#include "tools/kpi_load/request_source.h"

namespace kpi::load {

// Maps the file and counts its lines. kIo: it cannot be read. kInvalidArgument: it has no line.
Result<std::unique_ptr<RequestSource>> make_file_source(const std::string& path,
                                                        std::uint32_t lines_per_request);

}  // namespace kpi::load
