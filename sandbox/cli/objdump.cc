// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon objdump: wasm beside its machine code, compiled in this process: a tool for developers of
// Cordon, not for untrusted modules.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/diagnostics.h"
#include "sandbox/cli/listing.h"
#include "sandbox/cli/output.h"

namespace cordon::cli {
namespace {

constexpr size_t kMaxLeft = 48;

struct ObjdumpOptions {
  std::string path;
  std::string func;  // a number or a name; all functions if empty
  bool fuel = false;
  bool json = false;
};

Result<std::vector<uint8_t>> read_module(const std::string& path) {
  std::ifstream file(path == "-" ? "/dev/stdin" : path, std::ios::binary);
  if (!file) return fail_os("open", errno);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail_os("read", errno);
  return bytes;
}

// The bodies that `wanted` selects. A number is an index, whatever functions are called.
Result<std::vector<size_t>> select(const wasm::ValidatedModule& module, const Lister& lister,
                                   const std::string& wanted) {
  std::vector<size_t> out;
  const uint32_t imported = module.module().imported_funcs;
  uint32_t number = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto [stop, error] = std::from_chars(wanted.data(), end, number);
  const bool is_number = error == std::errc() && stop == end;
  for (size_t i = 0; i < module.funcs().size(); ++i) {
    const auto index = static_cast<uint32_t>(i) + imported;
    const bool fits = is_number ? index == number : lister.name_of(index) == wanted;
    if (wanted.empty() || fits) out.push_back(i);
  }
  if (out.empty() && !wanted.empty()) return fail(diag::no_function, kNoOffset, wanted);
  return out;
}

std::string left_of(const ListingRow& row) {
  if (!row.wasm_offset) return "        (entry)";
  if (row.text.empty()) return fmt::format("        (of {:06x})", *row.wasm_offset);
  return fmt::format("{:06x}  {:{}}{}", *row.wasm_offset, "", 2 * row.depth, row.text);
}

std::string right_of(const CodeLine& line) {
  if (line.note.empty()) return fmt::format("{:06x}  {}", line.offset, line.text);
  return fmt::format("{:06x}  {:<36}  ; {}", line.offset, line.text, line.note);
}

// Two columns. Text too wide for the left one moves its code down.
void print_text(const FuncListing& func) {
  say("func {}{}{} {}: {} bytes of wasm, {} of code at {:#x}, frame {}\n", func.index,
      func.name.empty() ? "" : " ", func.name, func.type, func.wasm_size, func.size, func.offset,
      func.frame_size);
  std::vector<std::string> lefts;
  size_t width = 0;
  for (const ListingRow& row : func.rows) {
    lefts.push_back(left_of(row));
    if (lefts.back().size() <= kMaxLeft) width = std::max(width, lefts.back().size());
  }
  for (size_t i = 0; i < func.rows.size(); ++i) {
    const std::vector<CodeLine>& code = func.rows[i].code;
    std::string left = std::move(lefts[i]);
    if (code.empty() || left.size() > width) {
      say("{}\n", left);
      left.clear();
    }
    for (const CodeLine& line : code) {
      say("{:<{}}  {}\n", left, width, right_of(line));
      left.clear();
    }
  }
  say("\n");
}

nlohmann::ordered_json to_json(const FuncListing& func) {
  auto rows = nlohmann::ordered_json::array();
  for (const ListingRow& row : func.rows) {
    auto code = nlohmann::ordered_json::array();
    for (const CodeLine& line : row.code) {
      code.push_back({{"offset", line.offset},
                      {"bytes", line.bytes},
                      {"text", line.text},
                      {"note", line.note}});
    }
    nlohmann::ordered_json item;
    if (row.wasm_offset) item["wasm_offset"] = *row.wasm_offset;
    item["text"] = row.text;
    item["code"] = std::move(code);
    rows.push_back(std::move(item));
  }
  return {{"index", func.index},           {"name", func.name},      {"type", func.type},
          {"wasm_size", func.wasm_size},   {"offset", func.offset},  {"size", func.size},
          {"frame_size", func.frame_size}, {"rows", std::move(rows)}};
}

Result<void> dump(const ObjdumpOptions& options) {
  const std::vector<uint8_t> bytes = TRY(read_module(options.path));
  wasm::Module decoded = TRY(wasm::decode_module(bytes));
  const auto module = TRY(wasm::validate_module_with_uses(std::move(decoded)));
  const Lister lister = TRY(Lister::create(*module, options.fuel));
  const std::vector<size_t> bodies = TRY(select(*module, lister, options.func));
  if (!options.json) {
    for (const size_t body : bodies) print_text(lister.list(body));
    return {};
  }
  auto all = nlohmann::ordered_json::array();
  for (const size_t body : bodies) all.push_back(to_json(lister.list(body)));
  say("{}\n", all.dump(2));
  return {};
}

int objdump(const ObjdumpOptions& options) {
  const Result<void> done = dump(options);
  if (done) return 0;
  complain("{}: {}", options.path, done.error().message());
  return done.error().kind->klass == DiagnosticClass::Os ? kUsage : kRefused;
}

}  // namespace

void add_objdump(CLI::App& app, int& status) {
  auto options = std::make_shared<ObjdumpOptions>();
  CLI::App* command = app.add_subcommand("objdump", "show wasm beside the code made of it");
  command->add_option("MODULE", options->path, "the module; - is standard input")
      ->type_name("")
      ->required();
  command->add_option("--func", options->func, "this function alone, by its index or its name")
      ->type_name("N|NAME");
  command->add_flag("--fuel", options->fuel, "the code that counts fuel");
  command->add_flag("--json", options->json, "as JSON, with the bytes of the code");
  command->footer(
      "Not jailed: for modules that you trust. Nothing of the module runs.\n"
      "On the left the module's offsets, on the right those in its code. The code beside an\n"
      "instruction was emitted for it: its operands may have been computed earlier, and a compare\n"
      "is beside the branch that uses it.\n"
      "Example:\n  cordon objdump --func fib app.wasm");
  command->callback([options, &status] { status = objdump(*options); });
}

}  // namespace cordon::cli
