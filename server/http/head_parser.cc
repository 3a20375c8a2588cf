#include "server/http/head_parser.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <cstring>

namespace kpi::server {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kLastChunkBytesMin =
    5;  // "0\r\n\r\n": whatever is not done has as many left.

constexpr const char* kIdempotencyKey = "Idempotency-Key";

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::kGet;
    case http::verb::head:
      return Method::kHead;
    case http::verb::post:
      return Method::kPost;
    case http::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

constexpr std::size_t kChunkExtensionBytesMax = 256;  // Of one chunk.
constexpr std::size_t kLengthDigitsMax = 19;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// `host`, `host:port`, `[address]:port` or nothing. Stricter than the grammar: no commas, which
// would be a list to others.
bool is_authority(std::string_view text) {
  const std::size_t close = text.rfind(']');
  const std::size_t colon = text.find(':', close == std::string_view::npos ? 0 : close);
  if (colon != std::string_view::npos && colon + 1 != text.size() &&
      !is_number(text.substr(colon + 1))) {
    return false;
  }
  constexpr std::string_view kOthers = "-._~%!$&'()*+;=[]:";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// What a request target may hold; a fragment never travels.
bool is_target(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7F' && c != '#'; });
}

// `http://host/path` -> `/path`: servers must take the absolute form. Nothing: it is none.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() ||
        !boost::beast::iequals({scheme.data(), scheme.size()}, {target.data(), scheme.size()})) {
      continue;
    }
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0 || !is_authority(target.substr(0, end))) return {};
    if (end == target.size()) return "/";
    return target[end] == '/' ? target.substr(end) : std::string_view();
  }
  return target;
}

RequestFault fault_of(const boost::beast::error_code& error) {
  if (error == http::error::bad_version) return RequestFault::kVersion;
  if (error == http::error::header_limit) return RequestFault::kHeaderTooLarge;
  if (error == http::error::body_limit) return RequestFault::kBodyTooLarge;
  return RequestFault::kMalformed;
}

}  // namespace

HeadEnd find_head_end(std::string_view text, std::size_t& scanned) {
  // `scanned` is always the start of a line.
  for (;;) {
    const void* found = std::memchr(text.data() + scanned, '\n', text.size() - scanned);
    if (found == nullptr) return {};
    const auto line_end = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (line_end == scanned || text[line_end - 1] != '\r') return {0, true};
    const bool empty_line = line_end == scanned + 1;
    scanned = line_end + 1;
    if (empty_line) return {scanned, false};
  }
}

std::optional<RequestFault> HeadParser::parse_head(std::string_view head) {
  head_ = head;
  in_head_ = true;
  body_limit(boost::none);
  header_limit(static_cast<std::uint32_t>(head.size()));
  eager(false);
  Code error;
  const std::size_t used = put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (fault_) return fault_;
  if (error) return fault_of(error);
  if (!is_header_done() || used != head.size()) return RequestFault::kMalformed;
  in_head_ = false;
  request_.keep_alive = keep_alive();
  request_.chunked = chunked();
  if (const auto length = content_length()) request_.content_length = *length;
  return std::nullopt;
}

std::optional<RequestFault> HeadParser::parse_chunks(std::string_view bytes,
                                                     std::size_t body_bytes_max,
                                                     std::size_t& consumed) {
  consumed = 0;
  // Beast asserts that a last chunk of which it has seen the line comes back with the rest.
  if (bytes.size() < kLastChunkBytesMin) return std::nullopt;
  body_bytes_max_ = body_bytes_max;
  eager(true);
  Code error;
  consumed = put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (fault_) return fault_;
  if (error && error != http::error::need_more) return fault_of(error);
  return std::nullopt;
}

void HeadParser::refuse(RequestFault fault, Code& error) {
  fault_ = fault;
  error = http::error::bad_value;
}

void HeadParser::on_request_impl(http::verb verb, View, View target, int version, Code& error) {
  request_.method = method_of(verb);
  request_.http11 = version == 11;
  const std::string_view whole = origin_form(view(target));
  if (!is_target(whole)) return refuse(RequestFault::kMalformed, error);
  const std::size_t mark = whole.find('?');
  request_.path = whole.substr(0, mark);
  if (mark != std::string_view::npos) request_.query = whole.substr(mark + 1);
  const bool asterisk = whole == "*" && verb == http::verb::options;
  if (!asterisk && (whole.empty() || whole.front() != '/')) {
    refuse(RequestFault::kMalformed, error);
  }
}

void HeadParser::on_field_impl(Field field, View name, View value, Code& error) {
  if (!in_head_) return;  // Trailers say nothing that we would believe.
  // Beast unfolds continued lines: into a buffer of its own, or by skipping the line end.
  const char* const head_end = head_.data() + head_.size();
  if (value.data() < head_.data() || value.data() > head_end) {
    return refuse(RequestFault::kMalformed, error);
  }
  for (const char* p = name.data() + name.size() + 1; p < value.data(); ++p) {
    if (*p != ' ' && *p != '\t') return refuse(RequestFault::kMalformed, error);
  }
  if (field == Field::unknown) {
    take_unknown_field(view(name), view(value));
  } else {
    take_field(field, view(value), error);
  }
  if (!error) take_key(name, view(value), error);
}

// Of two that differ nobody could say by which the request was known before.
void HeadParser::take_key(View name, std::string_view value, Code& error) {
  if (boost::beast::iequals(name, kIdempotencyKey)) {
    if (request_.idempotency_key.data() != nullptr) return refuse(RequestFault::kMalformed, error);
    request_.idempotency_key = value;
  } else if (!request_id_header_.empty() &&
             boost::beast::iequals(name, {request_id_header_.data(), request_id_header_.size()})) {
    if (!request_.request_id.empty()) return refuse(RequestFault::kMalformed, error);
    request_.request_id = value;
  }
}

void HeadParser::take_unknown_field(std::string_view name, std::string_view value) {
  if (boost::beast::iequals("x-forwarded-for", {name.data(), name.size()})) {
    request_.forwarded.add(value);
  }
}

void HeadParser::take_field(Field field, std::string_view value, Code& error) {
  switch (field) {
    case Field::host:
      ++host_count_;
      if (!is_authority(value)) refuse(RequestFault::kMalformed, error);
      break;
    case Field::content_length:
      take_length(value, error);
      break;
    case Field::content_type:
      take_once(request_.content_type, value, error);
      break;
    case Field::origin:
      take_once(request_.origin, value, error);
      break;
    case Field::sec_fetch_dest:
      take_once(request_.sec_fetch_dest, value, error);
      break;
    case Field::accept:
      request_.accept = value;
      break;
    case Field::authorization:
      take_once(request_.authorization, value, error);
      break;
    case Field::expect:
      if (!boost::beast::iequals("100-continue", {value.data(), value.size()})) {
        return refuse(RequestFault::kBadExpectation, error);
      }
      request_.expects_continue = true;
      break;
    case Field::content_encoding:
      request_.coded =
          !value.empty() && !boost::beast::iequals("identity", {value.data(), value.size()});
      break;
    case Field::transfer_encoding:
      if (!request_.http11) return refuse(RequestFault::kMalformed, error);
      if (!boost::beast::iequals("chunked", {value.data(), value.size()})) {
        return refuse(RequestFault::kTransferCoding, error);
      }
      break;
    default:
      break;
  }
}

// Beast takes lists and repetitions of one length; others might take them differently.
void HeadParser::take_length(std::string_view value, Code& error) {
  if (++length_count_ > 1 || !is_number(value) || value.size() > kLengthDigitsMax) {
    refuse(RequestFault::kMalformed, error);
  }
}

// Which of two would count is anybody's guess.
void HeadParser::take_once(std::string_view& into, std::string_view value, Code& error) {
  if (!into.empty()) return refuse(RequestFault::kMalformed, error);
  into = value;
}

void HeadParser::on_header_impl(Code& error) {
  if (host_count_ > 1 || (host_count_ == 0 && request_.http11)) {
    refuse(RequestFault::kMalformed, error);
  }
}

void HeadParser::on_body_init_impl(const boost::optional<std::uint64_t>&, Code& error) {
  error = {};
}

// Bodies with a length are read past the parser; only their absence could lead here.
std::size_t HeadParser::on_body_impl(View, Code& error) {
  refuse(RequestFault::kMalformed, error);
  return 0;
}

// Beast takes any byte within quotes.
void HeadParser::on_chunk_header_impl(std::uint64_t size, View extensions, Code& error) {
  const bool clean = std::none_of(extensions.begin(), extensions.end(), [](char c) {
    return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7F';
  });
  if (!clean || extensions.size() > kChunkExtensionBytesMax) {
    return refuse(RequestFault::kMalformed, error);
  }
  if (size > body_bytes_max_ - body_.size()) refuse(RequestFault::kBodyTooLarge, error);
}

std::size_t HeadParser::on_chunk_body_impl(std::uint64_t, View bytes, Code& error) {
  if (!body_.append(view(bytes))) {
    refuse(RequestFault::kNoMemory, error);
    return 0;
  }
  return bytes.size();
}

void HeadParser::on_finish_impl(Code& error) { error = {}; }

}  // namespace kpi::server
