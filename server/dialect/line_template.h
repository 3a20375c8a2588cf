// Learned line templates: the literal bytes between the values of a line that the general path
// accepted. The next line of that form is read by comparing literals and taking numbers, some four
// times as fast. A template never accepts what it does not know: any other byte is a mismatch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kpi::server {

inline constexpr std::size_t kTemplateSlotsMax = 64;
inline constexpr std::size_t kTemplateLiteralBytesMax = 4096;
inline constexpr std::size_t kFormBytesMax = 512;  // Of the values of one line's form slots.

// What a matching line says. Views into the line.
struct LineValues {
  std::uint64_t time_ms = 0;  // Where the template has a time.
  std::string_view rp, client;
  std::size_t measures = 0;
  std::uint64_t measure[kTemplateSlotsMax];  // In the order of the line; not yet checked.
  // The values that decide the form of the event (outcome, error, ui_shown, labels), each with its
  // length before it: equal bytes mean equal forms.
  std::size_t form_size = 0;
  char form[kFormBytesMax];
};

class LineTemplate {
 public:
  // Learns from a line (without its end) that is valid JSON and was accepted. False: the line has
  // escapes, bytes beyond ASCII, a time in words, or too much of something.
  bool learn(std::string_view line);

  // Reads the line at `begin`, up to `end` (of the body, behind which kBodySlackBytes are
  // readable). Returns the begin of the next line, or nullptr: it is of another form. The line may
  // end in LF, CR LF, or with the body.
  const char* match(const char* begin, const char* end, LineValues& values) const;

  bool has_time() const { return has_time_; }
  // Names of the measures as the line spells them, in order.
  const std::vector<std::string>& measure_names() const { return measure_names_; }

 private:
  enum class Kind : std::uint8_t { kTime, kRp, kClient, kForm, kMeasure };
  struct Slot {
    std::uint32_t literal_begin = 0, literal_size = 0;  // What stands before the value.
    Kind kind = Kind::kTime;
  };
  bool add_slot(std::string_view line, std::size_t value_begin, std::size_t value_size, Kind kind);
  bool learn_string(std::string_view line, std::size_t begin, std::size_t size, int depth);
  bool learn_number(std::string_view line, std::size_t begin, std::size_t size, int depth);

  std::vector<Slot> slots_;
  std::string literals_;
  std::uint32_t tail_begin_ = 0;  // In literals_: what stands after the last value.
  std::vector<std::string> measure_names_;
  bool has_time_ = false;
  // While learning.
  std::size_t literal_begin_ = 0;
  std::string_view outer_key_, inner_key_;
};

}  // namespace kpi::server
