// Every script of tests/query/scripts on the model store, one test a script.
#include <gtest/gtest.h>

#include "tests/support/script_runner.h"

namespace kpi::test {
namespace {

const std::filesystem::path kScripts =
    std::filesystem::path(KPI_SOURCE_DIR) / "tests" / "query" / "scripts";

class Script : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Script, AnswersAsExpectedOnTheModelStore) {
  EXPECT_EQ(run_script(GetParam(),
                       [](const std::vector<ModelEvent>& events) -> std::unique_ptr<Store> {
                         return std::make_unique<ModelStore>(events);
                       }),
            "");
}

INSTANTIATE_TEST_SUITE_P(All, Script, testing::ValuesIn(find_scripts(kScripts)),
                         [](const auto& script) { return script.param.stem().string(); });

}  // namespace
}  // namespace kpi::test
