// What a store knows beside its events, as lines of NDJSON: names, cells with their exact sketches,
// senders, documents, milestones. Each line has one of the fields "name", "cell", "senders",
// "document", "milestone".
// Pure functions of their arguments.
#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"
#include "kpi/store.h"
#include "kpi/transfer.h"

namespace kpi::tools {

// Each appends the item and a line feed.
void append_name_line(const StoredName& name, std::string* out);
void append_cell_line(const PortableCell& cell, std::string* out);
void append_senders_line(const PortableSenders& senders, std::string* out);
void append_document_line(const Document& document, std::string* out);
void append_milestone_line(const Milestone& milestone, std::string* out);

// Items of lines, with what their views point to. Not copyable: views point into it.
class RestLines {
 public:
  RestLines() = default;
  RestLines(const RestLines&) = delete;
  RestLines& operator=(const RestLines&) = delete;

  // Adds the item of one line. kInvalidArgument says what was expected.
  Status add(std::string_view line);
  // What was added, until clear() or the next add().
  TransferBatch batch() const;
  const std::vector<Milestone>& milestones() const { return milestones_; }
  std::size_t size() const { return size_; }
  void clear();

 private:
  struct Held {  // What a cell's spans point to.
    std::vector<KindCount> counts;
    std::vector<MeasureSketch> sketches;
  };
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  std::deque<std::string> texts_;
  std::deque<Held> held_;
  std::vector<StoredName> names_;
  std::vector<PortableCell> cells_;
  std::vector<Document> documents_;
  std::vector<PortableSenders> senders_;
  std::vector<Milestone> milestones_;
  std::size_t size_ = 0;

  friend class RestParser;
};

}  // namespace kpi::tools
