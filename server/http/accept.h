// The Accept header of POST /v1/query -> the format of the answer.
#pragma once
#include <optional>
#include <string_view>

#include "server/http/query_pool.h"

namespace kpi::server {

// RFC 9110, section 12.5.1: of each format the most specific range that names it gives the weight;
// the heaviest wins, then the one named more precisely, then the one named first. Without a
// header, and for */*: JSON. Nothing: none is accepted.
std::optional<QueryFormat> negotiate(std::string_view accept);

}  // namespace kpi::server
