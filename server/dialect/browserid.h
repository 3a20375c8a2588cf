// BrowserID interaction data (mozilla/browserid, mozilla/kpiggybank): a form whose field `data` is
// JSON text, or JSON `{"data": [...], "csrf": "..."}`. Each record is judged alone.
#pragma once
#include <string>

#include "server/dialect/intake.h"
#include "server/dialect/json.h"

namespace kpi::server {

inline constexpr std::uint32_t kDesktopWidthMin = 1024, kMobileWidthMax = 640;

// Reusable. Not thread-safe.
class BrowseridParser {
 public:
  void parse_form(Intake& intake);  // 201 `ok`
  void parse_json(Intake& intake);  // 200 {"success":true}
  void forget();                    // Wipes what was parsed.

 private:
  void take(Intake& intake, simdjson::dom::element data, bool may_be_text);
  void take_record(Intake& intake, simdjson::dom::object record);

  JsonParser body_, nested_, stream_;  // `data` and `event_stream` may be JSON text once more.
  std::string scratch_;
};

}  // namespace kpi::server
