// A store that is exported and taken in elsewhere answers every query alike, whatever interrupted
// either: raw events, what aged out of them, late ones, senders, names, milestones and documents.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kpi/engine.h"
#include "kpi/query.h"
#include "kpi/render.h"
#include "tests/engine/read/random_data.h"
#include "tests/support/temp_dir.h"
#include "tools/kpi_admin/archive/event_line.h"
#include "tools/kpi_admin/archive/export_store.h"
#include "tools/kpi_admin/archive/hashed_file.h"
#include "tools/kpi_admin/archive/import_store.h"
#include "tools/kpi_admin/archive/manifest.h"
#include "tools/kpi_admin/archive/rest_line.h"

namespace kpi::tools {
namespace {

namespace fs = std::filesystem;

void expect_ok(const Status& status) {
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
}

std::vector<std::string> questions(Engine& engine) {
  std::vector<std::string> texts = {
      "SHOW RPS",
      "SHOW MEASURES",
      "SHOW LABELS",
      "SHOW ERRORS",
      "SHOW MILESTONES",
      "SELECT count(*), successes(), failures() FROM events",
      "SELECT rp, client, outcome, error, ui_shown, count(*) FROM events"
      " GROUP BY rp, client, outcome, error, ui_shown",
      "SELECT rp, count(*), click_through_rate() FROM events GROUP BY rp ORDER BY 2 DESC LIMIT 5",
      "SELECT largest_sender_share() FROM events",
      "SELECT rp, largest_sender_share() FROM events GROUP BY rp",
      "SELECT rp, time_bucket('1 hour', time) AS t, count(*), largest_sender_share() FROM events"
      " GROUP BY rp, t",
      "SELECT time_bucket('7 days', time) AS t, largest_sender_share() FROM events GROUP BY t",
      "SELECT rp, time_bucket('1 day', time) AS t FROM events GROUP BY rp, t"
      " HAVING largest_sender_share() > 0.5",
  };
  const auto view = engine.view();
  std::vector<std::string> measures = view.value()->measures();
  for (const std::string& measure : measures) {
    const std::string m = "(\"" + measure + "\")";
    for (const char* width : {"1 minute", "1 hour", "1 day", "7 days"}) {
      const std::string bucket = "time_bucket('" + std::string(width) + "', time)";
      texts.push_back("SELECT " + bucket + " AS t, count" + m + ", sum" + m + ", histogram" + m +
                      " FROM events GROUP BY t");
      texts.push_back("SELECT " + bucket + " AS t, rp, client, outcome, min" + m + ", histogram" +
                      m + " FROM events GROUP BY t, rp, client, outcome");
    }
  }
  for (const auto& label : view.value()->labels()) {
    texts.push_back("SELECT \"" + label.name + "\", count(*) FROM events GROUP BY 1");
  }
  for (const std::string& rp : view.value()->rps()) {
    texts.push_back("SHOW CLIENTS FOR '" + rp + "'");
    texts.push_back("SELECT largest_sender_share() FROM events WHERE rp <> '" + rp + "'");
  }
  return texts;
}

std::string answer(Engine& engine, const std::string& text) {
  const auto statements = query::parse(text);
  if (!statements.ok()) return statements.error().message;
  query::Options options;
  const auto table = query::run(statements.value().at(0), engine, options);
  if (!table.ok()) return table.error().message;
  std::string out = query::render(table.value(), query::Format::kNdjson, {});
  for (const std::string& note : table.value().notes) out += note + '\n';
  return out;
}

std::multiset<std::string> events(Engine& engine) {
  std::multiset<std::string> lines;
  const auto view = engine.view();
  const auto scanned = view.value()->scan({}, [&](const Event& event) {
    std::string line;
    append_event_line(event, &line);
    lines.insert(line);
    return true;
  });
  EXPECT_TRUE(scanned.ok());
  return lines;
}

std::vector<std::string> documents(Engine& engine) {
  std::vector<std::string> lines;
  const auto taken = engine.documents();
  if (!taken.ok()) return {taken.error().message};
  expect_ok(taken.value()->for_each({}, {}, {}, [&](const Document& document) {
    append_document_line(document, &lines.emplace_back());
    return true;
  }));
  return lines;
}

constexpr const char* kImportOnly = "--import-only";

// This program again: RocksDB's threads do not survive a fork.
pid_t spawn_import(const fs::path& to, const fs::path& archive) {
  std::string self = "/proc/self/exe", flag = kImportOnly, into = to, from = archive;
  char* const arguments[] = {self.data(), flag.data(), into.data(), from.data(), nullptr};
  pid_t child = -1;
  EXPECT_EQ(posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments, environ), 0);
  return child;
}

class Archive : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  std::unique_ptr<Engine> open(const fs::path& dir, bool read_only = false) {
    EngineOptions options;
    options.dir = dir;
    options.read_only = read_only;
    options.durability = Durability::kOs;
    options.dense_events_per_hour = 1;
    options.settle_ms = 0;
    if (!read_only && GetParam() % 2 == 0) options.rollup_labels = {"browser", "os"};
    options.retention_raw_days = read_only ? 0 : 4;
    options.retention_minute_days = read_only ? 0 : 9;
    options.retention_hour_days = read_only ? 0 : 12;
    options.now_ms = [this] { return now_ms_; };
    auto engine = Engine::open(std::move(options));
    EXPECT_TRUE(engine.ok()) << engine.error().message;
    return std::move(engine).value();
  }

  // Of up to so many senders, some of them unknown; 0: of none that is known.
  void append(Engine& engine, int count, std::uint64_t senders = 0) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      if (senders > 0) batch.set_sender(random_.below(senders + 1));
      const test::ModelEvent event = random_.event();
      visit(event, [&](const Event& named) {
        expect_ok(batch.add(named));
        if (i % 5 == 0) expect_ok(batch.attach_document("{\"n\":" + std::to_string(i) + "}"));
        return true;
      });
    }
    expect_ok(engine.append(std::move(batch)));
  }

  // Sealed and aged, then late events and live ones that are never sealed.
  void fill(const fs::path& dir) {
    now_ms_ = random_.end_day_ms();
    auto engine = open(dir);
    for (int round = 0; round < 4; ++round) {
      append(*engine, 200, 5);
      expect_ok(engine->flush());
    }
    expect_ok(engine->apply_retention());
    expect_ok(engine->create_milestone({"v42", random_.first_day_ms()}));
    expect_ok(engine->create_milestone({"an \"outage\"", random_.first_day_ms() + 1}));
    append(*engine, 100);       // Another process reads senders when they are written, each minute.
    kept_ = std::move(engine);  // Its live events stay unsealed.
  }

  void expect_alike(Engine& a, Engine& b) {
    for (const std::string& text : questions(a))
      EXPECT_EQ(answer(a, text), answer(b, text)) << text;
    EXPECT_EQ(events(a), events(b));
    EXPECT_EQ(documents(a), documents(b));
  }

  TempDir dir_;
  test::RandomData random_{GetParam()};
  std::int64_t now_ms_ = 0;
  std::unique_ptr<Engine> kept_;
};

TEST_P(Archive, AnswersAlikeElsewhere) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  fill(from);
  const auto exported = export_store({from, out, true}, {});
  ASSERT_TRUE(exported.ok()) << exported.error().message;
  EXPECT_GT(exported.value().events, 0U);
  ImportOptions options{to, out, {}, 64, true};
  const auto imported = import_store(options, {});
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported.value().events, exported.value().events);
  const auto other = open(to, true);
  expect_alike(*kept_, *other);
  const auto again = import_store(options, {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again.value().already_done);
}

// Dies at any moment and is run again until it ends: still each event once.
TEST_P(Archive, ImportsExactlyOnceThoughKilled) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  fill(from);
  ASSERT_TRUE(export_store({from, out, true}, {}).ok());
  kept_.reset();
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  int kills = 0;
  for (int attempt = 0;; ++attempt) {
    ASSERT_LT(attempt, 500);
    const pid_t child = spawn_import(to, out);
    // A little later each time, so that it ends.
    const long wait_ms = 3 * attempt + attempt * attempt / 4;
    const timespec moment{wait_ms / 1000, wait_ms % 1000 * 1'000'000L};
    if (sigtimedwait(&child_ended, nullptr, &moment) < 0) kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    const timespec none{0, 0};
    (void)sigtimedwait(&child_ended, nullptr, &none);  // That of a child that was killed.
    if (WIFEXITED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
      break;
    }
    ++kills;
  }
  EXPECT_GT(kills, 0);
  const auto original = open(from, true);
  const auto other = open(to, true);
  expect_alike(*original, *other);
}

TEST_P(Archive, ExportGoesOnWhereItStoppedAndTakesWhatIsNew) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  fill(from);
  const auto first = export_store({from, out, true}, {});
  ASSERT_TRUE(first.ok()) << first.error().message;
  // As if it had been interrupted: the manifest is not complete, one file is missing.
  auto manifest = read_manifest(out);
  ASSERT_TRUE(manifest.ok());
  manifest.value().complete = false;
  expect_ok(write_manifest(out, manifest.value()));
  fs::remove(out / manifest.value().files.back().name);
  EXPECT_EQ(import_store({to, out, {}, 64, true}, {}).error().code, ErrorCode::kInvalidArgument);
  append(*kept_, 3);
  const auto second = export_store({from, out, true}, {});
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_GE(second.value().events, first.value().events);
  EXPECT_LT(second.value().days_kept, second.value().days);
  ASSERT_TRUE(import_store({to, out, {}, 64, true}, {}).ok());
  const auto other = open(to, true);
  expect_alike(*kept_, *other);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Archive, testing::Range<std::uint64_t>(1, 7));

class ArchiveFaults : public Archive {};

// Each life of a store, and each import, knows senders anew.
TEST_P(ArchiveFaults, SendersOfAnHourThatGoesOnElsewhereAddUp) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  now_ms_ = random_.end_day_ms();
  const auto send = [&](const fs::path& dir, std::uint64_t sender, int events) {
    Batch batch;
    batch.set_sender(sender);
    for (int i = 0; i < events; ++i) {
      Event event;
      event.time_ms = now_ms_ + i;
      event.rp = "https://rp.example";
      expect_ok(batch.add(event));
    }
    expect_ok(open(dir)->append(std::move(batch)));
  };
  const auto share = [&](const fs::path& dir) {
    return answer(*open(dir, true), "SELECT count(*), largest_sender_share() FROM events");
  };
  for (const int events : {6, 2, 4}) send(from, 1, events);
  EXPECT_EQ(share(from), "{\"count\":12,\"largest_sender_share\":0.5}\n");
  ASSERT_TRUE(export_store({from, out, true}, {}).ok());
  ASSERT_TRUE(import_store({to, out, {}, 64, true}, {}).ok());
  EXPECT_EQ(share(to), share(from));
  send(to, 1, 4);
  EXPECT_EQ(share(to), "{\"count\":16,\"largest_sender_share\":0.375}\n");
}

// Of version 1, which knew nothing of senders.
TEST_P(ArchiveFaults, OlderOnesWithoutSendersAreTaken) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  fill(from);
  ASSERT_TRUE(export_store({from, out, true}, {}).ok());
  auto manifest = read_manifest(out);
  ASSERT_TRUE(manifest.ok());
  ArchiveFile& rest = manifest.value().files.front();
  std::ifstream in(out / rest.name);
  std::string line, older;
  std::uint64_t senders = 0;
  while (std::getline(in, line)) {
    const bool of_senders = line.find("{\"senders\":") == 0;
    senders += of_senders ? 1 : 0;
    if (!of_senders) older += line + '\n';
  }
  EXPECT_GT(senders, 0U);
  std::ofstream(out / rest.name, std::ios::trunc) << older;
  rest.lines -= senders;
  rest.bytes = older.size();
  rest.sha256 = sha256_of(out / rest.name).value();
  expect_ok(write_manifest(out, manifest.value()));
  std::ifstream written(out / "manifest.json");
  std::string text(std::istreambuf_iterator<char>(written), {});
  const std::size_t version = text.find("\"version\": 2");
  ASSERT_NE(version, std::string::npos);
  text[version + 11] = '1';
  std::ofstream(out / "manifest.json", std::ios::trunc) << text;
  const auto imported = import_store({to, out, {}, 64, true}, {});
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(events(*kept_), events(*open(to, true)));
  EXPECT_EQ(answer(*open(to, true), "SELECT largest_sender_share() FROM events"),
            "{\"largest_sender_share\":null}\n");
}

TEST_P(ArchiveFaults, ADamagedFileIsNamedAndNothingOfItIsTaken) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  fill(from);
  ASSERT_TRUE(export_store({from, out, true}, {}).ok());
  const auto manifest = read_manifest(out);
  const std::string name = manifest.value().files.back().name;
  std::fstream file(out / name, std::ios::in | std::ios::out);
  file.seekg(9);
  const int byte = file.get();
  file.seekp(9);
  file.put(byte == '7' ? '8' : '7');
  file.close();
  const auto imported = import_store({to, out, {}, 64, true}, {});
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(imported.error().code, ErrorCode::kCorruption);
  EXPECT_NE(imported.error().message.find(name), std::string::npos) << imported.error().message;
}

TEST_P(ArchiveFaults, AnArchiveGoesIntoAnEmptyStoreOnly) {
  const fs::path from = dir_.path() / "from", out = dir_.path() / "out", to = dir_.path() / "to";
  fill(from);
  ASSERT_TRUE(export_store({from, out, true}, {}).ok());
  {
    const auto other = open(to);
    append(*other, 1);
  }
  const auto imported = import_store({to, out, {}, 64, true}, {});
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(imported.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(imported.error().message.find("stored events already"), std::string::npos);
}

TEST_P(ArchiveFaults, OneFileOfEventsIsTakenOnceAndWrongLinesAreNamed) {
  const fs::path to = dir_.path() / "to", file = dir_.path() / "events.ndjson";
  std::ofstream(file)
      << "{\"time\":1795338000000,\"rp\":\"https://rp.example\",\"outcome\":"
         "\"success\",\"measures\":{\"turnaround_time\":3340},\"sample_rate\":0.3}\n"
         "{\"time\":1795338000001,\"outcome\":\"failure\",\"error\":"
         "\"fedcm.777\",\"labels\":{\"os\":\"Linux\"}}";
  for (int i = 0; i < 2; ++i) {
    const auto imported = import_store({to, {}, file, 64, true}, {});
    ASSERT_TRUE(imported.ok()) << imported.error().message;
    EXPECT_EQ(imported.value().already_done, i == 1);
  }
  const auto engine = open(to, true);
  EXPECT_EQ(answer(*engine, "SELECT count(*), failures(), sum(turnaround_time) FROM events"),
            "{\"count\":4,\"failures\":1,\"sum\":11132}\n");
  for (const char* wrong :
       {"[]", "{\"time\":\"now\"}", "{\"time\":1,\"colour\":2}",
        "{\"time\":1,\"measures\":{\"m\":-1}}", "{\"time\":-1}",
        "{\"time\":1,\"error\":\"fedcm.777\"}", "{\"time\":1,\"sample_rate\":2}"}) {
    std::ofstream(file) << "{\"time\":1}\n" << wrong << '\n';
    const auto imported = import_store({dir_.path() / "other", {}, file, 64, true}, {});
    ASSERT_FALSE(imported.ok()) << wrong;
    EXPECT_NE(imported.error().message.find("line 2: "), std::string::npos)
        << imported.error().message;
  }
}

// Mended, the file has another name in the store: what had been taken would come again.
TEST_P(ArchiveFaults, NothingOfAFileOfEventsWithAWrongLineIsTaken) {
  const fs::path to = dir_.path() / "to", file = dir_.path() / "events.ndjson";
  const auto write = [&](const char* last) {
    std::ofstream out(file);
    for (int i = 0; i < 200; ++i) out << "{\"time\":" << i << "}\n";
    out << last;
  };
  write("{\"time\":\"now\"}\n");
  const auto refused = import_store({to, {}, file, 64, true}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("line 201: "), std::string::npos);
  write("{\"time\":200}\n");
  const auto imported = import_store({to, {}, file, 64, true}, {});
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported.value().events, 201U);
  EXPECT_EQ(answer(*open(to, true), "SELECT count(*) FROM events"), "{\"count\":201}\n");
}

// Under (other) they would stay: no later import could name them.
TEST_P(ArchiveFaults, NamesOfAFileOfEventsAreAllTaken) {
  const fs::path to = dir_.path() / "to", file = dir_.path() / "events.ndjson";
  const std::uint64_t values = NameLimits().label_values + 1;
  {
    std::ofstream out(file);
    for (std::uint64_t i = 0; i < values; ++i) {
      out << "{\"time\":1795338000000,\"labels\":{\"build\":\"" << i << "\"}}\n";
    }
  }
  const auto imported = import_store({to, {}, file, 5'000, true}, {});
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(answer(*open(to, true), "SELECT count(*) FROM events WHERE build = '(other)'"),
            "{\"count\":0}\n");
  EXPECT_EQ(answer(*open(to, true), "SELECT count(*) FROM events WHERE build = '" +
                                        std::to_string(values - 1) + "'"),
            "{\"count\":1}\n");
}

INSTANTIATE_TEST_SUITE_P(Seeds, ArchiveFaults, testing::Values(1));

}  // namespace
}  // namespace kpi::tools

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == kpi::tools::kImportOnly) {
    return kpi::tools::import_store({argv[2], argv[3], {}, 8, true}, {}).ok() ? 0 : 1;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
