#include "tests/engine/simulation/simulation.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/key/partition.h"
#include "tests/engine/faults/child_run.h"
#include "tests/engine/read/random_data.h"
#include "tests/engine/simulation/expected.h"
#include "tests/engine/simulation/world.h"

namespace kpi::test {
namespace {

class TakingSink final : public AppendSink {
 public:
  void on_committed(PendingAppend* chain) override {
    for (; chain != nullptr; chain = chain->next) ++taken_;
  }
  std::size_t taken() const { return taken_; }

 private:
  std::size_t taken_ = 0;
};

Batch pack(const Sent& sent) {
  Batch batch;
  for (std::size_t i = 0; i < sent.events.size(); ++i) {
    visit(sent.events[i], [&](const Event& event) { return batch.add(event).ok(); });
    if (i < sent.documents.size()) (void)batch.attach_document(sent.documents[i]);
  }
  return batch;
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : seed_(seed), random_(seed), world_(seed ^ 0x5EED) {
    draw_options();
    world_.set_wall(random_.first_day_ms() + between(0, 3 * kDayMs));
    expected_ = std::make_unique<Expected>(options_.dedup_window_ms, options_.dedup_entries_max);
    when_aborted = [this] {
      // RocksDB asserts what a disk that fails may break; the store has stopped by then.
      if (!world_.disk().fired()) return;
      if (std::getenv("KPI_SEED") != nullptr) print_frames();
      _exit(kSimulationAborted);
    };
  }

  SimulationResult run() {
    open();
    const int steps = 30 + static_cast<int>(random_.below(31));
    for (step_ = 0; step_ < steps; ++step_) {
      act();
      note_state();
      if (world_.disk().fired() || failed_) recover();
    }
    world_.disk().arm({});
    reopen();
    check_all();
    return {world_.trace(), world_.notes(), faults_};
  }

 private:
  static constexpr int kSimulationAborted = 3;

  [[noreturn]] void violation(const std::string& what) const {
    std::fprintf(stderr, "%s\n", history_.c_str());
    std::fprintf(stderr, "simulation: seed %llu, step %d (%s): %s\nagain: KPI_SEED=%llu %s\n",
                 static_cast<unsigned long long>(seed_), step_, doing_, what.c_str(),
                 static_cast<unsigned long long>(seed_), "build/release/bin/simulation_test");
    _exit(1);
  }
  void must_be_right(const std::string& wrong) const {
    if (!wrong.empty()) violation(wrong);
  }
  // An error is right only where something has failed.
  bool went_well(const Status& status) const {
    if (!status.ok() && !world_disk_fired() && !failed_) violation(status.error().message);
    return status.ok();
  }
  bool world_disk_fired() const { return const_cast<World&>(world_).disk().fired(); }

  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  Now now() const { return {world_.wall_ms(), world_.steady_ms(), steps_of_clock_, openings_}; }

  void draw_options() {
    options_.dir = World::dir();
    options_.durability = random_.chance(90) ? Durability::kFsync : Durability::kOs;
    options_.journal_bytes_max = std::size_t{3000} << (2 * random_.below(3));
    options_.live_bytes_max = 3U << 20;
    options_.write_buffer_bytes = 64U << 10;
    options_.block_cache_bytes = 256U << 10;
    options_.dense_events_per_hour = 1 + static_cast<std::uint32_t>(random_.below(3));
    options_.settle_ms = random_.chance(50) ? 0 : 10'000;
    options_.dedup_window_ms = between(1, 60) * kMinuteMs;
    options_.dedup_entries_max = random_.chance(30) ? 1 + random_.below(6) : 1000;
    const bool ages = random_.chance(60);
    options_.retention_raw_days = ages ? static_cast<int>(between(1, 5)) : 0;
    options_.retention_minute_days = ages ? static_cast<int>(between(1, 5)) : 0;
    options_.retention_hour_days = ages ? static_cast<int>(between(1, 12)) : 0;
    options_.scrub_bytes_per_second = random_.chance(30) ? 1U << 20 : 0;
    options_.scrub_every_ms = between(1, 48) * kHourMs;
    options_.now_ms = [this] { return world_.wall_ms(); };
    options_.steady_ms = [this] { return world_.steady_ms(); };
    options_.on_fatal = [this](const Error& error) {
      failed_ = true;
      failure_ = error.message;
    };
    options_.on_damage = [this](const Error& error) {
      if (!world_.disk().fired()) violation("damage where there is none: " + error.message);
    };
    draw_labels();
  }

  void draw_labels() {
    options_.rollup_labels.clear();
    if (random_.chance(40)) options_.rollup_labels.emplace_back("browser");
    if (random_.chance(20)) options_.rollup_labels.emplace_back("variant");
    options_.drop_rollups = options_.rollup_labels.empty();
  }

  void act() {
    world_.pass(random_.chance(80) ? between(0, 2'000) : between(0, 20 * kMinuteMs));
    const std::uint64_t what = random_.below(100);
    if (what < 38) return send();
    if (what < 50) return ask();
    if (what < 58) return upkeep();
    if (what < 63) return flush();
    if (what < 67) return age();
    if (what < 75) return run_jobs();
    if (what < 79) return restart();
    if (what < 83) return kill();
    if (what < 88) return cut_power_soon();
    if (what < 92) return fail_soon();
    if (what < 95) return step_clock();
    if (what < 98) return set_milestone();
    doing_ = "scrub";
    world_.stepper().step(Work::kScrub);
  }

  // --- opening and ending ---

  void open() {
    for (;;) {
      doing_ = "open";
      Result<std::unique_ptr<Engine>> engine = Engine::open(options_);
      if (engine.ok()) {
        engine_ = std::move(engine).value();
        ++openings_;
        return;
      }
      if (!world_.disk().fired()) violation("does not open: " + engine.error().message);
      end_process();
    }
  }

  // What the process had is gone, and perhaps what the disk had not got for sure.
  void end_process() {
    held_ = {};
    engine_.reset();
    world_.end_process();
    faults_ += 1;
    if (power_goes_ && options_.durability == Durability::kFsync) world_.lose_power();
    power_goes_ = failed_ = false;
    world_.disk().arm({});
  }

  void recover() {
    doing_ = "recover";
    if (failed_ && !world_.disk().fired()) violation("the store stopped by itself: " + failure_);
    end_process();
    open();
    doing_ = "look at what is left";
    must_be_right(expected_->resolve(*engine_));
    check_all();
  }

  void reopen() {
    held_ = {};
    const bool closed = went_well(engine_->close());
    engine_.reset();
    if (!closed || world_.disk().fired()) return end_and_open();
    world_.end_process();
    draw_labels();
    open();
  }

  void end_and_open() {
    end_process();
    open();
    must_be_right(expected_->resolve(*engine_));
  }

  void restart() {
    doing_ = "restart";
    reopen();
  }

  // As by kill -9: what the operating system has stays.
  void kill() {
    doing_ = "kill";
    world_.disk().arm({FaultKind::kPowerCut, 1});
    (void)engine_->flush();
    if (!world_.disk().fired()) return world_.disk().arm({});
    power_goes_ = random_.chance(50);
  }

  void cut_power_soon() {
    doing_ = "cut the power soon";
    world_.disk().arm({FaultKind::kPowerCut, 1 + random_.below(random_.chance(50) ? 20 : 200)});
    power_goes_ = random_.chance(80);
  }

  void fail_soon() {
    doing_ = "fail soon";
    const FaultKind kinds[] = {FaultKind::kIo, FaultKind::kNoSpace, FaultKind::kShortWrite};
    const FaultKind kind = kinds[random_.below(3)];
    power_goes_ = random_.chance(30);
    world_.disk().arm(
        {kind, 1 + random_.below(100), kind != FaultKind::kShortWrite && random_.chance(50)});
  }

  // --- what senders do ---

  Sent new_sent() {
    Sent sent;
    for (std::uint64_t i = 1 + random_.below(random_.chance(10) ? 200 : 20); i > 0; --i) {
      sent.events.push_back(random_.event());
    }
    if (random_.chance(20)) sent.documents.resize(1);
    if (random_.chance(40)) sent.key = "request " + std::to_string(sent_);
    sent.content = sent_;
    return sent;
  }

  Sent next_sent(const std::vector<Sent>& group) {
    Sent sent = new_sent();
    if (random_.chance(25)) {
      const auto before = random_.chance(30) && !group.empty()
                              ? std::optional<Sent>(group[random_.below(group.size())])
                              : expected_->some_keyed(random_.below(1U << 20));
      if (before && !before->key.empty()) {
        if (random_.chance(85)) {
          sent = *before;
          if (group.empty() && random_.chance(20)) wait_for_the_window(sent);
        } else {
          sent.key = before->key;
        }
      }
    }
    sent.mark = "batch " + std::to_string(sent_++);
    if (!sent.documents.empty()) sent.documents = {"document of " + sent.mark};
    return sent;
  }

  // To the last millisecond in which it is known, or the first in which it is not.
  void wait_for_the_window(const Sent& known) {
    const std::int64_t end_ms = known.steady_ms + options_.dedup_window_ms - between(0, 1);
    world_.pass(std::max<std::int64_t>(0, end_ms - world_.steady_ms()));
  }

  void send() {
    doing_ = "send";
    expect_ageing();
    std::vector<Sent> group;
    for (std::uint64_t i = random_.chance(60) ? 1 : 1 + random_.below(6); i > 0; --i) {
      group.push_back(next_sent(group));
    }
    TakingSink sink;
    std::vector<PendingAppend> appends(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
      appends[i].batch = pack(group[i]);
      appends[i].mark = {group[i].mark, "1"};
      appends[i].request = {group[i].key, group[i].content, group[i].mark};
      appends[i].sink = &sink;
      if (i > 0) appends[i - 1].next = &appends[i];
    }
    engine_->submit(&appends[0]);
    world_.stepper().step(Work::kCommit);
    if (sink.taken() != group.size()) violation("a batch was not answered");
    for (std::size_t i = 0; i < group.size(); ++i) take_answer(appends[i], std::move(group[i]));
  }

  void take_answer(const PendingAppend& append, Sent sent) {
    history_ += " [" + sent.mark + ", " + sent.key + ": " + std::to_string(append.status.ok()) +
                ' ' + std::to_string(int(append.seen)) + "] ";
    world_.note(append.status.ok() ? 1 : 0);
    world_.note(static_cast<std::uint64_t>(append.seen));
    if (append.seen == RequestSeen::kOtherContent) {
      return must_be_right(expected_->other_content(sent, now()));
    }
    if (!went_well(append.status)) return expected_->unknown(std::move(sent), now());
    if (append.seen == RequestSeen::kDuplicate) {
      return must_be_right(expected_->duplicate(sent, append.request.answer, now()));
    }
    must_be_right(expected_->stored(std::move(sent), now()));
  }

  void set_milestone() {
    doing_ = "milestone";
    const std::string name = "release " + std::to_string(random_.below(6));
    const bool sets = random_.chance(60);
    const Status status =
        sets ? engine_->create_milestone({name, world_.wall_ms()}) : engine_->drop_milestone(name);
    if (status.ok()) return expected_->milestone(name, sets);
    const ErrorCode code = status.error().code;
    if (code == ErrorCode::kInvalidArgument || code == ErrorCode::kNotFound) return;
    (void)went_well(status);
    expected_->unknown_milestone(name);
  }

  // --- what the store does by itself ---

  // Somebody says that the clock is right.
  void vouch() {
    vouched_ahead_ms_ = std::max(vouched_ahead_ms_, world_.wall_ms() - world_.steady_ms());
    vouched_steps_ = steps_of_clock_;
  }

  // What a clock that was set has aged stays for a day, but for some slack.
  std::int64_t believed_at_most() {
    // What was believed is on disk from the first look on.
    if (steps_of_clock_ == 0 || !looked_ || world_.steady_ms() - last_step_ms_ >= kDayMs) vouch();
    const auto slack = static_cast<std::int64_t>(steps_of_clock_ - vouched_steps_) * 26 * kHourMs;
    return std::min(world_.wall_ms(), world_.steady_ms() + vouched_ahead_ms_ + slack);
  }

  void expect_ageing() {
    const auto today = std::int64_t{day_of(std::max<std::int64_t>(0, believed_at_most()))};
    const std::int64_t days = options_.retention_raw_days;
    if (days > 0 && days < today) expected_->may_age(static_cast<std::uint16_t>(today - days));
  }

  void upkeep() {
    doing_ = "upkeep";
    world_.pass(random_.chance(60) ? between(0, 2 * kHourMs) : between(0, 2 * kDayMs));
    expect_ageing();
    world_.stepper().step(Work::kUpkeep);
    looked_ |= !failed_;
  }

  void flush() {
    doing_ = "flush";
    (void)went_well(engine_->flush());
  }

  void age() {
    doing_ = "age";
    vouch();
    expect_ageing();
    (void)went_well(engine_->apply_retention());
  }

  void run_jobs() {
    doing_ = "run jobs";
    SteppedEnv& env = world_.env();
    if (random_.chance(30)) return env.run_all_jobs();
    if (env.jobs() > 0) env.run_job(random_.below(env.jobs()));
  }

  void step_clock() {
    doing_ = "set the clock";
    const std::int64_t most = random_.chance(50) ? 2 * kHourMs : 3 * kDayMs;
    const std::int64_t ms = between(-most, most);
    (void)believed_at_most();
    world_.step_wall(ms);
    ++steps_of_clock_;
    // While the store is closed a step is not told from time that passes: up to a day and two hours
    // of it are believed, and up to an hour counts as part of the day that a jump must stand for.
    if (ms > 26 * kHourMs) {
      last_step_ms_ = world_.steady_ms();
    } else if (ms > 0) {
      last_step_ms_ -= kHourMs;
    }
  }

  // --- what readers see ---

  struct Pair {
    std::shared_ptr<const View> view, model;
  };

  void ask() {
    doing_ = "ask";
    const auto view = engine_->view();
    if (!view.ok()) return (void)went_well(view.error());
    const Pair taken{view.value(), expected_->model()};
    // Whether a batch without an answer is there, only a restart tells.
    if (!failed_) compare(taken);
    if (held_.view) compare(held_);
    if (random_.chance(50)) held_ = random_.chance(60) && !failed_ ? taken : Pair{};
  }

  void compare(const Pair& pair) {
    must_answer(check_aggregate(*pair.view, *pair.model, random_.aggregate()));
    must_answer(check_aggregate(*pair.view, *pair.model, random_.aggregate()));
    must_answer(check_scan(*pair.view, *pair.model, random_.scan()));
  }

  void must_answer(const Checked& checked) const {
    world_note(checked.groups);
    if (checked.failed && world_disk_fired()) return;
    must_be_right(checked.difference);
  }
  void world_note(std::uint64_t number) const { const_cast<World&>(world_).note(number); }

  void check_all() {
    const auto view = engine_->view();
    if (!view.ok()) return violation(view.error().message);
    must_be_right(expected_->check_all(*engine_, *view.value()));
  }

  void note_state() {
    world_.note(doing_);
    history_ += std::to_string(world_.wall_ms()) + " " + std::string(doing_) +
                (world_.disk().fired() ? " (a fault struck); " : "; ");
    world_.note(static_cast<std::uint64_t>(world_.wall_ms()));
    const EngineStats stats = engine_->stats();
    for (const std::uint64_t number :
         {stats.live_events, stats.live_bytes, stats.journal_bytes, stats.journal_sequence,
          stats.seals, stats.events_sealed, stats.chunks_written, stats.dedup_entries,
          stats.disk_bytes}) {
      world_.note(number);
    }
  }

  const std::uint64_t seed_;
  RandomData random_;
  World world_;
  EngineOptions options_;
  std::unique_ptr<Expected> expected_;
  std::unique_ptr<Engine> engine_;
  Pair held_;
  const char* doing_ = "begin";
  int step_ = 0;
  bool failed_ = false, power_goes_ = false, looked_ = false;
  std::string failure_, history_;
  std::uint64_t sent_ = 0, steps_of_clock_ = 0, openings_ = 0, faults_ = 0;
  std::uint64_t vouched_steps_ = 0;
  std::int64_t vouched_ahead_ms_ = 0, last_step_ms_ = 0;
};

}  // namespace

SimulationResult simulate(std::uint64_t seed) { return Simulation(seed).run(); }

}  // namespace kpi::test
