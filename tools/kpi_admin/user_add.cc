#include <algorithm>
#include <cstdio>
#include <memory>

#include "tools/kpi_admin/messages.h"
#include "tools/kpi_admin/password_prompt.h"
#include "tools/kpi_admin/user_command.h"
#include "tools/kpi_admin/users_edit.h"

namespace kpi::tools {
namespace {

constexpr const char* kDescription = R"(Add a user, or change one with --replace.

Examples:
  kpi-admin user add dashboard --users /etc/kpistore/users
  kpi-admin user add alice --role admin --password-file - < secret
  kpi-admin user add alice --role reader --replace
  kpi-admin user add report --peer www-data
)";

struct Wish {
  std::string name, users_path, role = "reader", password_path, peer;
  bool replace = false;
};

Result<auth::User> user_of(const Wish& wish) {
  auth::User user;
  user.role = auth::parse_role(wish.role).value();
  if (!wish.peer.empty()) {
    user.system_user = wish.peer;
    if (Status status = auth::check_user_name(wish.peer); !status.ok()) {
      return std::move(status).error();
    }
    return user;
  }
  auto password =
      wish.password_path.empty() ? ask_password(wish.name) : read_password_file(wish.password_path);
  if (!password.ok()) return std::move(password).error();
  std::string& text = password.value();
  if (std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; })) {
    std::fprintf(stderr,
                 "kpi-admin: the password is not plain ASCII: its characters must always be typed "
                 "in composed form\n");
  }
  user.verifier =
      auth::make_verifier(text, auth::random_bytes(auth::kSaltBytes), auth::kIterationsMin);
  auth::wipe(text);
  return user;
}

Status add(const Wish& wish) {
  if (Status status = auth::check_user_name(wish.name); !status.ok()) return status;
  {
    // What cannot be done is said before a password is asked for.
    const auto file = UsersFile::open(wish.users_path, true);
    if (!file.ok()) return file.error();
    const auth::User probe{auth::Role::kReader, std::nullopt, wish.name};
    const auto allowed = with_user(file.value().text(), wish.name, probe, wish.replace);
    if (!allowed.ok()) return allowed.error();
  }
  const auto user = user_of(wish);
  if (!user.ok()) return user.error();
  auto file = UsersFile::open(wish.users_path, true);
  if (!file.ok()) return std::move(file).error();
  const auto text = with_user(file.value().text(), wish.name, user.value(), wish.replace);
  if (!text.ok()) return text.error();
  return file.value().replace(text.value());
}

}  // namespace

void add_user_add(CLI::App& user, ExitCode& exit) {
  const auto wish = std::make_shared<Wish>();
  CLI::App* const command = user.add_subcommand("add", kDescription);
  command->add_option("name", wish->name, "Who; letters, digits and ._@+-")->required();
  add_users_option(*command, wish->users_path);
  command->add_option("--role", wish->role, "reader asks, admin changes milestones as well")
      ->check(CLI::IsMember({"reader", "admin"}))
      ->capture_default_str();
  auto* file = command->add_option("--password-file", wish->password_path,
                                   "Its first line is the password; - is standard input");
  file->type_name("FILE");
  command
      ->add_option("--peer", wish->peer,
                   "No password: this system user, on the query server's Unix socket")
      ->type_name("SYSTEM_USER")
      ->excludes(file);
  command->add_flag("--replace", wish->replace, "Change a user that is there");
  command->callback([wish, &exit] {
    const Status status = add(*wish);
    if (!status.ok()) {
      exit = report_failure(status.error());
      return;
    }
    std::printf("%s may log in as %s once kpi-server has read the file (SIGHUP)\n",
                wish->name.c_str(), wish->role.c_str());
  });
}

}  // namespace kpi::tools
