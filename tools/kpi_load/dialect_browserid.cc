#include "tools/kpi_load/dialects.h"

namespace kpi::load {
namespace {

// A dialog's steps with growing offsets.
class Stream {
 public:
  Stream(std::string& out, Random& random) : out_(out), random_(random) { out_.push_back('['); }
  void step(std::string_view name, double median_ms) {
    begin(name, median_ms);
    out_.push_back(']');
  }
  void request(std::string_view name, double median_ms) {  // A step that took a while itself.
    begin(name, median_ms);
    out_.push_back(',');
    append_number(out_, random_.lognormal_ms(220, 0.5));
    out_.push_back(']');
  }
  void end() { out_.push_back(']'); }

 private:
  void begin(std::string_view name, double median_ms) {
    offset_ += random_.lognormal_ms(median_ms, 0.5);
    out_.append(out_.back() == '[' ? "[\"" : ",[\"").append(name).append("\",");
    append_number(out_, offset_);
  }
  std::string& out_;
  Random& random_;
  std::uint32_t offset_ = 0;
};

// Some give up between two steps; true: this one went on.
void append_new_user(Stream& stream, Random& random) {
  stream.step("screen.set_password", 18'000);
  if (random.chance(0.2)) return;
  stream.step("user.user_staged", 9'000);
  if (random.chance(0.35)) return;
  stream.step("user.user_confirmed", 45'000);
  if (random.chance(0.05)) return;
  stream.step("generate_assertion", 60);
  stream.step("assertion_generated", 700);
}

void append_returning_user(Stream& stream, Random& random) {
  stream.step("authenticate.enter_password", 4'600);
  stream.request("xhr_complete.GET/wsapi/address_info", 100);
  if (random.chance(0.1)) return;
  stream.step("generate_assertion", 3'000);
  stream.step("assertion_generated", 800);
}

void append_fields(std::string& out, const Attempt& attempt, bool new_account, Random& random) {
  static constexpr const char* kLanguages[] = {"en", "de", "fr", "es", "pt"};
  const bool small = attempt.os == 1 || attempt.os == 4;
  out.append(R"(,"lang":")").append(kLanguages[random.below(5)]).append("\"");
  out.append(small ? R"(,"screen_size":{"width":400,"height":800})"
                   : R"(,"screen_size":{"width":1440,"height":900})");
  out.append(R"(,"sample_rate":1,"number_emails":)");
  append_number(out, new_account ? 0 : 1 + random.below(3));
  out.append(R"(,"number_sites_signed_in":)");
  append_number(out, random.below(6));
  out.append(R"(,"number_sites_remembered":)");
  append_number(out, random.below(9));
  out.append(R"(,"orphaned":false,"new_account":)").append(new_account ? "true" : "false");
  out.append(R"(,"email_type":)").append(random.chance(0.3) ? "\"primary\"" : "\"secondary\"");
  out.append(R"(,"rp_api":"get","user_agent":{"os":")").append(kSystems[attempt.os]);
  out.append(R"(","browser":")").append(kBrowsers[attempt.browser]).append(R"(","version":19}})");
}

}  // namespace

void append_browserid_record(std::string& out, const Attempt& attempt, Random& random) {
  constexpr std::int64_t kFloorMs = 600'000;  // Senders floor the time to ten minutes.
  const bool new_account = random.chance(0.3);
  out.append(R"({"timestamp":)");
  append_number(out, attempt.time_ms - attempt.time_ms % kFloorMs);
  out.append(R"(,"event_stream":)");
  Stream stream(out, random);
  stream.step("screen.rp_info", 220);
  stream.request("xhr_complete.GET/wsapi/session_context", 10);
  stream.step("user.can_interact", 40);
  if (!attempt.success) {
    stream.step(attempt.cause == Cause::kUser ? "window.unload" : "screen.error", 900);
  } else if (new_account) {
    append_new_user(stream, random);
  } else {
    append_returning_user(stream, random);
  }
  stream.end();
  append_fields(out, attempt, new_account, random);
}

}  // namespace kpi::load
