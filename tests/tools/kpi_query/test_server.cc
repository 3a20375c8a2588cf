// The sample events behind a query socket, for tests of clients: prints its port and serves until
// standard input ends. An argument names a directory for a Unix socket beside it.
#include <cstdio>

#include "server/pgwire/query_server.h"
#include "tests/server/pgwire/sample_events.h"
#include "tests/server/pgwire/waiting_store.h"

int main(int argc, char** argv) {
  using namespace kpi;
  test::WaitingStore store(test::sample_events());
  server::pgwire::QueryServerOptions options;
  options.version = "0.1.0";
  options.now_ms = [] { return test::kSampleBeginMs + 2 * kDayMs; };
  std::vector<server::Endpoint> endpoints = {{false, "", "127.0.0.1", 0}};
  if (argc > 1) endpoints.push_back({true, argv[1], "", 0});
  const auto server = server::pgwire::QueryServer::listen(endpoints, store, options);
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("%d\n", server.value()->endpoints()[0].port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}
