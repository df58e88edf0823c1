// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/wasi.h"

#include "core/wasi/calls.h"

namespace cordon::wasi {
namespace {

constexpr HostFunction kFunctions[] = {
#define NEEDS(...) __VA_OPT__(, ) __VA_ARGS__
#define CALL(name, needs, ...)                                                                     \
  HostFunction{#name, Adapter<&calls::name needs>::kParams, Adapter<&calls::name needs>::kResults, \
               &Adapter<&calls::name needs>::enter},
#define CALL_EXIT(name, ...) \
  HostFunction{#name, Adapter<&calls::name>::kParams, {}, &Adapter<&calls::name>::enter},
#include "core/wasi/wasi.def"
};
static_assert(std::size(kFunctions) == 46, "wasi_snapshot_preview1 has 46 functions");

}  // namespace

std::span<const HostFunction> host_functions() { return kFunctions; }

Wasi::Wasi(WasiConfig config, PathBroker& broker)
    : config_(std::move(config)), broker_(broker), fds_(config_.limits.open_fds) {
  for (uint32_t number = 0; number < config_.stdio.size(); ++number) {
    fds_.place(number, stdio_entry(config_.stdio[number], number == 0,
                                   (config_.terminals >> number & 1) != 0));
  }
  const std::vector<Preopen>& preopens = broker.preopens();
  for (uint32_t i = 0; i < preopens.size(); ++i) {
    auto entry = std::make_unique<FdEntry>();
    entry->type = FileType::directory;
    entry->base = right::kDirectory;
    entry->inheriting = right::kDirectory | right::kFile;
    entry->directory = std::make_shared<Directory>(broker, i);
    entry->preopened_as = preopens[i].guest_path;
    entry->writable = preopens[i].writable;
    fds_.place(static_cast<uint32_t>(config_.stdio.size()) + i, std::move(entry));
  }
}

}  // namespace cordon::wasi
