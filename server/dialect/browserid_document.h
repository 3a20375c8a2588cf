// What a BrowserID record gives back: its known fields in the shape that was sent, as JSON text.
#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/dialect/json.h"

namespace kpi::server {

inline constexpr std::size_t kDocumentFieldBytesMax = 512;  // Of a text; a longer one is left out.
inline constexpr std::size_t kDocumentStepItemsMax = 4;     // Name, offset, duration, repeats.

// Appends the record to `out`: under their newest names the fields that PROTOCOL.md lists, each the
// first time it comes; event_stream whole, in its order, as a list. What a field may not be (an
// object for a text, a raw user agent, a step that is none) is left out, as is every other field.
// Requires a record that read_browserid_record() took. `stream_json` is free for an event_stream
// that is JSON text.
void write_browserid_document(simdjson::dom::object record, std::int64_t time_ms,
                              JsonParser& stream_json, std::string& out);

// A part of user_agent that is the header itself.
bool is_raw_user_agent(simdjson::dom::element part);

}  // namespace kpi::server
