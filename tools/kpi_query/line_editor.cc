#include "tools/kpi_query/line_editor.h"

#include <histedit.h>
#include <sys/stat.h>

#include <cstdio>

#include "tools/kpi_query/history_file.h"

namespace kpi::tools {
namespace {

constexpr int kHistoryEntriesMax = 1000;

}  // namespace

struct LineEditor::State {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string prompt, history_path;
};

namespace {

// libedit hands back the client data: a string that outlives the call.
char* current_prompt(EditLine* editor) {
  std::string* prompt = nullptr;
  el_get(editor, EL_CLIENTDATA, &prompt);
  return prompt->data();
}

}  // namespace

LineEditor::LineEditor() : state_(std::make_unique<State>()) {
  state_->history_path = prepare_history_file();
  state_->history = history_init();
  HistEvent event;
  history(state_->history, &event, H_SETSIZE, kHistoryEntriesMax);
  history(state_->history, &event, H_SETUNIQUE, 1);
  if (!state_->history_path.empty()) {
    history(state_->history, &event, H_LOAD, state_->history_path.c_str());
  }
  state_->editor = el_init("kpi-query", stdin, stdout, stderr);
  el_set(state_->editor, EL_CLIENTDATA, &state_->prompt);
  el_set(state_->editor, EL_PROMPT, current_prompt);
  el_set(state_->editor, EL_EDITOR, "emacs");
  el_set(state_->editor, EL_HIST, history, state_->history);
  el_set(state_->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(state_->editor, nullptr);  // The user's ~/.editrc.
}

LineEditor::~LineEditor() {
  el_end(state_->editor);
  history_end(state_->history);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  state_->prompt = prompt;
  // el_gets() prints the prompt first: what is typed in between, a Ctrl-D say, would be lost.
  el_set(state_->editor, EL_PREP_TERM, 1);
  int count = 0;
  const char* const line = el_gets(state_->editor, &count);
  if (line == nullptr || count <= 0) {
    el_reset(state_->editor);
    return std::nullopt;
  }
  std::string text(line, static_cast<std::size_t>(count));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void LineEditor::remember(const std::string& statement) {
  HistEvent event;
  history(state_->history, &event, H_ENTER, statement.c_str());
  if (state_->history_path.empty()) return;
  history(state_->history, &event, H_SAVE, state_->history_path.c_str());
  chmod(state_->history_path.c_str(), 0600);
}

}  // namespace kpi::tools
