// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/manual.h"

#include <fmt/format.h>

namespace cordon::cli {
namespace {

using OptionFilter = bool (*)(const CLI::Option*);

bool is_named(const CLI::Option* option) { return !option->get_positional(); }
bool is_positional(const CLI::Option* option) { return option->get_positional(); }

// Escapes text for roff: backslashes, dashes, and lines that would be requests.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

// Whether a value may follow after "=", and need not.
bool may_take_value(const CLI::Option& option) {
  return option.get_items_expected_min() == 0 && option.get_items_expected_max() > 0;
}

// "-o, --output BLOB" with the names bold and the value in italics.
std::string title_of(const CLI::Option& option) {
  std::string out;
  for (const std::string& name : option.get_snames())
    out += (out.empty() ? "" : ", ") + ("\\fB" + roff("-" + name) + "\\fR");
  for (const std::string& name : option.get_lnames())
    out += (out.empty() ? "" : ", ") + ("\\fB" + roff("--" + name) + "\\fR");
  if (out.empty()) out = "\\fI" + roff(option.get_name()) + "\\fR";
  const std::string type = option.get_type_name();
  const bool takes_value = option.get_items_expected_min() > 0;
  if (takes_value && !type.empty() && !option.get_positional())
    out += " \\fI" + roff(type) + "\\fR";
  if (may_take_value(option)) out += "\\fI" + roff(type) + "\\fR";
  return out;
}

std::string section(std::string_view title, const CLI::App& app, OptionFilter filter) {
  std::string out;
  for (const CLI::Option* option : app.get_options(filter)) {
    out += fmt::format(".TP\n{}\n{}\n", title_of(*option), roff(option->get_description()));
  }
  return out.empty() ? out : fmt::format(".SH {}\n", title) + out;
}

std::string synopsis(const CLI::App& app, const std::string& name) {
  std::string out = ".SH SYNOPSIS\n\\fB" + roff(name) + "\\fR [\\fIOPTIONS\\fR]";
  if (!app.get_subcommands(nullptr).empty()) return out + " \\fICOMMAND\\fR ...\n";
  for (const CLI::Option* option : app.get_options(is_positional)) {
    const std::string item = "\\fI" + roff(option->get_name()) + "\\fR";
    out += option->get_required() ? " " + item : " [" + item + "]";
  }
  return out + '\n';
}

std::string page_name(const CLI::App& command) { return "cordon-" + command.get_name(); }

std::string commands(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    out += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(page_name(*command)),
                       roff(command->get_description()));
  }
  return out.empty() ? out : ".SH COMMANDS\n" + out;
}

// `root` is the program, which `app` may be itself.
std::string page(const CLI::App& app, const CLI::App& root, const std::string& version) {
  const bool is_root = &app == &root;
  const std::string name = is_root ? root.get_name() : page_name(app);
  const std::string called = is_root ? name : root.get_name() + " " + app.get_name();
  std::string out = ".\\\" Made from the options of the program itself.\n";
  out += fmt::format(".TH {} 1 \"\" \"cordon {}\" \"User Commands\"\n", roff(name), version);
  out += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(app.get_description()));
  out += synopsis(app, called);
  out += section("ARGUMENTS", app, is_positional);
  out += section("OPTIONS", app, is_named);
  out += commands(app);
  if (!app.get_footer().empty()) out += ".SH NOTES\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
  out += ".SH SEE ALSO\n";
  std::string also = is_root ? "" : "\\fBcordon\\fR(1)";
  for (const CLI::App* other : root.get_subcommands(nullptr)) {
    if (other == &app) continue;
    also += fmt::format("{}\\fB{}\\fR(1)", also.empty() ? "" : ", ", roff(page_name(*other)));
  }
  return out + also + '\n';
}

}  // namespace

std::vector<GeneratedFile> manual_pages(const CLI::App& app, const std::string& version) {
  std::vector<GeneratedFile> pages = {{"man1/cordon.1", page(app, app, version)}};
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    pages.push_back({"man1/" + page_name(*command) + ".1", page(*command, app, version)});
  }
  return pages;
}

}  // namespace cordon::cli
