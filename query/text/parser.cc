// Tokens -> statements.
#include <array>

#include "query/text/ast.h"
#include "query/text/clause_parser.h"
#include "query/text/cursor.h"
#include "query/text/refusals.h"
#include "query/text/select_parser.h"
#include "query/text/study_parser.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

constexpr const char* kStatements =
    "SELECT, SHOW, EXPLAIN, COMPARE, FUNNEL, FOLLOW, CREATE or DROP";
constexpr const char* kNameExpected = "the milestone's name as a string";
constexpr const char* kCreateHint = "write CREATE MILESTONE 'v42' AT '2026-11-10T09:00Z'";

struct Subject {
  std::string_view word;
  ShowSubject subject;
};
constexpr std::array<Subject, 7> kSubjects = {{{"rps", ShowSubject::kRps},
                                               {"clients", ShowSubject::kClients},
                                               {"measures", ShowSubject::kMeasures},
                                               {"errors", ShowSubject::kErrors},
                                               {"labels", ShowSubject::kLabels},
                                               {"milestones", ShowSubject::kMilestones},
                                               {"status", ShowSubject::kStatus}}};

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
        cursor_.expected("';' or the end", misspelt_clause());
      }
      if (cursor_.failed()) return cursor_.error();
      statements.emplace_back(std::move(node));
    }
    return statements;
  }

 private:
  Statement::Node statement() {
    Statement::Node node;
    node.position = cursor_.peek().position;
    if (cursor_.at_word("select")) {
      assign(SelectParser(cursor_).statement(), node.body);
    } else if (cursor_.at_word("compare")) {
      node.body = StudyParser(cursor_).compare();
    } else if (cursor_.at_word("funnel")) {
      node.body = StudyParser(cursor_).funnel();
    } else if (cursor_.at_word("follow")) {
      node.body = follow();
    } else if (cursor_.at_word("create")) {
      node.body = create_milestone();
    } else if (cursor_.at_word("drop")) {
      node.body = drop_milestone();
    } else if (cursor_.accept_word("show")) {
      node.body = show();
    } else if (cursor_.accept_word("explain")) {
      node.body = explain();
    } else {
      unsupported_statement();
      cursor_.expected(kStatements,
                       did_you_mean(cursor_.peek().text, {"select", "show", "explain", "compare",
                                                          "funnel", "follow", "create", "drop"}));
    }
    return node;
  }

  // A misspelt word begins no clause: it stands where the last one ends, or was taken for an alias.
  std::string misspelt_clause() const {
    for (const Token* token : {&cursor_.peek(), &cursor_.previous()}) {
      if (token->kind != Token::Kind::kName || is_reserved(token->text)) continue;
      std::string hint = did_you_mean(
          token->text, {"from", "where", "group", "having", "order", "limit", "offset", "fill",
                        "baseline", "candidate", "around", "window", "exclude"});
      if (!hint.empty()) return hint;
    }
    return {};
  }

  // A body of one of several kinds, as one of more.
  template <class From, class To>
  static void assign(From from, To& to) {
    std::visit([&to](auto& body) { to = std::move(body); }, from);
  }

  void unsupported_statement() {
    const Token& word = cursor_.peek();
    if (word.kind != Token::Kind::kName) return;
    const auto hint = refusal_hint(word.text);
    if (!hint) return;
    cursor_.fail({ErrorCode::kUnsupported,
                  std::string(word.raw) + " is not supported by this version", std::string(*hint),
                  word.position});
  }

  Explain explain() {
    Explain explain;
    explain.analyze = cursor_.accept_word("analyze");
    if (cursor_.at_word("select")) {
      assign(SelectParser(cursor_).statement(), explain.of);
    } else if (cursor_.at_word("compare")) {
      explain.of = StudyParser(cursor_).compare();
    } else if (cursor_.at_word("funnel")) {
      explain.of = StudyParser(cursor_).funnel();
    } else {
      unsupported_statement();
      cursor_.expected(explain.analyze ? "SELECT, COMPARE or FUNNEL"
                                       : "ANALYZE, SELECT, COMPARE or FUNNEL");
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
    cursor_.expected("RPS, CLIENTS FOR, MEASURES, ERRORS, LABELS, MILESTONES or STATUS",
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

  CreateMilestone create_milestone() {
    CreateMilestone create;
    cursor_.take();
    if (!cursor_.expect_word("milestone")) return create;
    create.name = clauses_.quoted_name(kNameExpected, kCreateHint);
    if (!cursor_.at_word("at")) cursor_.expected("AT and a time", kCreateHint);
    cursor_.accept_word("at");
    create.at = clauses_.exprs().expression();
    return create;
  }

  DropMilestone drop_milestone() {
    cursor_.take();
    if (!cursor_.expect_word("milestone")) return {};
    return {clauses_.quoted_name(kNameExpected, "write DROP MILESTONE 'v42'")};
  }

  Follow follow() {
    cursor_.take();
    Follow follow;
    clauses_.where(follow.where);
    return follow;
  }

  Cursor cursor_;
  ClauseParser clauses_{cursor_};
};

}  // namespace

Result<std::vector<Statement>> parse(std::string_view text) {
  auto tokens = lex(text);
  if (!tokens.ok()) return std::move(tokens).error();
  return Parser(std::move(tokens).value()).run();
}

}  // namespace kpi::query
