#include "tools/kpi_load/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace kpi::load {
namespace {

constexpr std::uint32_t kConnectionsMax = 10'000, kPipelineMax = 1'000, kBatchMax = 1'000'000;
constexpr const char* kExamples =
    "Sends generated sign-in reports to a kpi-server and says how it answered.\n\n"
    "Examples:\n"
    "  kpi-load --http 127.0.0.1:8090 --events 200000 --mix all --pipeline 16\n"
    "  kpi-load --http unix:/run/kpi/http.sock --ndjson-batch 10000 --events 10000000\n"
    "  kpi-load --file events.ndjson --ndjson-batch 10000 --connections 4\n";

Result<MixShare> parse_share(const std::string& part) {
  const auto equals = part.find('=');
  const std::string name = part.substr(0, equals);
  for (const Form form : kForms) {
    if (form_name(form) != name) continue;
    if (equals == std::string::npos) return MixShare{form, 1};
    char* end = nullptr;
    const double weight = std::strtod(part.c_str() + equals + 1, &end);
    if (*end != '\0' || !(weight > 0)) {
      return Error{ErrorCode::kInvalidArgument,
                   "mix: the share in '" + part + "' is no number > 0"};
    }
    return MixShare{form, weight};
  }
  return Error{ErrorCode::kInvalidArgument,
               "mix: '" + name + "' is not one of fedcm, chrome, reporting, browserid, ndjson"};
}

void add_options(CLI::App& app, Options& options, std::string& mix) {
  app.add_option("--http", options.http, "ADDR:PORT or unix:PATH of the server")
      ->capture_default_str();
  app.add_option("-n,--events", options.events, "Reports to send")->capture_default_str();
  app.add_option("-c,--connections", options.connections, "Keep-alive connections")
      ->check(CLI::Range(1U, kConnectionsMax))
      ->capture_default_str();
  app.add_option("--pipeline", options.pipeline, "Requests in flight a connection")
      ->check(CLI::Range(1U, kPipelineMax))
      ->capture_default_str();
  app.add_option("--mix", mix, "Forms and their shares, as fedcm=30,chrome=40,ndjson=30, or all")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Same seed, same reports")->capture_default_str();
  app.add_option("--rps", options.rps, "Relying parties, by Zipf's law")
      ->check(CLI::Range(2U, 100'000U))
      ->capture_default_str();
  app.add_option("--days", options.days, "Times lie in the last so many days, where a form has any")
      ->check(CLI::Range(1U, 10'000U))
      ->capture_default_str();
  app.add_option("--ndjson-batch", options.ndjson_batch,
                 "Lines an NDJSON request; above 1 all bodies are built before the clock starts")
      ->check(CLI::Range(1U, kBatchMax))
      ->capture_default_str();
  app.add_option("--bodies", options.bodies, "Distinct bodies with --ndjson-batch, sent in turn")
      ->check(CLI::Range(1U, 100'000U))
      ->capture_default_str();
  app.add_option("--file", options.file, "Send the lines of this NDJSON file, whole, once");
  app.add_option("--acks", options.acks,
                 "Append the id of every acknowledged event; events carry it as measure ack_id");
  app.add_option("--first-id", options.first_id, "First id with --acks")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{4'000'000'000}))
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_s, "Seconds to wait for an answer")
      ->check(CLI::Range(1U, 3'600U))
      ->capture_default_str();
  app.add_flag("-q,--quiet", options.quiet, "No progress on stderr");
}

int usage(const std::string& message) {
  std::fprintf(stderr, "kpi-load: %s\n", message.c_str());
  return 2;
}

}  // namespace

Result<std::vector<MixShare>> parse_mix(const std::string& text) {
  std::vector<MixShare> mix;
  if (text == "all") {
    for (const Form form : kForms) mix.push_back({form, 1});
    return mix;
  }
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    auto share = parse_share(part);
    if (!share.ok()) return share.error();
    mix.push_back(share.value());
  }
  if (mix.empty()) return Error{ErrorCode::kInvalidArgument, "mix: no form is named"};
  return mix;
}

ParsedOptions parse_options(int argc, char** argv) {
  ParsedOptions parsed;
  std::string mix = "ndjson";
  CLI::App app(kExamples, "kpi-load");
  add_options(app, parsed.options, mix);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = error.get_exit_code() == 0 ? app.exit(error) : usage(error.what());
    return parsed;
  }
  auto shares = parse_mix(mix);
  if (!shares.ok()) {
    parsed.exit_code = usage(shares.error().message);
    return parsed;
  }
  parsed.options.mix = std::move(shares).value();
  const bool only_ndjson =
      parsed.options.mix.size() == 1 && parsed.options.mix[0].form == Form::kNdjson;
  if (!only_ndjson && (!parsed.options.acks.empty() || parsed.options.ndjson_batch > 1 ||
                       !parsed.options.file.empty())) {
    parsed.exit_code = usage("--acks, --file and --ndjson-batch need --mix ndjson");
  }
  return parsed;
}

}  // namespace kpi::load
