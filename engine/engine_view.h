// A view of the engine: a RocksDB snapshot and the live rows that fit it.
#pragma once
#include <memory>

#include "engine/dictionary/dictionary.h"
#include "engine/live/live.h"
#include "engine/meta/milestones.h"
#include "engine/read/read_source.h"
#include "engine/rocks/database.h"
#include "kpi/store.h"

namespace kpi {

class EngineView final : public View {
 public:
  // Takes live rows and a snapshot that agree on which seals have happened. `rolls_up`: there are
  // rolled-up labels.
  static Result<std::shared_ptr<const View>> take(std::shared_ptr<const Database> database,
                                                  std::shared_ptr<const Dictionary> dictionary,
                                                  const Live& live, const Milestones& milestones,
                                                  std::shared_ptr<const SenderTable> senders,
                                                  bool rolls_up);
  ~EngineView() override;

  Result<AggregateResult> aggregate(const AggregateRequest& request) const override;
  Result<std::vector<ReadStep>> explain(const AggregateRequest& request) const override;
  Result<ScanReport> scan(const ScanRequest& request, const EventSink& sink) const override;
  std::vector<std::string> rps() const override;
  Result<std::vector<std::string>> clients(std::string_view rp) const override;
  std::vector<std::string> measures() const override;
  std::vector<LabelNames> labels() const override;
  std::vector<Milestone> milestones() const override;

  ReadSource source() const;  // Lives as long as the view.

 private:
  EngineView(std::shared_ptr<const Database> database, std::shared_ptr<const Dictionary> dictionary,
             const rocksdb::Snapshot* snapshot, LiveView live, Horizons horizons,
             std::vector<Rollup> rollups, MilestoneList milestones,
             std::shared_ptr<const SenderTable> senders);

  const std::shared_ptr<const Database> database_;
  const std::shared_ptr<const Dictionary> dictionary_;
  const rocksdb::Snapshot* const snapshot_;
  const LiveView live_;
  const Horizons horizons_;
  const std::vector<Rollup> rollups_;
  const MilestoneList milestones_;
  const std::shared_ptr<const SenderTable> senders_;  // nullptr: opened to read.
};

}  // namespace kpi
