// A connection to a server's query socket, by libpq.
#pragma once
#include <memory>
#include <variant>

#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/options.h"

namespace kpi::tools {

// Waits for the server no longer than options.timeout, or 10 s where there is none.
std::variant<std::unique_ptr<Connection>, Failure> connect_to_server(const Options& options);

}  // namespace kpi::tools
