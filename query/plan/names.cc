#include "query/plan/names.h"

#include <algorithm>
#include <array>

#include "query/function/aggregate.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

// What every FedCM report may carry, and what the reports on BrowserID records ask for
// (REPORTS.md): known before the first one comes, so that a dashboard on an empty store shows no
// data instead of an error.
constexpr std::string_view kMeasures[] = {"time_to_show_ui",
                                          "time_to_receive_configuration",
                                          "time_to_receive_accounts",
                                          "time_to_receive_client_metadata",
                                          "time_to_continue_on_ui",
                                          "time_to_receive_token",
                                          "turnaround_time",
                                          "assertion_generated",
                                          "authenticate.enter_password",
                                          "engaged",
                                          "error_screen",
                                          "number_emails",
                                          "number_sites_remembered",
                                          "number_sites_signed_in",
                                          "screen.rp_info",
                                          "screen.set_password",
                                          "user.reset_password_confirmed",
                                          "user.reset_password_staged",
                                          "user.user_confirmed",
                                          "user.user_staged"};
constexpr std::array<std::string_view, 8> kLabels = {"browser", "os",         "locale", "screen",
                                                     "emails",  "email_type", "rp_api", "variant"};
constexpr std::array<std::string_view, 6> kDimensions = {  // In the order of enum Dimension.
    "rp", "client", "outcome", "error", "error_class", "ui_shown"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

template <class List>
void append(std::vector<std::string>& to, const List& list) {
  to.insert(to.end(), std::begin(list), std::end(list));
}

}  // namespace

std::string canonical_measure(std::string_view name) {
  return std::string(name == "time_to_continue" ? "time_to_continue_on_ui" : name);
}

std::optional<Dimension> find_dimension(std::string_view name) {
  for (std::size_t i = 0; i < kDimensions.size(); ++i) {
    if (kDimensions[i] == name) return static_cast<Dimension>(i);
  }
  return std::nullopt;
}

std::string dimension_name(const DimensionRef& dimension) {
  if (dimension.dimension == Dimension::kLabel) return dimension.label;
  return std::string(kDimensions[static_cast<std::size_t>(dimension.dimension)]);
}

const std::vector<std::string>& Names::measures() {
  if (!measures_) measures_ = view_.measures();
  return *measures_;
}

const std::vector<std::string>& Names::labels() {
  if (!labels_) {
    labels_.emplace();
    for (const View::LabelNames& label : view_.labels()) labels_->push_back(label.name);
  }
  return *labels_;
}

bool Names::knows_measure(const std::string& canonical) {
  return contains(kMeasures, canonical) || contains(measures(), canonical);
}

bool Names::knows_label(std::string_view name) {
  return contains(kLabels, name) || contains(labels(), name);
}

Result<std::string> Names::measure(const Expr& expr) {
  if (expr.kind != Expr::Kind::kName) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected the name of a measure, found " + to_text(expr),
                 {},
                 expr.position};
  }
  std::string name = canonical_measure(expr.text);
  if (knows_measure(name)) return name;
  std::vector<std::string> known(std::begin(kMeasures), std::end(kMeasures));
  append(known, measures());
  return Error{ErrorCode::kInvalidArgument,
               "expected the name of a measure, found " + to_text(expr),
               did_you_mean(expr.text, known), expr.position};
}

Error Names::unknown(const Expr& expr, std::string_view what, bool with_measures) {
  std::vector<std::string> known(kDimensions.begin(), kDimensions.end());
  known.emplace_back("time");
  append(known, labels());
  append(known, kLabels);
  if (with_measures) {
    append(known, measures());
    append(known, kMeasures);
  }
  return {ErrorCode::kInvalidArgument, "expected " + std::string(what) + ", found " + to_text(expr),
          did_you_mean(expr.text, known), expr.position};
}

std::optional<DimensionRef> resolve_dimension(const Expr& expr, Names& names) {
  if (expr.kind != Expr::Kind::kName || expr.text == "time") return std::nullopt;
  if (const auto dimension = find_dimension(expr.text)) return DimensionRef{*dimension};
  if (names.knows_label(expr.text)) return DimensionRef{Dimension::kLabel, expr.text};
  if (expr.quoted && !names.knows_measure(canonical_measure(expr.text))) {
    return DimensionRef{Dimension::kLabel, expr.text};
  }
  return std::nullopt;
}

}  // namespace kpi::query
