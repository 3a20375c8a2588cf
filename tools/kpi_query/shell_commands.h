// The prompt's own commands: \watch, \format and their like.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "tools/kpi_query/connection.h"
#include "tools/kpi_query/output.h"

namespace kpi::tools {

// What commands do to the prompt.
class ShellActions {
 public:
  virtual ~ShellActions() = default;
  virtual void quit() = 0;
  // As if the line had been typed.
  virtual void take(const std::string& line) = 0;
  // The statement under way, else what ran last.
  virtual const std::string& script() const = 0;
  virtual void forget_pending() = 0;  // The statement under way.
  virtual ExitCode run_again() = 0;   // Runs script().
};

class ShellCommands {
 public:
  ShellCommands(ShellActions& shell, Connection& connection, Output& output)
      : shell_(shell), connection_(connection), output_(output) {}

  // `line` begins with a backslash or a dot.
  void run(std::string_view line);
  bool timing() const { return timing_; }
  // With a backslash, for completion.
  static std::span<const std::string_view> names();

 private:
  struct Command;
  static std::span<const Command> table();

  void quit(std::string_view);
  void help(std::string_view);
  void timing(std::string_view argument);
  void expanded(std::string_view argument);
  void plot(std::string_view argument);
  void spark(std::string_view argument);
  void format(std::string_view argument);
  void watch(std::string_view argument);
  void edit(std::string_view);
  void last(std::string_view argument);

  ShellActions& shell_;
  Connection& connection_;
  Output& output_;
  bool timing_ = false;
};

}  // namespace kpi::tools
