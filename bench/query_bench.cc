// query_bench CONNINFO TIMES FILE: runs each statement of FILE (one a line, NAME<tab>SQL) so many
// times over one PostgreSQL connection; prints NAME, median and 95th percentile in ms, rows.
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

[[noreturn]] void fail(std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::fprintf(stderr, "query_bench: %s\n", message.c_str());
  std::exit(1);
}

int rows_of(PGconn* connection, const std::string& statement) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, statement.c_str()),
                                                             &PQclear);
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) fail(PQerrorMessage(connection));
  return PQntuples(result.get());
}

void measure(PGconn* connection, const std::string& name, const std::string& statement,
             std::size_t times) {
  constexpr std::size_t kWarmUps = 3;
  int rows = 0;
  for (std::size_t i = 0; i < kWarmUps; ++i) rows = rows_of(connection, statement);
  std::vector<double> ms;
  for (std::size_t i = 0; i < times; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    rows_of(connection, statement);
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                     .count());
  }
  std::sort(ms.begin(), ms.end());
  std::printf("%s\t%.3f\t%.3f\t%d\n", name.c_str(), ms[times / 2], ms[times * 95 / 100], rows);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) fail("usage: query_bench CONNINFO TIMES FILE");
  const auto times = std::strtoull(argv[2], nullptr, 10);
  if (times == 0) fail("TIMES must be at least 1");
  const Connection connection(PQconnectdb(argv[1]), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) fail(PQerrorMessage(connection.get()));
  std::ifstream file(argv[3]);
  if (!file) fail(std::string("cannot read ") + argv[3]);
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) fail("a line is not NAME<tab>SQL: " + line);
    measure(connection.get(), line.substr(0, tab), line.substr(tab + 1), times);
  }
  return 0;
}
