// Embeds the store: opens a directory, appends a batch, asks a question, prints the answer.
#include <kpi/engine.h>
#include <kpi/query.h>
#include <kpi/render.h>

#include <cstdio>

namespace {

int fail(const kpi::Error& error) {
  std::fprintf(stderr, "consumer: %s\n", error.message.c_str());
  return 1;
}

kpi::Status append_attempts(kpi::Engine& engine) {
  kpi::Batch batch;
  for (std::uint32_t i = 1; i <= 1000; ++i) {
    const kpi::NamedValue measures[] = {{"turnaround_time", i}};
    kpi::Event event;
    event.time_ms = 1'790'000'000'000 + i;
    event.rp = i % 4 == 0 ? "https://other.example" : "https://rp.example";
    event.client = "client123";
    event.kind = kpi::EventKind(kpi::Outcome::kSuccess, kpi::UiShown::kYes);
    event.measures = measures;
    const kpi::Status added = batch.add(event);
    if (!added.ok()) return added;
  }
  return engine.append(std::move(batch));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: consumer DIRECTORY\n");
    return 2;
  }
  kpi::EngineOptions options;
  options.dir = argv[1];
  options.retention_raw_days = 0;
  auto engine = kpi::Engine::open(options);
  if (!engine.ok()) return fail(engine.error());
  const kpi::Status appended = append_attempts(*engine.value());
  if (!appended.ok()) return fail(appended.error());

  const auto statements = kpi::query::parse(
      "SELECT rp, count(*) AS n, max(turnaround_time) AS slowest FROM events GROUP BY rp ORDER BY "
      "rp");
  if (!statements.ok()) return fail(statements.error());
  kpi::query::Options query_options;
  query_options.now_ms = 1'790'000'100'000;
  const auto table = kpi::query::run(statements.value()[0], *engine.value(), query_options);
  if (!table.ok()) return fail(table.error());
  const std::string text = kpi::query::render(table.value(), kpi::query::Format::kCsv, {});
  std::fputs(text.c_str(), stdout);
  const kpi::Status closed = engine.value()->close();
  return closed.ok() ? 0 : fail(closed.error());
}
