#include "server/http/problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/http/answer.h"

namespace kpi::server {
namespace {

constexpr const char* kRetryAfter = "Retry-After: 1\r\n";

}  // namespace

std::string problem_body(const Problem& problem) {
  nlohmann::ordered_json json;
  json["type"] = "urn:kpistore:problem:" + problem.type;
  json["title"] = std::string(status_reason(problem.status));
  json["status"] = problem.status;
  json["detail"] = problem.detail;
  if (!problem.hint.empty()) json["hint"] = problem.hint;
  if (problem.position != 0) json["position"] = problem.position;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Problem problem_of(RequestFault fault) {
  switch (fault) {
    case RequestFault::kMalformed:
      return {400, "malformed-request", "the request is not well-formed HTTP/1.1"};
    case RequestFault::kHeaderTooLarge:
      return {431, "header-too-large", "request line and headers are over the limit"};
    case RequestFault::kBodyTooLarge:
      return {413, "body-too-large", "the body is over the limit of this path"};
    case RequestFault::kBadExpectation:
      return {417, "bad-expectation", "only 'Expect: 100-continue' is understood"};
    case RequestFault::kTransferCoding:
      return {501, "transfer-coding", "only 'Transfer-Encoding: chunked' is understood"};
    case RequestFault::kVersion:
      return {505, "http-version", "HTTP/1.1 and HTTP/1.0 are understood"};
    case RequestFault::kNoMemory:
      return overloaded("the memory for request bodies is used up");
  }
  return {500, "internal", "unknown fault"};
}

Problem problem_of(const Verdict& verdict) {
  std::string type(to_string(verdict.reason));
  std::replace(type.begin(), type.end(), '_', '-');
  return {static_cast<std::uint16_t>(verdict.status), std::move(type), verdict.detail};
}

Problem problem_of(const Error& error) {
  Problem problem{500, "internal", error.message, {}, error.hint, error.position};
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      problem.status = 400;
      problem.type = "invalid-statement";
      break;
    case ErrorCode::kNotFound:
      problem.status = 422;
      problem.type = "unknown-name";
      break;
    case ErrorCode::kLimitExceeded:
      problem.status = 422;
      problem.type = "limit-exceeded";
      break;
    case ErrorCode::kUnsupported:
      problem.status = 501;
      problem.type = "unsupported-statement";
      break;
    case ErrorCode::kCanceled:
      problem.status = 504;
      problem.type = "statement-timeout";
      break;
    case ErrorCode::kPermissionDenied:
      problem.status = 403;
      problem.type = "permission-denied";
      break;
    case ErrorCode::kUnavailable:
    case ErrorCode::kBusy:
      problem.status = 503;
      problem.type = "unavailable";
      problem.extra_headers = kRetryAfter;
      break;
    case ErrorCode::kCorruption:
      problem.type = "corruption";
      break;
    case ErrorCode::kIo:
      problem.type = "io";
      break;
  }
  return problem;
}

Problem not_found() { return {404, "not-found", "nothing is served at this path"}; }

Problem method_not_allowed(std::string_view allow) {
  return {405, "method-not-allowed", "this path takes " + std::string(allow),
          "Allow: " + std::string(allow) + "\r\n"};
}

Problem length_required() {
  return {411, "length-required", "a Content-Length or a chunked body is needed"};
}

Problem overloaded(std::string detail) {
  return {503, "overloaded", std::move(detail), kRetryAfter};
}

Problem too_many_connections() { return overloaded("too many connections"); }

Problem too_many_of_sender() {
  return {429, "too-many-connections", "too many connections from one network", kRetryAfter};
}

Problem not_ready(std::string_view phase) {
  return {503, "not-ready", "the server is " + std::string(phase), kRetryAfter};
}

// Space comes back when somebody makes some: asking each second would be of no use.
Problem disk_full() {
  return {503, "disk-full", "the data disk has too little space; queries go on",
          "Retry-After: 30\r\n"};
}

Problem bad_request_key(std::string detail) { return {400, "bad-request-key", std::move(detail)}; }

Problem key_reused() {
  return {422, "key-reused", "the key came before, with another request; nothing was stored"};
}

Problem request_timeout() { return {408, "request-timeout", "the request did not arrive in time"}; }

}  // namespace kpi::server
