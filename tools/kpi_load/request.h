// One HTTP request of generated load, and what it stands for.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/kpi_load/dialects.h"

namespace kpi::load {

struct Request {
  std::string head;              // Start line and headers, with the blank line.
  std::string own_body;          // Used unless `shared_body` is set.
  std::string_view shared_body;  // Lives as long as the request source.
  Form form = Form::kNdjson;
  std::uint32_t events = 1;
  std::int64_t first_id = -1;  // With --acks: ids first_id .. first_id + events - 1.
  std::string_view body() const {
    return shared_body.data() != nullptr ? shared_body : std::string_view(own_body);
  }
};

// Start line and headers as that sender writes them. `origin`: empty for none.
std::string request_head(Form form, bool form_encoded, std::string_view origin,
                         std::size_t body_bytes);

// application/x-www-form-urlencoded.
std::string url_encode(std::string_view text);

}  // namespace kpi::load
