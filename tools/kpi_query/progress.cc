#include "tools/kpi_query/progress.h"

#include <unistd.h>

#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>

#include "tools/kpi_query/terminal.h"

namespace kpi::tools {
namespace {

constexpr std::string_view kUnicodeFrames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
constexpr std::size_t kFrameBytes = 3;  // Each of them.
constexpr std::string_view kAsciiFrames[] = {"|", "/", "-", "\\"};
constexpr std::size_t kLineColumns = 40;  // No line is longer: so many blanks erase it.

std::string line(std::size_t frame, double seconds, bool unicode) {
  const std::size_t frames = kUnicodeFrames.size() / kFrameBytes;
  const std::string sign(unicode ? kUnicodeFrames.substr(frame % frames * kFrameBytes, kFrameBytes)
                                 : kAsciiFrames[frame % std::size(kAsciiFrames)]);
  char text[64];
  std::snprintf(text, sizeof(text), "\r%s %.1f s  (Ctrl-C cancels)", sign.c_str(), seconds);
  return text;
}

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(bool unicode) : wanted_(is_terminal(STDERR_FILENO)), unicode_(unicode) {}

void Progress::start() {
  stop();
  if (!wanted_) return;
  stopped_ = false;
  thread_ = std::thread([this] { draw_until_stopped(); });
}

void Progress::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::draw_until_stopped() {
  const auto began = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, kProgressAfter, [this] { return stopped_; })) return;
  for (std::size_t frame = 0; !stopped_; ++frame) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    put(line(frame, elapsed.count(), unicode_));
    changed_.wait_for(lock, kRedrawEvery, [this] { return stopped_; });
  }
  put('\r' + std::string(kLineColumns, ' ') + '\r');
}

}  // namespace kpi::tools
