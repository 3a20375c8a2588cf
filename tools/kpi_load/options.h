// What kpi-load is asked to do, from its command line.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kpi/result.h"
#include "tools/kpi_load/dialects.h"

namespace kpi::load {

struct MixShare {
  Form form = Form::kNdjson;
  double weight = 1;
};

// `fedcm=30,chrome=40,ndjson=30`; `all` is every form alike. kInvalidArgument names the bad part.
Result<std::vector<MixShare>> parse_mix(const std::string& text);

struct Options {
  std::string http = "127.0.0.1:8090";  // ADDR:PORT or unix:PATH
  std::uint64_t events = 10'000;
  std::uint32_t connections = 8;
  std::uint32_t pipeline = 1;  // Requests in flight a connection.
  std::vector<MixShare> mix;
  std::uint64_t seed = 1;
  std::uint32_t rps = 200;
  std::uint32_t days = 7;
  std::uint32_t ndjson_batch = 1;  // Lines a request; above 1 bodies are built beforehand.
  std::uint32_t bodies = 100;      // So many distinct bodies, sent in turn.
  std::string file;                // Send the lines of this NDJSON file instead.
  std::string acks;                // Append ids of acknowledged events to this file.
  std::int64_t first_id = 0;
  std::uint32_t timeout_s = 30;  // Longest wait for an answer.
  bool quiet = false;            // No progress.
};

// Reads the command line. On --help or a usage error prints it, and the exit code is set.
struct ParsedOptions {
  Options options;
  int exit_code = -1;  // < 0: go on.
};
ParsedOptions parse_options(int argc, char** argv);

}  // namespace kpi::load
