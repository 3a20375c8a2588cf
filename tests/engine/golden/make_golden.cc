// Makes the golden store of this program's format version: make_golden DIR. Sealed events in tables
// from a first opening, live ones in the log of a second, which ends as in a crash.
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "kpi/engine.h"
#include "tests/engine/golden/golden_events.h"

namespace {

std::unique_ptr<kpi::Engine> opened(const char* dir) {
  kpi::EngineOptions options;
  options.dir = dir;
  options.now_ms = [] { return kpi::test::kGoldenDayMs + kpi::test::kGoldenDays * kpi::kDayMs; };
  auto engine = kpi::Engine::open(options);
  if (engine.ok()) return std::move(engine).value();
  std::fprintf(stderr, "%s\n", engine.error().message.c_str());
  _exit(1);
}

bool append(kpi::Engine& engine, int first, int end) {
  for (int number = first; number < end; ++number) {
    if (!engine.append(kpi::test::golden_batch(number)).ok()) return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  {
    const auto engine = opened(arguments[1]);
    if (!append(*engine, 0, kpi::test::kGoldenSealed) || !engine->flush().ok()) return 1;
    if (!engine->create_milestone({"golden", kpi::test::kGoldenDayMs}).ok()) return 1;
    if (!engine->close().ok()) return 1;
  }
  const auto engine = opened(arguments[1]);
  _exit(append(*engine, kpi::test::kGoldenSealed, kpi::test::kGoldenBatches) ? 0 : 1);
}
