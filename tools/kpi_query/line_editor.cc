#include "tools/kpi_query/line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cwchar>

#include "tools/kpi_query/history_file.h"
#include "tools/kpi_query/stop_signal.h"
#include "tools/kpi_query/terminal.h"

namespace kpi::tools {
namespace {

constexpr int kHistoryEntriesMax = 1000;
constexpr std::size_t kListedMax = 100;  // Candidates shown at a time.
constexpr char kNoWidth = '\1';          // Around what takes no column in a prompt.

// What libedit's callbacks are given.
struct Callbacks {
  std::string prompt;
  LineEditor::Completer completer;
};

Callbacks& callbacks_of(EditLine* editor) {
  Callbacks* callbacks = nullptr;
  el_get(editor, EL_CLIENTDATA, &callbacks);
  return *callbacks;
}

char* current_prompt(EditLine* editor) { return callbacks_of(editor).prompt.data(); }

// libedit's own reader misses a Ctrl-C that comes just before it waits. As EL_GETCFN demands: 1 is
// a character, 0 the end, -1 no more of this line.
int read_character(EditLine*, wchar_t* character) {
  std::mbstate_t state = {};
  for (;;) {
    pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0}, {StopSignal::fd(), POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return -1;
    if (StopSignal::requested()) return -1;
    if (fds[0].revents == 0) continue;
    char byte = 0;
    const ssize_t size = read(STDIN_FILENO, &byte, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return static_cast<int>(size);
    const std::size_t taken = std::mbrtowc(character, &byte, 1, &state);
    if (taken == static_cast<std::size_t>(-1)) state = {};  // No character: passed over.
    if (taken <= 1) return 1;
  }
}

void list(const std::vector<std::string>& candidates) {
  std::size_t widest = 0;
  const std::size_t shown = std::min(candidates.size(), kListedMax);
  for (std::size_t i = 0; i < shown; ++i) widest = std::max(widest, candidates[i].size() + 2);
  const auto width = static_cast<std::size_t>(std::max(terminal_columns(), 1));
  const std::size_t a_line = std::max<std::size_t>(width / widest, 1);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i % a_line == 0) std::printf("\n");
    std::printf("%-*s", static_cast<int>(widest), candidates[i].c_str());
  }
  if (shown < candidates.size()) std::printf("\n(and %zu more)", candidates.size() - shown);
  std::printf("\n");
  std::fflush(stdout);
}

unsigned char complete_line(EditLine* editor, int) {
  const Callbacks& callbacks = callbacks_of(editor);
  if (!callbacks.completer) return CC_ERROR;
  const LineInfo* const info = el_line(editor);
  const std::string line(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
  const Completion completion = callbacks.completer(line);
  if (completion.candidates.empty()) return CC_REFRESH_BEEP;
  const std::string typed = line.substr(completion.begin);
  std::string common = common_beginning(completion.candidates);
  const bool one = completion.candidates.size() == 1;
  if (one && common.back() != '(') common += ' ';
  if (common.size() > typed.size() || (one && common != typed)) {
    // Typed letters may differ in case from those of the name.
    el_deletestr(editor, static_cast<int>(line.size() - completion.begin));
    el_insertstr(editor, common.c_str());
    return CC_REFRESH;
  }
  list(completion.candidates);
  return CC_REDISPLAY;
}

}  // namespace

struct LineEditor::State {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string history_path;
  bool color = false;
  Callbacks callbacks;
};

LineEditor::LineEditor(bool color) : state_(std::make_unique<State>()) {
  state_->color = color;
  state_->history_path = prepare_history_file();
  state_->history = history_init();
  HistEvent event;
  history(state_->history, &event, H_SETSIZE, kHistoryEntriesMax);
  history(state_->history, &event, H_SETUNIQUE, 1);
  if (!state_->history_path.empty()) {
    history(state_->history, &event, H_LOAD, state_->history_path.c_str());
  }
  state_->editor = el_init("kpi-query", stdin, stdout, stderr);
  el_set(state_->editor, EL_CLIENTDATA, &state_->callbacks);
  el_set(state_->editor, EL_PROMPT_ESC, current_prompt, kNoWidth);
  el_set(state_->editor, EL_EDITOR, "emacs");
  el_set(state_->editor, EL_GETCFN, read_character);
  el_set(state_->editor, EL_HIST, history, state_->history);
  el_set(state_->editor, EL_ADDFN, "kpi-complete", "Complete the word", complete_line);
  el_set(state_->editor, EL_BIND, "^I", "kpi-complete", nullptr);
  el_set(state_->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(state_->editor, nullptr);  // The user's ~/.editrc.
}

LineEditor::~LineEditor() {
  el_end(state_->editor);
  history_end(state_->history);
}

void LineEditor::set_completer(Completer completer) {
  state_->callbacks.completer = std::move(completer);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  std::string& shown = state_->callbacks.prompt;
  shown = prompt;
  if (state_->color) {
    // libedit shows what takes no column with the character behind it, so the last one stands bare.
    const std::size_t last = prompt.empty() ? 0 : prompt.size() - 1;
    shown = kNoWidth + std::string("\x1b[1;32m") + kNoWidth + prompt.substr(0, last) + kNoWidth +
            "\x1b[0m" + kNoWidth + prompt.substr(last);
  }
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
