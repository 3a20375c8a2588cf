#include "server/dialect/chrome.h"

#include "server/dialect/form.h"

namespace kpi::server {
namespace {

// What the form said, before it is known whether it fits together.
struct Said {
  std::string_view outcome, error_code, did_show_ui;
  bool has_outcome = false, has_error_code = false, has_did_show_ui = false;
  std::uint32_t fields = 0;  // Known ones.
};

Check set_once(std::string_view key, std::string_view value, std::string_view& target, bool& has) {
  if (has) return refuse(Reason::kDuplicateKey, key, "expected only once");
  has = true;
  target = value;
  return std::nullopt;
}

Check read_timing(EventDraft& draft, std::string_view key, std::string_view value) {
  std::uint64_t ms = 0;
  const std::uint32_t max = draft.measure_max(stored_measure_name(key));
  if (auto bad = parse_integer(value, key, max, ms)) return bad;
  return draft.add_measure(key, ms);
}

Check read_field(Intake& intake, std::string_view key, std::string_view value, Said& said) {
  ++said.fields;
  if (is_fedcm_timing(stored_measure_name(key))) return read_timing(intake.draft, key, value);
  if (key == "outcome") return set_once(key, value, said.outcome, said.has_outcome);
  if (key == "error_code") return set_once(key, value, said.error_code, said.has_error_code);
  if (key == "did_show_ui") return set_once(key, value, said.did_show_ui, said.has_did_show_ui);
  --said.fields;
  ++intake.verdict.unknown_fields;
  return std::nullopt;
}

Check judge_success(EventDraft& draft, const Said& said) {
  if (said.has_error_code) {
    return refuse(Reason::kContradiction, "error_code", "expected none with a success");
  }
  if (draft.measures().empty()) {
    return refuse(Reason::kNoTimings, "outcome", "expected timings with a success");
  }
  draft.outcome = Outcome::kSuccess;
  return std::nullopt;
}

Check judge_failure(EventDraft& draft, const Said& said) {
  if (!said.has_error_code) {
    return refuse(Reason::kMissingField, "error_code", "expected it with a failure");
  }
  if (!draft.measures().empty()) {
    return refuse(Reason::kContradiction, "outcome", "expected no timings with a failure");
  }
  std::uint64_t code = 0;
  if (auto bad = parse_integer(said.error_code, "error_code", kErrorCodeMax, code)) return bad;
  draft.outcome = Outcome::kFailure;
  draft.error = {Dialect::kChrome, static_cast<std::uint32_t>(code)};
  return std::nullopt;
}

Check judge(EventDraft& draft, const Said& said) {
  if (said.fields == 0) {
    return refuse(Reason::kMalformed, "form", "expected outcome, error_code or timings");
  }
  if (said.has_did_show_ui) {
    if (said.did_show_ui != "true" && said.did_show_ui != "false") {
      return refuse(Reason::kUnknownOutcome, "did_show_ui", "expected true or false");
    }
    draft.ui_shown = said.did_show_ui == "true" ? UiShown::kYes : UiShown::kNo;
  }
  if (!said.has_outcome) {
    return said.has_error_code ? judge_failure(draft, said) : judge_success(draft, said);
  }
  if (said.outcome == "success") return judge_success(draft, said);
  if (said.outcome == "failure") return judge_failure(draft, said);
  return refuse(Reason::kUnknownOutcome, "outcome", "expected success or failure");
}

Check read_form(Intake& intake) {
  FormReader fields(intake.report.body);
  Said said;
  std::string key_scratch, value_scratch;
  while (const auto field = fields.next()) {
    const auto key = form_decode(field->key, key_scratch);
    const auto value = form_decode(field->value, value_scratch);
    if (!key || !value) {
      return refuse(Reason::kMalformed, "form", "expected two hex digits after each percent sign");
    }
    // A decoded text would not outlive this loop; no known word needs an escape.
    const bool plain = key->data() == field->key.data() && value->data() == field->value.data();
    const std::string_view kept_key = plain ? *key : intake.draft.keep(std::string(*key));
    const std::string_view kept_value = plain ? *value : intake.draft.keep(std::string(*value));
    if (auto bad = read_field(intake, kept_key, kept_value, said)) return bad;
  }
  return judge(intake.draft, said);
}

}  // namespace

void parse_chrome_form(Intake& intake) {
  intake.begin_event();
  intake.settle(read_form(intake));
}

}  // namespace kpi::server
