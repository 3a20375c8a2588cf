#include "server/dialect/browserid.h"

#include <string.h>

#include "server/dialect/browserid_document.h"
#include "server/dialect/browserid_record.h"
#include "server/dialect/form.h"

namespace kpi::server {
namespace {

using simdjson::dom::element;

// Senders know 400 alone (and 413): any other rejection would be a surprise to them.
void conclude(Intake& intake) {
  intake.conclude();
  Verdict& verdict = intake.verdict;
  if (verdict.kind == ReplyKind::kProblem && verdict.status != http_status(Reason::kLimit)) {
    verdict.status = 400;
  }
}

std::string taken(const Verdict& verdict) {
  return std::to_string(verdict.accepted) + " of " + std::to_string(verdict.received);
}

}  // namespace

void BrowseridParser::take(Intake& intake, element data, bool may_be_text) {
  if (intake.verdict.received >= kReportsPerBodyMax) {
    return intake.refuse_body(refuse(Reason::kLimit, "data", "too many records"));
  }
  simdjson::dom::array list;
  if (!data.get_array().get(list)) {  // A list inside the list is a quirk of old senders.
    for (const element inner : list) take(intake, inner, may_be_text);
    return;
  }
  simdjson::dom::object record;
  if (!data.get_object().get(record)) return take_record(intake, record);
  std::string_view text;
  if (may_be_text && !data.get_string().get(text)) {
    element inner;
    if (auto bad = nested_.parse_copy(text, inner)) {
      intake.draft.clear();
      return intake.settle(std::move(bad));
    }
    return take(intake, inner, false);
  }
  intake.draft.clear();
  intake.settle(refuse(Reason::kMalformed, "data", "expected records"));
}

void BrowseridParser::take_record(Intake& intake, simdjson::dom::object record) {
  intake.draft.clear();
  Check rejection = read_browserid_record(intake, record, stream_);
  if (!rejection) {
    write_browserid_document(record, intake.draft.time_ms, stream_, intake.draft.document);
  }
  intake.settle(std::move(rejection));
}

void BrowseridParser::forget() {
  for (JsonParser* json : {&body_, &nested_, &stream_}) json->forget();
  ::explicit_bzero(scratch_.data(), scratch_.size());
  scratch_.clear();
}

void BrowseridParser::parse_form(Intake& intake) {
  FormReader fields(intake.report.body);
  std::optional<std::string_view> data;
  while (const auto field = fields.next()) {
    if (field->key != "data") {
      ++intake.verdict.unknown_fields;
    } else if (data) {
      intake.refuse_body(refuse(Reason::kDuplicateKey, "data", "expected only once"));
      return conclude(intake);
    } else {
      data = field->value;
    }
  }
  const auto text = data ? form_decode(*data, scratch_) : std::nullopt;
  element root;
  if (!text) {
    intake.refuse_body(refuse(Reason::kMalformed, "data", "expected a field with JSON text"));
  } else if (auto bad = body_.parse_copy(*text, root)) {
    intake.refuse_body(std::move(*bad));
  } else {
    take(intake, root, true);
    intake.verdict.status = 201;
    intake.verdict.kind = ReplyKind::kText;
    const bool all = intake.verdict.accepted == intake.verdict.received;
    intake.verdict.reply = all ? "ok" : "ok: " + taken(intake.verdict) + " records taken";
  }
  conclude(intake);
}

void BrowseridParser::parse_json(Intake& intake) {
  element root, data;
  if (auto bad = body_.parse(intake.report.body, root)) {
    intake.refuse_body(std::move(*bad));
  } else if (root.at_key("data").get(data)) {
    intake.refuse_body(refuse(Reason::kMissingField, "data", "expected a list of records"));
  } else {
    take(intake, data, true);
    Verdict& verdict = intake.verdict;
    verdict.status = 200;
    verdict.kind = ReplyKind::kJson;
    verdict.reply = R"({"success":true})";
    if (verdict.accepted != verdict.received) {
      verdict.reply = R"({"success":true,"accepted":)" + std::to_string(verdict.accepted) +
                      R"(,"rejected":)" + std::to_string(verdict.rejected_count()) + "}";
    }
  }
  conclude(intake);
}

}  // namespace kpi::server
