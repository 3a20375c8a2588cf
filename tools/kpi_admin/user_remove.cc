#include <cstdio>
#include <memory>

#include "tools/kpi_admin/messages.h"
#include "tools/kpi_admin/user_command.h"
#include "tools/kpi_admin/users_edit.h"

namespace kpi::tools {
namespace {

struct Wish {
  std::string name, users_path;
};

Status remove(const Wish& wish) {
  auto file = UsersFile::open(wish.users_path, false);
  if (!file.ok()) return std::move(file).error();
  const auto text = without_user(file.value().text(), wish.name);
  if (!text.ok()) return text.error();
  return file.value().replace(text.value());
}

}  // namespace

void add_user_remove(CLI::App& user, ExitCode& exit) {
  const auto wish = std::make_shared<Wish>();
  CLI::App* const command = user.add_subcommand("remove", "Remove a user");
  command->add_option("name", wish->name, "Who")->required();
  add_users_option(*command, wish->users_path);
  command->callback([wish, &exit] {
    const Status status = remove(*wish);
    if (!status.ok()) {
      exit = report_failure(status.error());
      return;
    }
    std::printf("%s may not log in any more once kpi-server has read the file (SIGHUP)\n",
                wish->name.c_str());
  });
}

}  // namespace kpi::tools
