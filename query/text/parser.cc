// Tokens -> statements.
#include <array>
#include <charconv>

#include "kpi/limits.h"
#include "query/text/ast.h"
#include "query/text/cursor.h"
#include "query/text/expression_parser.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

constexpr const char* kStatements = "SELECT, SHOW, EXPLAIN, COMPARE or FUNNEL";

struct Subject {
  std::string_view word;
  ShowSubject subject;
};
constexpr std::array<Subject, 6> kSubjects = {{{"rps", ShowSubject::kRps},
                                               {"clients", ShowSubject::kClients},
                                               {"measures", ShowSubject::kMeasures},
                                               {"errors", ShowSubject::kErrors},
                                               {"labels", ShowSubject::kLabels},
                                               {"status", ShowSubject::kStatus}}};

// What PostgreSQL's clients may send and this language has not, and what to do instead.
struct Refusal {
  const char* word;
  const char* hint;
};
constexpr const char* kParametersHint = "send the statement itself, with its values written out";
constexpr const char* kCursorHint = "send the SELECT itself; in psql: \\unset FETCH_COUNT";
constexpr const char* kReadOnlyHint = "events come in over HTTP, and retention removes them";
constexpr std::array<Refusal, 32> kRefusals = {
    {{"compare", ""},
     {"funnel", ""},
     {"copy", "for an export use SELECT with psql --csv, kpi-query --format or POST /v1/query"},
     {"prepare", kParametersHint},
     {"execute", kParametersHint},
     {"declare", kCursorHint},
     {"fetch", kCursorHint},
     {"move", kCursorHint},
     {"insert", kReadOnlyHint},
     {"update", kReadOnlyHint},
     {"delete", kReadOnlyHint},
     {"merge", kReadOnlyHint},
     {"truncate", kReadOnlyHint},
     {"create", ""},
     {"alter", ""},
     {"drop", ""},
     {"with", "write one SELECT over events"},
     {"table", "write SELECT with aggregates over events"},
     {"values", "write one SELECT over events"},
     {"analyze", "to see what a statement reads: EXPLAIN ANALYZE SELECT ..."},
     {"call", ""},
     {"cluster", ""},
     {"comment", ""},
     {"do", ""},
     {"grant", ""},
     {"listen", ""},
     {"lock", ""},
     {"notify", ""},
     {"refresh", ""},
     {"reindex", ""},
     {"revoke", ""},
     {"vacuum", ""}}};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : cursor_(std::move(tokens)) {}

  Result<std::vector<Statement>> run() {
    std::vector<Statement> statements;
    while (cursor_.peek().kind != Token::Kind::kEnd) {
      if (cursor_.accept_symbol(";")) continue;
      auto node = std::make_shared<Statement::Node>(statement());
      if (!cursor_.failed() && !cursor_.at_symbol(";") &&
          cursor_.peek().kind != Token::Kind::kEnd) {
        cursor_.expected("';' or the end");
      }
      if (cursor_.failed()) return cursor_.error();
      statements.emplace_back(std::move(node));
    }
    return statements;
  }

 private:
  Statement::Node statement() {
    const std::size_t position = cursor_.peek().position;
    if (cursor_.at_word("select")) return {position, select()};
    if (cursor_.accept_word("show")) return {position, show()};
    if (cursor_.accept_word("explain")) return {position, explain()};
    unsupported_statement();
    cursor_.expected(kStatements, did_you_mean(cursor_.peek().text,
                                               {"select", "show", "explain", "compare", "funnel"}));
    return {};
  }

  void unsupported_statement() {
    for (const Refusal& refusal : kRefusals) {
      if (cursor_.at_word(refusal.word)) unsupported(refusal.hint);
    }
  }

  void unsupported(std::string hint = {}) {
    const Token word = cursor_.peek();
    cursor_.fail({ErrorCode::kUnsupported,
                  std::string(word.raw) + " is not supported by this version", std::move(hint),
                  word.position});
  }

  Explain explain() {
    Explain explain;
    explain.analyze = cursor_.accept_word("analyze");
    if (cursor_.at_word("select")) {
      explain.select = select();
    } else {
      unsupported_statement();
      cursor_.expected(explain.analyze ? "SELECT" : "ANALYZE or SELECT");
    }
    return explain;
  }

  Show show() {
    Show show;
    for (const Subject& subject : kSubjects) {
      if (!cursor_.accept_word(subject.word)) continue;
      show.subject = subject.subject;
      if (show.subject == ShowSubject::kClients && cursor_.expect_word("for")) show_rp(show);
      return show;
    }
    if (cursor_.at_word("milestones")) unsupported();
    cursor_.expected("RPS, CLIENTS FOR, MEASURES, ERRORS, LABELS or STATUS",
                     did_you_mean(cursor_.peek().text, {"rps", "clients", "measures", "errors",
                                                        "labels", "milestones", "status"}));
    return show;
  }

  void show_rp(Show& show) {
    if (cursor_.peek().kind != Token::Kind::kString) {
      return cursor_.expected("the RP as a string", "write SHOW CLIENTS FOR 'https://rp.example'");
    }
    show.rp_position = cursor_.peek().position;
    show.rp = cursor_.take().text;
  }

  Select select() {
    cursor_.take();
    Select select;
    do {
      if (select.items.size() == kResultColumnsMax) return too_many_items(), select;
      select.items.push_back(item());
    } while (cursor_.accept_symbol(","));
    if (cursor_.accept_word("from")) {
      select.from_events = true;
      events();
    }
    if (cursor_.accept_word("where")) select.where = exprs_.expression();
    if (cursor_.accept_word("group") && cursor_.expect_word("by")) select.group_by = exprs_.list();
    if (cursor_.at_word("fill")) fill(select);
    if (cursor_.accept_word("having")) select.having = exprs_.expression();
    if (cursor_.at_word("fill")) fill(select);
    if (cursor_.accept_word("order") && cursor_.expect_word("by")) order_by(select);
    if (cursor_.at_word("fill")) fill(select);
    while (cursor_.at_word("limit") || cursor_.at_word("offset")) limit_or_offset(select);
    return select;
  }

  void too_many_items() {
    cursor_.fail({ErrorCode::kLimitExceeded,
                  "expected at most " + std::to_string(kResultColumnsMax) + " columns, found more",
                  {},
                  cursor_.peek().position});
  }

  SelectItem item() {
    if (cursor_.at_symbol("*")) {
      cursor_.expected("an expression", "events are not listed one by one; write SELECT count(*)");
      return {};
    }
    SelectItem item{exprs_.expression()};
    const bool named = cursor_.accept_word("as");
    if (cursor_.at_name()) {
      item.alias = cursor_.take().text;
    } else if (named) {
      cursor_.expected("a name", "a reserved word needs double quotes");
    }
    return item;
  }

  void events() {
    const Token table = cursor_.peek();
    if (cursor_.at_name() && (table.text == "events" || table.text == "public.events")) {
      cursor_.take();
    } else {
      cursor_.expected("events", "there is one table: events");
    }
  }

  void fill(Select& select) {
    if (select.fill != FillMode::kNone) return cursor_.expected("one FILL");
    select.fill_position = cursor_.take().position;
    if (!cursor_.expect_symbol("(")) return;
    if (cursor_.accept_word("null")) {
      select.fill = FillMode::kNull;
    } else if (cursor_.accept_word("previous")) {
      select.fill = FillMode::kPrevious;
    } else if (cursor_.peek().kind == Token::Kind::kNumber && cursor_.peek().text == "0") {
      cursor_.take();
      select.fill = FillMode::kZero;
    } else {
      return cursor_.expected("NULL, 0 or PREVIOUS");
    }
    cursor_.expect_symbol(")");
  }

  void order_by(Select& select) {
    do {
      OrderItem item{exprs_.expression()};
      if (cursor_.accept_word("desc")) {
        item.descending = true;
      } else {
        cursor_.accept_word("asc");
      }
      if (cursor_.accept_word("nulls")) {
        item.nulls_first = cursor_.accept_word("first");
        if (!*item.nulls_first && !cursor_.accept_word("last")) cursor_.expected("FIRST or LAST");
      }
      select.order_by.push_back(std::move(item));
    } while (cursor_.accept_symbol(","));
  }

  void limit_or_offset(Select& select) {
    std::optional<std::uint64_t>& target = cursor_.at_word("limit") ? select.limit : select.offset;
    if (target) return cursor_.expected("';' or the end");
    cursor_.take();
    const std::string text = cursor_.peek().text;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (cursor_.peek().kind != Token::Kind::kNumber || error != std::errc{} ||
        end != text.data() + text.size()) {
      return cursor_.expected("a number of rows");
    }
    cursor_.take();
    target = value;
  }

  Cursor cursor_;
  ExpressionParser exprs_{cursor_};
};

}  // namespace

Result<std::vector<Statement>> parse(std::string_view text) {
  auto tokens = lex(text);
  if (!tokens.ok()) return std::move(tokens).error();
  return Parser(std::move(tokens).value()).run();
}

}  // namespace kpi::query
