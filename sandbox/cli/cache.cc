// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon cache: looks after a directory of the code cache (docs/cache.md). No code is run or
// verified here, and of an entry the header alone is read.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "sandbox/cli/cache_options.h"
#include "sandbox/cli/commands.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/output.h"
#include "sandbox/cli/quantity.h"
#include "sandbox/supervisor/code_cache.h"
#include "sandbox/supervisor/printable.h"

namespace cordon::cli {
namespace {

using supervisor::CacheFile;
using supervisor::CodeCache;
using supervisor::digest_text;

enum class Action : uint8_t { Ls, Verify, Prune, Clear };

struct CacheCommand {
  Action action = Action::Ls;
  std::string directory;
  std::optional<uint64_t> max_bytes;
};

std::string time_text(const struct timespec& time) {
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(time.tv_sec));
}

std::string row(const CodeCache& cache, const CacheFile& file) {
  const std::string start = fmt::format("{}  {}  {:>10}", digest_text(file.key).substr(0, 16),
                                        time_text(file.used), file.bytes);
  const auto code = cache.facts(file.key);
  if (!code) return start + "  (bad: " + supervisor::printable_line(code.error().message()) + ")";
  return start + (code->facts.fuel ? "  fuel  " : "        ") +
         supervisor::printable_line(code->facts.name);
}

// Prints the entries, those used last first.
Result<int> list(const CodeCache& cache) {
  const auto files = TRY(cache.list());
  uint64_t bytes = 0;
  say("{:16}  {:16}  {:>10}  {:4}  {}\n", "entry", "used last", "bytes", "", "module");
  for (const CacheFile& file : files) {
    say("{}\n", row(cache, file));
    bytes += file.bytes;
  }
  say("{} entries, {} bytes\n", files.size(), bytes);
  return 0;
}

// Whether each entry is whole and unchanged; bad ones are named.
Result<int> verify(const CodeCache& cache) {
  const auto files = TRY(cache.list());
  size_t bad = 0;
  for (const CacheFile& file : files) {
    const supervisor::FoundCode found = cache.peek(file.key);
    if (found.is == supervisor::FoundCode::Is::Good) continue;
    ++bad;
    complain("{}: {}", digest_text(file.key), supervisor::printable_line(found.why));
  }
  say("{} entries, {} bad\n", files.size(), bad);
  return bad == 0 ? 0 : kRefused;
}

// Removes what was used least recently.
Result<int> trim(const CodeCache& cache, uint64_t max_bytes) {
  const auto removed = TRY(cache.trim(max_bytes));
  say("{} entries removed, {} bytes\n", removed.entries, removed.bytes);
  return 0;
}

// Removes bad entries, and then what is too much.
Result<int> prune(const CodeCache& cache, uint64_t max_bytes) {
  for (const CacheFile& file : TRY(cache.list())) {
    const supervisor::FoundCode found = cache.peek(file.key);
    if (found.is != supervisor::FoundCode::Is::Bad) continue;
    TRY_VOID(cache.remove(file.key));
    say("{} removed: {}\n", digest_text(file.key), supervisor::printable_line(found.why));
  }
  return trim(cache, max_bytes);
}

Result<int> perform(const CacheCommand& command) {
  const std::string path = cache_directory(command.directory);
  const CodeCache cache = TRY(CodeCache::open(path, supervisor::IfMissing::Fail));
  switch (command.action) {
    case Action::Ls: return list(cache);
    case Action::Verify: return verify(cache);
    case Action::Prune:
      return prune(cache, command.max_bytes.value_or(supervisor::kDefaultCacheSize));
    case Action::Clear: return trim(cache, 0);
  }
  return kUsage;
}

}  // namespace

void add_cache(CLI::App& app, int& status) {
  auto wanted = std::make_shared<CacheCommand>();
  CLI::App* command = app.add_subcommand("cache", "look after the code that `run --cache` keeps");
  add_choice(*command, "ACTION",
             {{"ls", Action::Ls},
              {"verify", Action::Verify},
              {"prune", Action::Prune},
              {"clear", Action::Clear}},
             wanted->action,
             "ls: the entries, those used last first; verify: whether each is whole and unchanged; "
             "prune: remove bad ones, and those used least recently until the rest fits into "
             "--max-size; clear: remove all");
  command->get_option("ACTION")->required();
  command->add_option("DIR", wanted->directory, "its directory; without it ~/.cache/cordon")
      ->check(not_empty())
      ->type_name("");
  add_quantity(*command, "--max-size", parse_size, wanted->max_bytes,
               "for prune: most bytes of all entries (default " +
                   size_text(supervisor::kDefaultCacheSize) + ")");
  command->footer(
      "Other files in the directory are left alone. Each run verifies the code that it takes "
      "from there:\nwhat `verify` finds are damaged files.\n"
      "Exit status: 0, 1 a bad entry was found (verify), 2 usage, no such directory, or one that "
      "others may write to.\n"
      "Examples:\n"
      "  cordon run --cache app.wasm\n"
      "  cordon cache ls\n"
      "  cordon cache prune --max-size 256M");
  command->callback([wanted, &status] {
    Result<int> done = perform(*wanted);
    if (!done) complain("{}", done.error().message());
    status = done.value_or(kUsage);
  });
}

}  // namespace cordon::cli
