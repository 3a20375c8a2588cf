// The reading side of kpi/transfer.h: names, cells, senders and late live events of one moment.
#pragma once
#include <memory>
#include <utility>

#include "engine/read/read_source.h"
#include "kpi/store.h"
#include "kpi/transfer.h"

namespace kpi {

class TransferExport final : public TransferSource {
 public:
  // `view` keeps what `source` points to alive.
  static Result<std::shared_ptr<const TransferSource>> take(std::shared_ptr<const View> view,
                                                            const ReadSource& source);

  TransferHead head() const override;
  Status for_each_name(const NameSink& sink) const override;
  Status for_each_cell(std::stop_token stop, const PortableCellSink& sink) const override;
  Status for_each_senders(std::stop_token stop, const PortableSendersSink& sink) const override;

 private:
  TransferExport(std::shared_ptr<const View> view, const ReadSource& source)
      : view_(std::move(view)), source_(source) {}
  Status read_sequence();
  Status stored_cells(const std::stop_token& stop, const PortableCellSink& sink, bool* more) const;
  Status late_cells(const std::stop_token& stop, const PortableCellSink& sink, bool* more) const;

  const std::shared_ptr<const View> view_;
  const ReadSource source_;
  std::uint64_t sequence_ = 0;
};

}  // namespace kpi
