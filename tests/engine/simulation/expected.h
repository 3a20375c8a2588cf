// What a simulated store must hold: everything that was answered, of the rest either all or nothing
// of each batch, and of each request key exactly one.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kpi/engine.h"
#include "tests/engine/read/model_check.h"
#include "tests/support/model_store.h"

namespace kpi::test {

// A batch on its way, and what it is known by afterwards.
struct Sent {
  std::vector<ModelEvent> events = {};
  std::vector<std::string> documents = {};  // Of events from the first on, one each.
  std::string mark = {};                    // Its own, in the same batch.
  std::string key = {};                     // Empty: none.
  std::uint64_t content = 0;
  std::int64_t steady_ms = 0;  // When it was committed.
};

// How well the store's idea of time can be trusted: what it may forget.
struct Now {
  std::int64_t wall_ms = 0, steady_ms = 0;
  std::uint64_t steps = 0;     // How often somebody has set the clock.
  std::uint64_t openings = 0;  // Of the store.
};

class Expected {
 public:
  Expected(std::int64_t window_ms, std::size_t keys_max)
      : window_ms_(window_ms), keys_max_(keys_max) {}

  // An answer to `sent`; whatever is wrong with it, or nothing.
  std::string stored(Sent sent, const Now& now);
  std::string duplicate(const Sent& sent, const std::string& answer, const Now& now);
  std::string other_content(const Sent& sent, const Now& now) const;
  // No answer: all of it is there, or nothing.
  void unknown(Sent sent, const Now& now);
  void milestone(const std::string& name, bool there);  // Answered.
  void unknown_milestone(const std::string& name) { unsure_milestones_.push_back(name); }

  // Asks the store what has become of what was not answered. What is wrong, or nothing.
  std::string resolve(const Engine& engine);

  // The days before which raw events may be gone.
  void may_age(std::uint16_t raw_from_day);
  std::int64_t raw_from_ms() const { return std::int64_t{raw_from_day_} * kDayMs; }

  // What the store must answer, and everything that only a whole look finds out.
  std::shared_ptr<const View> model() const { return ModelStore(events_).view().value(); }
  std::string check_all(const Engine& engine, const View& view) const;
  std::string check_documents(const Engine& engine) const;
  std::string check_milestones(const View& view) const;

  std::size_t batches() const { return batches_; }
  // A key that came before, with what it came with; nothing: there is none.
  std::optional<Sent> some_keyed(std::uint64_t pick) const;

 private:
  struct Known {  // A request that has a key.
    Sent sent;
    Now when;
    std::uint64_t number = 0;  // How many keys were written before its millisecond.
  };
  struct Kept {
    std::string text;
    std::int64_t time_ms, arrival_ms;
  };
  bool may_be_forgotten(const Known& known, const Now& now) const;
  bool must_be_forgotten(const Known& known, const Now& now) const;
  std::string describe(const Known& known, const Now& now) const;
  void keep(const Sent& sent, const Now& now);

  const std::int64_t window_ms_;
  const std::size_t keys_max_;
  std::vector<ModelEvent> events_;
  std::vector<Kept> documents_;
  std::map<std::string, Known> keys_;
  std::vector<std::pair<Sent, Now>> unsure_;
  std::map<std::string, bool> milestones_;
  std::vector<std::string> unsure_milestones_;
  std::uint64_t keys_written_ = 0, keys_before_ms_ = 0;
  std::int64_t last_key_ms_ = -1;
  std::uint16_t raw_from_day_ = 0;
  std::size_t batches_ = 0;
};

}  // namespace kpi::test
