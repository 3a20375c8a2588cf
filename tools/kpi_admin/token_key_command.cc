#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>

#include "server/auth/token_keys.h"
#include "tools/kpi_admin/command.h"
#include "tools/kpi_admin/messages.h"

namespace kpi::tools {
namespace {

constexpr const char* kFooter =
    R"(The newest key signs, all keys of the file verify. To replace a key: add a new one, let kpi-server
read the file (SIGHUP), wait as long as tokens live, remove the old one.

Examples:
  kpi-admin token-key add --keys /etc/kpistore/token-keys
  kpi-admin token-key list --keys /etc/kpistore/token-keys
  kpi-admin token-key remove 9f3a01c2 --keys /etc/kpistore/token-keys
)";

// Of two changes at a time none is lost.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    directory_ = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    held_ = directory_ >= 0 && ::flock(directory_, LOCK_EX) == 0;
  }
  ~DirectoryLock() {
    if (directory_ >= 0) ::close(directory_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  bool held() const { return held_; }

 private:
  int directory_ = -1;
  bool held_ = false;
};

using Change = std::function<Status(auth::TokenKeys&)>;

Status change_keys(const std::string& path, bool create, const Change& change) {
  const DirectoryLock lock(path);
  if (!lock.held()) {
    return Error{ErrorCode::kIo, "the directory of '" + path + "': " + std::strerror(errno)};
  }
  auth::TokenKeys keys;
  std::error_code ignored;
  if (!create || std::filesystem::exists(path, ignored)) {
    auto loaded = auth::load_token_keys(path);
    if (!loaded.ok()) return std::move(loaded).error();
    keys = std::move(loaded).value();
  }
  if (Status status = change(keys); !status.ok()) return status;
  return auth::save_token_keys(path, keys);
}

std::int64_t wall_clock_s() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

Status add_to(auth::TokenKeys& keys) {
  if (keys.size() == auth::kTokenKeysMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "there are " + std::to_string(keys.size()) + " keys already",
                 "kpi-admin token-key remove takes old ones out"};
  }
  keys.push_back(auth::new_token_key(keys, wall_clock_s()));
  return ok_status();
}

Status add_key(const std::string& path) {
  std::uint32_t id = 0;
  Status status = change_keys(path, true, [&](auth::TokenKeys& keys) {
    Status added = add_to(keys);
    if (added.ok()) id = keys.back().id;
    return added;
  });
  if (status.ok()) {
    std::printf("key %s signs once kpi-server has read the file (SIGHUP)\n",
                auth::key_id_text(id).c_str());
  }
  return status;
}

Status remove_key(auth::TokenKeys& keys, const std::string& id) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const auth::TokenKey& key) {
    return auth::key_id_text(key.id) == id;
  });
  if (found == keys.end()) return Error{ErrorCode::kNotFound, "there is no key '" + id + "'"};
  if (keys.size() == 1) {
    return Error{ErrorCode::kInvalidArgument, "key '" + id + "' is the last one",
                 "add another one first"};
  }
  keys.erase(found);
  return ok_status();
}

Status list_keys(const std::string& path) {
  const auto keys = auth::load_token_keys(path);
  if (!keys.ok()) return keys.error();
  for (const auth::TokenKey& key : keys.value()) {
    const auto created = static_cast<std::time_t>(key.created_s);
    std::tm parts{};
    char text[32] = "?";
    if (::gmtime_r(&created, &parts) != nullptr) {
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    std::printf("%s\t%s\t%s\n", auth::key_id_text(key.id).c_str(), text,
                key == keys.value().back() ? "signs and verifies" : "verifies");
  }
  return ok_status();
}

void add_keys_option(CLI::App& command, std::string& path) {
  command.add_option("--keys", path, "Keys file, as option token-keys of kpi-server")
      ->type_name("FILE")
      ->envname("KPI_TOKEN_KEYS")
      ->required();
}

}  // namespace

void add_token_key_command(CLI::App& app, ExitCode& exit) {
  struct Wish {
    std::string path, id;
  };
  CLI::App* const token_key =
      app.add_subcommand("token-key", "Keys that sign tokens of metrics URLs: add, remove, list");
  token_key->footer(kFooter);
  token_key->require_subcommand(1);
  const auto subcommand = [&](const char* name, const char* what, auto run) {
    const auto wish = std::make_shared<Wish>();
    CLI::App* const command = token_key->add_subcommand(name, what);
    add_keys_option(*command, wish->path);
    command->callback([wish, run, &exit] {
      if (Status status = run(*wish); !status.ok()) exit = report_failure(status.error());
    });
    return std::pair{command, wish};
  };
  subcommand("add", "Make a key, which signs from then on; the file is made where there is none",
             [](const Wish& wish) { return add_key(wish.path); });
  const auto [remove, wish] =
      subcommand("remove", "Take a key out: its tokens are forged from then on", [](const Wish& w) {
        return change_keys(w.path, false,
                           [&](auth::TokenKeys& keys) { return remove_key(keys, w.id); });
      });
  remove->add_option("id", wish->id, "Eight hex digits, as list shows them")->required();
  subcommand("list", "Id, age and part of every key; no secrets",
             [](const Wish& w) { return list_keys(w.path); });
}

}  // namespace kpi::tools
