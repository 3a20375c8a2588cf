// Errors over HTTP: application/problem+json (RFC 9457) with stable types.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/dialect/dialect.h"
#include "server/http/request.h"

namespace kpi::server {

inline constexpr std::string_view kProblemType = "application/problem+json";

// `type` becomes urn:kpistore:problem:TYPE. Types are public: PROTOCOL.md lists them.
struct Problem {
  std::uint16_t status = 500;
  std::string type;
  std::string detail;
  std::string extra_headers = {};  // Whole lines with CRLF: Allow, Retry-After.
  std::string hint = {};
  std::size_t position = 0;  // 1-based, of a statement; 0: none.
};

std::string problem_body(const Problem& problem);

Problem problem_of(RequestFault fault);
Problem problem_of(const Verdict& verdict);  // Requires kProblem.
Problem problem_of(const Error& error);      // Of a statement.

Problem not_found();
Problem method_not_allowed(std::string_view allow);
Problem length_required();
Problem overloaded(std::string detail);
Problem too_many_connections();  // In all.
Problem too_many_of_sender();    // Of one network.
Problem not_ready(std::string_view phase);
Problem disk_full();
Problem request_timeout();
Problem bad_request_key(std::string detail);
Problem key_reused();

}  // namespace kpi::server
