#include <cstdio>
#include <memory>

#include "server/auth/users_file.h"
#include "tools/kpi_admin/messages.h"
#include "tools/kpi_admin/user_command.h"

namespace kpi::tools {
namespace {

std::string credential_of(const auth::User& user) {
  return user.verifier ? "password" : "peer " + user.system_user;
}

}  // namespace

void add_user_list(CLI::App& user, ExitCode& exit) {
  const auto path = std::make_shared<std::string>();
  CLI::App* const command =
      user.add_subcommand("list", "Name, role and kind of credential of every user; no secrets");
  add_users_option(*command, *path);
  command->callback([path, &exit] {
    const auto users = auth::load_users(*path);
    if (!users.ok()) {
      exit = report_failure(users.error());
      return;
    }
    for (const auto& [name, entry] : users.value().by_name) {
      std::printf("%s\t%s\t%s\n", name.c_str(), std::string(to_string(entry.role)).c_str(),
                  credential_of(entry).c_str());
    }
  });
}

}  // namespace kpi::tools
