// A follower of the engine: decodes commit groups on the thread that takes them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/dictionary/dictionary.h"
#include "engine/follow/followers.h"
#include "engine/follow/row_filter.h"
#include "engine/journal/record.h"
#include "engine/read/event_stream.h"
#include "kpi/follow.h"

namespace kpi {

class EngineFollower final : public Follower {
 public:
  // As Store::follow() has it. It may outlive the engine.
  static Result<std::unique_ptr<Follower>> join(std::shared_ptr<Followers> followers,
                                                std::shared_ptr<const Dictionary> dictionary,
                                                FollowRequest request);
  ~EngineFollower() override;
  Result<std::size_t> take(const FollowSink& sink) override;

 private:
  // Of the group in hand: the record, a piece of its rows, and which of them are wanted.
  struct Current {
    FollowGroupRef group;
    RecordReader reader;
    std::vector<RecordReader::Row> rows;
    std::vector<std::uint8_t> selected;
    std::size_t next = 0;           // In `rows`.
    std::uint32_t rows_before = 0;  // In pieces before this one.
    std::size_t next_document = 0;
  };

  EngineFollower(std::shared_ptr<Followers> followers, std::shared_ptr<FollowQueue> queue,
                 std::shared_ptr<const Dictionary> dictionary, std::unique_ptr<RowFilter> filter)
      : followers_(std::move(followers)),
        queue_(std::move(queue)),
        dictionary_(std::move(dictionary)),
        filter_(std::move(filter)),
        names_(*dictionary_) {}
  Status open(FollowGroupRef group);
  Result<bool> read_piece();
  Result<bool> hand_over(const FollowSink& sink, std::size_t* handed);
  bool hand_over_row(const FollowSink& sink);
  const Document* document_of(std::uint32_t row, std::int64_t time_ms);

  const std::shared_ptr<Followers> followers_;
  const std::shared_ptr<FollowQueue> queue_;
  const std::shared_ptr<const Dictionary> dictionary_;
  const std::unique_ptr<RowFilter> filter_;
  NameCache names_;
  std::optional<Current> current_;
  std::vector<NamedValue> measures_;
  std::vector<NamedLabel> labels_;
  Document document_;
};

}  // namespace kpi
