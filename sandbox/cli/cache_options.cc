// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/cache_options.h"

#include "core/abi/target.h"
#include "core/base/hex.h"
#include "sandbox/cli/options.h"
#include "sandbox/cli/quantity.h"
#include "sandbox/supervisor/cache_directory.h"

namespace cordon::cli {
namespace {

// What the compile worker, on the same processor, will detect.
std::string target_text() {
  return std::string(abi::kLeastProcessor) + " " + hex(abi::detect_target().cpu_features);
}

}  // namespace

void add_cache_options(CLI::App& command, CacheChoice& choice) {
  command
      .add_option_function<std::string>(
          "--cache", [&choice](const std::string& directory) { choice.directory = directory; },
          "keep the module's code for later runs, which then compile nothing, in DIR or "
          "in ~/.cache/cordon; --engine=jit")
      ->expected(0, 1)
      ->type_name("[=DIR]");
  add_quantity(command, "--cache-size", parse_size, choice.max_bytes,
               "most bytes of the cache's directory; code that was used least recently makes "
               "room (default " +
                   size_text(supervisor::kDefaultCacheSize) + ")");
}

void apply(const CacheChoice& choice, supervisor::RunRequest& request) {
  if (!choice.directory) {
    if (choice.max_bytes) throw CLI::ValidationError("--cache-size", "is for --cache");
    return;
  }
  if (request.engine == protocol::Engine::Auto) request.engine = protocol::Engine::Jit;
  if (request.engine != protocol::Engine::Jit) {
    throw CLI::ValidationError("--cache", "is for native code: --engine=jit");
  }
  if (!request.precompiled_path.empty()) {
    throw CLI::ValidationError("--cache", "is for code that is compiled: not with --precompiled");
  }
  request.cache = {.directory = cache_directory(*choice.directory),
                   .max_bytes = choice.max_bytes.value_or(supervisor::kDefaultCacheSize),
                   .target = target_text(),
                   .module_name = {}};
}

std::string cache_directory(const std::string& given) {
  if (!given.empty()) return given;
  Result<std::string> found = supervisor::default_cache_directory();
  if (!found) throw CLI::ValidationError("--cache", found.error().message());
  return *found;
}

}  // namespace cordon::cli
