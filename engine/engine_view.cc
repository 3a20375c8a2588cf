#include "engine/engine_view.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/read/reader.h"
#include "engine/retention/retention.h"
#include "engine/rocks/format.h"
#include "engine/seal/rollups.h"
#include "engine/seal/seal.h"

namespace kpi {

// A seal shows up in RocksDB a moment before live drops what it took (or, seen from here, a moment
// after): until both agree, events would be counted twice or not at all, so it is tried again.
Result<std::shared_ptr<const View>> EngineView::take(std::shared_ptr<const Database> database,
                                                     std::shared_ptr<const Dictionary> dictionary,
                                                     const Live& live, const Milestones& milestones,
                                                     std::shared_ptr<const SenderTable> senders,
                                                     bool rolls_up) {
  for (;;) {
    Live::Taken taken = live.take();
    const rocksdb::Snapshot* snapshot = database->db().GetSnapshot();
    Result<std::uint64_t> seal = meta_number(*database, kMetaSeal, snapshot);
    if (seal.ok() && seal.value() == taken.seal) {
      Result<Horizons> horizons = read_horizons(*database, snapshot);
      Result<std::vector<Rollup>> rollups =
          rolls_up ? read_rollups(*database, snapshot) : std::vector<Rollup>();
      if (horizons.ok() && rollups.ok()) {
        return std::shared_ptr<const View>(new EngineView(
            std::move(database), std::move(dictionary), snapshot, std::move(taken.view),
            horizons.value(), std::move(rollups).value(), milestones.list(), std::move(senders)));
      }
      database->db().ReleaseSnapshot(snapshot);
      return horizons.ok() ? rollups.error() : horizons.error();
    }
    database->db().ReleaseSnapshot(snapshot);
    if (!seal.ok()) return seal.error();
    std::this_thread::yield();
  }
}

EngineView::EngineView(std::shared_ptr<const Database> database,
                       std::shared_ptr<const Dictionary> dictionary,
                       const rocksdb::Snapshot* snapshot, LiveView live, Horizons horizons,
                       std::vector<Rollup> rollups, MilestoneList milestones,
                       std::shared_ptr<const SenderTable> senders)
    : database_(std::move(database)),
      dictionary_(std::move(dictionary)),
      snapshot_(snapshot),
      live_(std::move(live)),
      horizons_(horizons),
      rollups_(std::move(rollups)),
      milestones_(std::move(milestones)),
      senders_(std::move(senders)) {}

EngineView::~EngineView() { database_->db().ReleaseSnapshot(snapshot_); }

ReadSource EngineView::source() const {
  return {database_.get(), snapshot_, dictionary_.get(), &live_,
          horizons_,       rollups_,  senders_.get()};
}

Result<AggregateResult> EngineView::aggregate(const AggregateRequest& request) const {
  Result<AggregateResult> result = kpi::aggregate(source(), request);
  if (result.ok()) {
    using Owners = std::pair<std::shared_ptr<const Dictionary>, std::shared_ptr<const void>>;
    auto owners = std::make_shared<const Owners>(dictionary_, std::move(result.value().names));
    result.value().names = std::move(owners);
  }
  return result;
}

Result<std::vector<ReadStep>> EngineView::explain(const AggregateRequest& request) const {
  return explain_aggregate(source(), request);
}

Result<ScanReport> EngineView::scan(const ScanRequest& request, const EventSink& sink) const {
  return kpi::scan(source(), request, sink);
}

std::vector<std::string> EngineView::rps() const {
  std::vector<std::string> names;
  const std::uint32_t count = dictionary_->count(NameKind::kRp);
  for (std::uint32_t id = 1; id <= count; ++id) {
    if (!dictionary_->rp(id).empty()) names.emplace_back(dictionary_->rp(id));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> EngineView::clients(std::string_view rp) const {
  const auto id = dictionary_->find_rp(rp);
  if (!id) return Error{ErrorCode::kNotFound, "no RP '" + std::string(rp) + "'", {}, 0};
  std::vector<std::string> names;
  for (const std::uint32_t series : dictionary_->series_of_rp(*id)) {
    const std::string_view client = dictionary_->series(series).client;
    if (!client.empty()) names.emplace_back(client);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> EngineView::measures() const {
  std::vector<std::string> names;
  const std::uint32_t count = dictionary_->count(NameKind::kMeasure);
  for (std::uint32_t id = 1; id <= count; ++id) names.emplace_back(dictionary_->measure(id));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<View::LabelNames> EngineView::labels() const {
  std::vector<LabelNames> labels(dictionary_->count(NameKind::kLabel));
  for (std::uint32_t id = 1; id <= labels.size(); ++id)
    labels[id - 1].name = dictionary_->label(id);
  const std::uint32_t values = dictionary_->count(NameKind::kLabelValue);
  for (std::uint32_t id = 1; id <= values; ++id) {
    const Dictionary::LabelValue value = dictionary_->label_value(id);
    if (value.label_id <= labels.size()) {
      labels[value.label_id - 1].values.emplace_back(value.value);
    }
  }
  for (LabelNames& label : labels) std::sort(label.values.begin(), label.values.end());
  std::sort(labels.begin(), labels.end(),
            [](const LabelNames& a, const LabelNames& b) { return a.name < b.name; });
  return labels;
}

std::vector<Milestone> EngineView::milestones() const { return *milestones_; }

}  // namespace kpi
