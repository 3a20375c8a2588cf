// peer_events COUNT ndjson|tsv: the events of peer_data.h on stdout.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "bench/peer_data.h"
#include "kpi/event.h"

namespace {

using kpi::bench::PeerEvent;

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_ndjson(std::string& out, const PeerEvent& event) {
  out += "{\"time\":";
  append_number(out, event.time_ms);
  out += ",\"rp\":\"" + kpi::bench::peer_rp_name(event.rp) + "\",\"client\":\"" +
         kpi::bench::peer_client_name(event.client);
  if (event.error != 0) {
    out += "\",\"outcome\":\"failure\",\"error\":\"" +
           kpi::error_name({kpi::Dialect::kFedcm, event.error}) + "\"}\n";
    return;
  }
  out += "\",\"outcome\":\"success\",\"measures\":{";
  for (std::size_t i = 0; i < event.timings.size(); ++i) {
    out.append(i == 0 ? "\"" : ",\"").append(kpi::bench::kPeerTimingNames[i]).append("\":");
    append_number(out, event.timings[i]);
  }
  out += "}}\n";
}

void append_tsv(std::string& out, const PeerEvent& event) {
  append_number(out, event.time_ms);
  out +=
      '\t' + kpi::bench::peer_rp_name(event.rp) + '\t' + kpi::bench::peer_client_name(event.client);
  for (const auto timing : event.timings) {
    out += '\t';
    append_number(out, event.error != 0 ? 0 : timing);
  }
  out += '\t';
  append_number(out, event.error);
  out += '\n';
}

}  // namespace

int main(int argc, char** argv) {
  const bool tsv = argc == 3 && std::strcmp(argv[2], "tsv") == 0;
  const bool ndjson = argc == 3 && std::strcmp(argv[2], "ndjson") == 0;
  if (!tsv && !ndjson) {
    std::fprintf(stderr, "usage: peer_events COUNT ndjson|tsv\n");
    return 2;
  }
  kpi::bench::PeerData data(std::strtoull(argv[1], nullptr, 10));
  constexpr std::size_t kBufferBytes = 1U << 20;
  std::string out;
  PeerEvent event;
  bool more = true;
  while (more) {
    more = data.next(event);
    if (more) (tsv ? append_tsv : append_ndjson)(out, event);
    if (more && out.size() < kBufferBytes) continue;
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) {
      std::fprintf(stderr, "peer_events: cannot write\n");
      return 1;
    }
    out.clear();
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
