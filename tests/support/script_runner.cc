#include "tests/support/script_runner.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "kpi/query.h"
#include "query/text/ast.h"
#include "query/text/time_text.h"
#include "tests/support/event_text.h"

namespace kpi::test {
namespace {

struct Block {
  std::size_t line = 0;             // Of the command, from 1.
  std::vector<std::string> before;  // Comments and blank lines.
  std::string command, text, expected;
};

using Lines = std::vector<std::string>;

Lines read_lines(const std::filesystem::path& path) {
  Lines lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string take_until(const Lines& lines, std::size_t& at, const std::string& end) {
  std::string out;
  for (; at < lines.size() && lines[at] != end; ++at) out += lines[at] + '\n';
  return out;
}

std::vector<Block> split(const Lines& lines, Lines& after) {
  std::vector<Block> blocks;
  std::size_t at = 0;
  while (true) {
    Block block;
    for (; at < lines.size() && (lines[at].empty() || lines[at][0] == '#'); ++at) {
      block.before.push_back(lines[at]);
    }
    if (at == lines.size()) {
      after = block.before;
      return blocks;
    }
    block.line = at + 1;
    block.command = lines[at++];
    block.text = take_until(lines, at, "----");
    if (at < lines.size()) ++at;
    block.expected = take_until(lines, at, "");
    blocks.push_back(std::move(block));
  }
}

void write(const std::filesystem::path& path, const std::vector<Block>& blocks,
           const Lines& after) {
  std::ofstream out(path, std::ios::trunc);
  for (const Block& block : blocks) {
    for (const std::string& line : block.before) out << line << '\n';
    out << block.command << '\n' << block.text << "----\n" << block.expected;
  }
  for (const std::string& line : after) out << line << '\n';
}

std::string error_text(const Error& error, const std::string& text) {
  std::string out = "error";
  if (error.position > 0) {
    const std::string before = text.substr(0, error.position - 1);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t newline = before.rfind('\n');
    const std::size_t column =
        newline == std::string::npos ? before.size() : before.size() - newline - 1;
    out += " " + std::to_string(line) + ":" + std::to_string(column + 1);
  }
  out += ": " + error.message + '\n';
  if (!error.hint.empty()) out += "hint: " + error.hint + '\n';
  return out;
}

const char* type_name(query::Type type) {
  constexpr const char* kNames[] = {"text", "int8", "float8", "timestamptz", "bool"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string cell(const query::Value& value, query::Type type) {
  if (std::holds_alternative<std::monostate>(value)) return "NULL";
  const std::string text = query::to_text(value, type);
  return text.empty() ? "''" : text;
}

std::string table_text(const query::Table& table) {
  if (table.columns.empty()) return table.command_tag + '\n';
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    out += (i == 0 ? "" : " | ") + table.columns[i].name;
  }
  out += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i == 0 ? "" : " | ") + cell(row[i], table.columns[i].type);
    }
    out += '\n';
  }
  for (const std::string& note : table.notes) out += "note: " + note + '\n';
  return out;
}

class Runner {
 public:
  explicit Runner(const StoreFactory& make_store) : make_store_(make_store) {}

  std::string run(const Block& block) {
    if (block.command == "load") return load(block.text);
    std::string text = block.text;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (block.command == "plan") text = "EXPLAIN " + text;
    const auto statements = query::parse(text);
    if (!statements.ok()) return error_text(statements.error(), text);
    std::string out;
    for (const query::Statement& statement : statements.value()) {
      if (block.command == "parse") out += parse(statement);
      if (block.command == "describe") out += describe(statement, text);
      if (block.command == "eval") out += eval(statement, text);
      if (block.command == "plan") out += plan(statement, text);
    }
    return out;
  }

 private:
  std::string load(const std::string& text) {
    store_.reset();
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!parse_events(line, events_)) return "error: not an event: " + line + '\n';
    }
    return {};
  }

  Store& store() {
    if (!store_) store_ = make_store_(events_);
    return *store_;
  }

  static std::string parse(const query::Statement& statement) {
    const std::string printed = statement.text();
    const auto again = query::parse(printed);
    if (!again.ok()) return "error: the print does not parse: " + printed + '\n';
    const bool same = again.value().size() == 1 && query::equal(again.value()[0], statement);
    return same ? printed + '\n' : "error: the print parses to another tree: " + printed + '\n';
  }

  std::string describe(const query::Statement& statement, const std::string& text) {
    const auto columns = query::describe(statement, store());
    if (!columns.ok()) return error_text(columns.error(), text);
    std::string out;
    for (const query::Column& column : columns.value()) {
      out += column.name + ' ' + type_name(column.type) + '\n';
    }
    return out;
  }

  Result<query::Table> run_statement(const query::Statement& statement) {
    query::Options options;
    options.now_ms = query::parse_time(kScriptNow).value();
    return query::run(statement, store(), options);
  }

  std::string eval(const query::Statement& statement, const std::string& text) {
    const auto table = run_statement(statement);
    return table.ok() ? table_text(table.value()) : error_text(table.error(), text);
  }

  std::string plan(const query::Statement& statement, const std::string& text) {
    const auto table = run_statement(statement);
    if (!table.ok()) return error_text(table.error(), text);
    std::string out;
    for (const auto& row : table.value().rows) {
      const auto& line = std::get<std::string>(row[0]);
      if (line.substr(0, 4) == "Read") break;
      out += line + '\n';
    }
    return out;
  }

  const StoreFactory& make_store_;
  std::vector<ModelEvent> events_;
  std::unique_ptr<Store> store_;
};

}  // namespace

std::string run_script(const std::filesystem::path& script, const StoreFactory& make_store) {
  Lines after;
  std::vector<Block> blocks = split(read_lines(script), after);
  if (blocks.empty()) return script.string() + ": no such script, or an empty one\n";
  Runner runner(make_store);
  std::string differences;
  for (Block& block : blocks) {
    const std::string actual = runner.run(block);
    if (actual != block.expected) {
      differences += script.filename().string() + ":" + std::to_string(block.line) + ":\n" +
                     block.text + "expected:\n" + block.expected + "found:\n" + actual + '\n';
    }
    block.expected = actual;
  }
  const char* rewrite = std::getenv("KPI_REWRITE");
  if (rewrite == nullptr || std::string(rewrite) != "1") return differences;
  write(script, blocks, after);
  return {};
}

std::vector<std::filesystem::path> find_scripts(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".kpi") scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

}  // namespace kpi::test
