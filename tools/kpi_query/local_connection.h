// A data directory read in this process, without a server.
#pragma once
#include <memory>
#include <variant>

#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/options.h"

namespace kpi::tools {

// Opens options.data_dir read-only: what is in it now, also beside a running server.
std::variant<std::unique_ptr<Connection>, Failure> open_directory(const Options& options);

}  // namespace kpi::tools
