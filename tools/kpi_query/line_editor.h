// Lines from a person at a terminal, with editing and history (libedit).
#pragma once
#include <memory>
#include <optional>
#include <string>

namespace kpi::tools {

class LineEditor {
 public:
  LineEditor();
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // The next line without its end. Nothing: end of input, or Ctrl-C (see StopSignal).
  std::optional<std::string> read(const std::string& prompt);
  // A whole statement as one entry; kept across sessions.
  void remember(const std::string& statement);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kpi::tools
