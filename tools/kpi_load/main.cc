#include <chrono>
#include <csignal>
#include <cstdio>

#include "tools/kpi_load/run.h"

namespace {

int fail(const std::string& message) {
  std::fprintf(stderr, "kpi-load: %s\n", message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kpi::load;
  std::signal(SIGPIPE, SIG_IGN);
  const ParsedOptions parsed = parse_options(argc, argv);
  if (parsed.exit_code >= 0) return parsed.exit_code;
  const Options& options = parsed.options;
  const auto endpoint = parse_endpoint(options.http);
  if (!endpoint.ok()) return fail(endpoint.error().message);
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  const auto source = make_request_source(options, now_ms);
  if (!source.ok()) return fail(source.error().message);
  std::unique_ptr<AckLog> acks;
  if (!options.acks.empty()) {
    auto opened = AckLog::open(options.acks);
    if (!opened.ok()) return fail(opened.error().message);
    acks = std::move(opened).value();
  }
  Run run(options, *source.value(), acks.get(), endpoint.value());
  return run.execute() ? 0 : 1;
}
