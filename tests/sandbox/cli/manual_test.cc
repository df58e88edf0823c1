// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Manual pages and completions: each command and each option is in them, and they parse.
#include "sandbox/cli/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "sandbox/cli/completions.h"
#include "sandbox/cli/program.h"
#include "tests/kit/environment.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::cli {
namespace {

using ::testing::HasSubstr;

const CLI::App& app() {
  static const Program program("1.2.3");
  return program.app();
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

struct Said {
  int status;
  std::string text;  // both streams
};

Said shell(const std::string& command) {
  Said said{-1, {}};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return said;
  char buffer[4096];
  for (size_t size; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    said.text.append(buffer, size);
  said.status = pclose(pipe);
  return said;
}

// Where everything is required (CI=true) what is missing fails the test.
bool is_there(const std::string& program) {
  const bool found = shell("command -v " + program).status == 0;
  EXPECT_TRUE(found || !testing::data_is_required()) << "no " << program << " here";
  return found;
}

class ManualTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    directory_.write(name, text);
    return directory_ / name;
  }
  testing::TemporaryDirectory directory_;
};

std::string page(const std::string& name) {
  for (const GeneratedFile& made : manual_pages(app(), "1.2.3")) {
    if (made.name == "man1/" + name + ".1") return made.text;
  }
  ADD_FAILURE() << "no page " << name;
  return {};
}

TEST_F(ManualTest, EachCommandHasAPageWithAllItsOptions) {
  if (!is_there("man")) GTEST_SKIP() << "no man here";
  const std::vector<GeneratedFile> pages = manual_pages(app(), "1.2.3");
  EXPECT_EQ(pages.size(), app().get_subcommands(nullptr).size() + 1);
  for (const CLI::App* command : app().get_subcommands(nullptr)) {
    const std::string path = file("page.1", page("cordon-" + command->get_name()));
    const Said shown = shell("LC_ALL=C MANWIDTH=200 man -P cat -l " + path);
    EXPECT_EQ(shown.status, 0) << shown.text;
    EXPECT_THAT(shown.text, HasSubstr("cordon " + command->get_name()));
    for (const std::string& option : options_of(*command))
      EXPECT_THAT(shown.text, HasSubstr(option));
  }
}

TEST_F(ManualTest, ThePagesHaveNoErrorsOfRoff) {
  if (!is_there("groff")) GTEST_SKIP() << "no groff here";
  for (const GeneratedFile& made : manual_pages(app(), "1.2.3")) {
    const Said said = shell("groff -man -Tutf8 -ww -z " + file("page.1", made.text));
    EXPECT_EQ(said.status, 0);
    EXPECT_EQ(said.text, "") << made.name;
  }
}

TEST_F(ManualTest, TheFirstPageListsTheCommands) {
  const std::string text = page("cordon");
  for (const CLI::App* command : app().get_subcommands(nullptr)) {
    EXPECT_THAT(text, HasSubstr("cordon\\-" + command->get_name()));
  }
  EXPECT_THAT(page("cordon-run"), HasSubstr("[\\fIOPTIONS\\fR] [\\fIMODULE\\fR] [\\fIARGS\\fR]"));
}

TEST_F(ManualTest, CompletionsParseAndNameEachOption) {
  struct Row {
    const char* shell;
    std::string script;
  };
  const Row rows[] = {{"bash", bash_completion(app())},
                      {"zsh", zsh_completion(app())},
                      {"fish", fish_completion(app())}};
  for (const Row& row : rows) {
    const std::string path = file(row.shell, row.script);
    if (is_there(row.shell)) {
      const Said said = shell(std::string(row.shell) + " -n " + path);
      EXPECT_EQ(said.status, 0) << said.text;
      EXPECT_EQ(said.text, "");
    }
    for (const CLI::App* command : app().get_subcommands(nullptr)) {
      EXPECT_THAT(row.script, HasSubstr(command->get_name()));
      for (const std::string& option : options_of(*command)) {
        const bool is_long = option.starts_with("--");
        const bool is_fish = row.shell == std::string("fish");
        const std::string spelled =
            !is_fish ? option : (is_long ? " -l " + option.substr(2) : " -s " + option.substr(1));
        EXPECT_THAT(row.script, HasSubstr(spelled)) << row.shell;
      }
    }
  }
}

// What bash offers for a line, of which the last word is begun.
std::string offered(const std::string& script, const std::string& words, int count) {
  return shell("bash -c 'source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=" +
               std::to_string(count - 1) + "; _cordon; echo \"${COMPREPLY[*]}\"'")
      .text;
}

TEST_F(ManualTest, BashOffersWhatFits) {
  const std::string script = file("bash", bash_completion(app()));
  EXPECT_EQ(offered(script, "cordon val", 2), "validate\n");
  EXPECT_EQ(offered(script, "cordon run --engine i", 4), "interp\n");
  EXPECT_EQ(offered(script, "cordon --fu", 2), "--fuel\n");
  EXPECT_EQ(offered(script, "cordon run --max-o", 3), "--max-output --max-open-files\n");
  EXPECT_EQ(offered(script, "cordon objdump --fuel --js", 4), "--json\n");
  EXPECT_EQ(offered(script, "cordon help po", 3), "policy\n");
  EXPECT_EQ(offered(script, "cordon run app", 3), "\n") << "files are bash own matter";
}

}  // namespace
}  // namespace cordon::cli
