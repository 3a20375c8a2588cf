// Lines from a person at a terminal, with editing, history and completion (libedit).
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/kpi_query/completion.h"

namespace kpi::tools {

class LineEditor {
 public:
  // What the line up to the cursor may go on with; positions count in that line.
  using Completer = std::function<Completion(std::string_view line)>;

  explicit LineEditor(bool color);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  void set_completer(Completer completer);
  // The next line without its end. Nothing: end of input, or Ctrl-C (see StopSignal).
  std::optional<std::string> read(const std::string& prompt);
  // A whole statement as one entry; kept across sessions.
  void remember(const std::string& statement);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kpi::tools
