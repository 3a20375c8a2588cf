#include "tools/kpi_load/request.h"

namespace kpi::load {
namespace {

std::string_view path_of(Form form) {
  switch (form) {
    case Form::kFedcm:
      return "/metrics_endpoint";
    case Form::kChrome:
      return "/metrics";
    case Form::kReporting:
      return "/reports";
    case Form::kBrowserid:
      return "/wsapi/interaction_data";
    case Form::kNdjson:
      break;
  }
  return "/v1/events";
}

std::string_view content_type_of(Form form, bool form_encoded) {
  if (form_encoded) return "application/x-www-form-urlencoded";
  if (form == Form::kReporting) return "application/reports+json";
  return form == Form::kNdjson ? "application/x-ndjson" : "application/json";
}

}  // namespace

std::string request_head(Form form, bool form_encoded, std::string_view origin,
                         std::size_t body_bytes) {
  std::string head = "POST ";
  head.append(path_of(form)).append(" HTTP/1.1\r\nHost: idp.example\r\nContent-Type: ");
  head.append(content_type_of(form, form_encoded)).append("\r\n");
  if (!origin.empty()) head.append("Origin: ").append(origin).append("\r\n");
  if (form == Form::kFedcm || form == Form::kChrome) {
    head.append("Accept: application/json\r\nSec-Fetch-Dest: webidentity\r\n");
  }
  head.append("Content-Length: ").append(std::to_string(body_bytes)).append("\r\n\r\n");
  return head;
}

std::string url_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace kpi::load
