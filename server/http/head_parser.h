// Beast's basic_parser, filling a Request from views into the caller's buffer. Stricter than Beast
// where request smuggling lives: no folded fields, one Host, one length, no transfer coding but
// chunked.
#pragma once
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string_view>

#include "server/http/body_pool.h"
#include "server/http/request.h"

namespace kpi::server {

// Length of the head at the start of `text`, with its empty line; 0: not complete yet. A line that
// ends in a bare LF is a fault. `scanned` (0 at first) is where the last call stopped.
struct HeadEnd {
  std::size_t size = 0;
  bool bare_lf = false;
};
HeadEnd find_head_end(std::string_view text, std::size_t& scanned);

// One request; make a new one for the next. Not thread-safe.
class HeadParser final : public boost::beast::http::basic_parser<true> {
 public:
  // Chunks of the body are appended to `body`, which may grow to `body_bytes_max`.
  // `request_id_header` names the field of the request ID; empty: nobody is believed. Outlives
  // this.
  HeadParser(Request& request, BodyBuffer& body, std::string_view request_id_header = {})
      : request_(request), body_(body), request_id_header_(request_id_header) {}

  // `head` is exactly what find_head_end() measured. Views of the request point into it.
  std::optional<RequestFault> parse_head(std::string_view head);

  // Takes what it can of a chunked body; `consumed` says how much. Done when is_done().
  std::optional<RequestFault> parse_chunks(std::string_view bytes, std::size_t body_bytes_max,
                                           std::size_t& consumed);

 private:
  using Field = boost::beast::http::field;
  using View = boost::beast::string_view;
  using Code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb verb, View method, View target, int version,
                       Code& error) override;
  void on_field_impl(Field field, View name, View value, Code& error) override;
  void on_header_impl(Code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& error) override;
  std::size_t on_body_impl(View bytes, Code& error) override;
  void on_chunk_header_impl(std::uint64_t size, View extensions, Code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remaining, View bytes, Code& error) override;
  void on_finish_impl(Code& error) override;
  void on_response_impl(int, View, int, Code&) override {}

  void refuse(RequestFault fault, Code& error);
  void take_unknown_field(std::string_view name, std::string_view value);
  void take_field(Field field, std::string_view value, Code& error);
  void take_length(std::string_view value, Code& error);
  void take_once(std::string_view& into, std::string_view value, Code& error);
  void take_key(View name, std::string_view value, Code& error);

  Request& request_;
  BodyBuffer& body_;
  const std::string_view request_id_header_;
  std::string_view head_;
  std::size_t body_bytes_max_ = 0;
  int host_count_ = 0, length_count_ = 0;
  bool in_head_ = true;
  std::optional<RequestFault> fault_;
};

}  // namespace kpi::server
