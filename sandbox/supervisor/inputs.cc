// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/inputs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"
#include "sandbox/policy/file_systems.h"
#include "sandbox/protocol/codec.h"

namespace cordon::supervisor {
namespace {

constexpr size_t kReadStep = size_t{1} << 16;

struct InputKind {
  const char* name;
  uint64_t max_size;  // [L1]
};
constexpr InputKind kModule{"module", kMaxModuleSize};
constexpr InputKind kPrecompiled{"precompiled module", protocol::kMaxCode};

Failure too_large(const InputKind& kind) {
  return fail(cordon::diag::too_large, kNoOffset,
              std::string(kind.name) + " is larger than the limit of " +
                  std::to_string(kind.max_size) + " bytes");
}

// A pipe or terminal may be slow or silent: wait no longer than the run may last.
Result<Fd> copy_of_stream(int source, const InputKind& kind, const Deadline& deadline,
                          bool& timed_out) {
  std::vector<uint8_t> bytes;
  for (;;) {
    pollfd wait{source, POLLIN, 0};
    timespec left = deadline.left();
    int ready = ppoll(&wait, 1, &left, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail_os("ppoll", errno);
    if (deadline.passed()) {
      timed_out = true;
      return Fd();
    }
    if (ready == 0) continue;
    size_t size = bytes.size();
    bytes.resize(size + kReadStep);
    ssize_t got = read(source, bytes.data() + size, kReadStep);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return fail_os("read", errno);
    bytes.resize(size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return sealed_copy_of_bytes(bytes, kind.name);
    if (bytes.size() > kind.max_size) return too_large(kind);
  }
}

// Refuses a module that is too large with a message that names it.
Failure about(const std::string& name, const InputKind& kind, Diagnostic error) {
  const bool is_named = error.kind == &cordon::diag::too_large && &kind == &kModule;
  if (!is_named) error.detail = name + ": " + error.detail;
  return Failure(std::move(error));
}

// A file with its size, or the whole of a stream.
struct Opened {
  Fd file, copy;
  uint64_t size = 0;
};

Result<Opened> open_input(const std::string& path, const InputKind& kind, const Deadline& deadline,
                          bool& timed_out) {
  // O_NONBLOCK: opening a fifo must not wait for its writer either.
  Opened opened;
  const bool standard = path == kStandardInput;
  const std::string name = standard ? "standard input" : path;
  opened.file = standard ? Fd(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3))
                         : Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened.file.valid()) return fail_os("open " + name, errno);
  struct stat status;
  if (fstat(opened.file.get(), &status) != 0) return fail_os("fstat " + name, errno);
  if (S_ISDIR(status.st_mode)) return fail_os("open " + name, EISDIR);
  // A file of size 0 may be generated as it is read, as in /proc. Standard input is read from its
  // current position.
  if (!standard && S_ISREG(status.st_mode) && status.st_size > 0) {
    opened.size = static_cast<uint64_t>(status.st_size);
    // Refused at once, not after a gigabyte of a sparse file's zeros.
    if (opened.size > kind.max_size) return about(name, kind, too_large(kind).value());
    return opened;
  }
  auto copy = copy_of_stream(opened.file.get(), kind, deadline, timed_out);
  if (!copy) return about(name, kind, copy.error());
  opened.copy = std::move(*copy);
  if (!timed_out) opened.size = TRY(size_of_sealed(opened.copy.get()));
  return opened;
}

// The file may change while it is read and afterwards: the copy is used, which cannot. It is no
// larger than the size checked before.
Result<Fd> copy_of_file(const std::string& path, int file, uint64_t size, const InputKind& kind) {
  auto copy = sealed_copy_of_file(file, size, kind.name);
  if (copy) return copy;
  if (copy.error().kind == &cordon::diag::too_large) {
    copy.error().detail = "the " + std::string(kind.name) + " grew while it was read";
  }
  return about(path, kind, copy.error());
}

Result<void> make_config(const RunRequest& request, Inputs& inputs) {
  protocol::Config config;
  config.action = request.action;
  config.engine = engine_of(request);
  config.args = request.args;
  config.env = request.env;
  config.invokes = request.invoke.has_value();
  config.invoke = request.invoke.value_or("");
  for (const DirectoryGrant& grant : request.directories) {
    config.preopens.push_back({grant.guest_path, grant.writable});
  }
  config.limit_fuel = request.fuel.has_value();
  config.fuel = request.fuel.value_or(0);
  config.max_memory = request.max_memory;
  config.growth_fails = request.growth_fails;
  config.max_stack = request.max_stack;
  config.max_output = request.max_output;
  config.max_files = request.max_files;
  for (uint32_t stream = 0; stream < 3; ++stream) {
    if (isatty(static_cast<int>(stream)) != 0) config.terminals |= 1U << stream;
  }
  config.json = request.json;
  config.hotness = request.hotness;
  config.precompiled = takes_precompiled(request);
  config.sets_hot_fuel = request.hot_fuel.has_value();
  config.hot_fuel = request.hot_fuel.value_or(0);
  std::vector<uint8_t> bytes = TRY(protocol::encode(config));
  if (bytes.size() <= protocol::kMaxInlineConfig) {
    inputs.config.assign(bytes.begin(), bytes.end());
    return {};
  }
  inputs.config_file = TRY(sealed_copy_of_bytes(bytes, "config"));
  return {};
}

Result<Grant> open_grant(const DirectoryGrant& wanted) {
  const std::string& path = wanted.host_path;
  Grant grant{Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), wanted.writable, {}};
  if (!grant.directory.valid()) return fail_os("--dir: open directory " + path, errno);
  struct statfs file_system;
  struct stat status;
  if (fstatfs(grant.directory.get(), &file_system) != 0) return fail_os("fstatfs " + path, errno);
  if (fstat(grant.directory.get(), &status) != 0) return fail_os("fstat " + path, errno);
  const auto type = static_cast<uint32_t>(file_system.f_type);
  const std::string_view interface = policy::kernel_interface(type);
  if (!interface.empty()) {  // [F1]
    return fail_os("--dir: " + path + " is an interface of the kernel (" + std::string(interface) +
                       "), of which no guest is served anything: grant a directory of files",
                   EOPNOTSUPP);
  }
  if (policy::closes_at_once(type)) grant.local = status.st_dev;
  return grant;
}

// [F1] What the guest may write to, the cache cannot be in.
Result<CodeCache> open_cache(const std::string& path, const std::vector<Grant>& grants) {
  CodeCache cache = TRY(CodeCache::open(path, IfMissing::Make));
  for (const Grant& grant : grants) {
    if (grant.writable && TRY(is_beneath(cache.directory(), grant.directory.get()))) {
      return fail_os("--cache: the guest may write to " + path +
                         " by --dir: grant less, or name another directory",
                     EPERM);
    }
  }
  return cache;
}

}  // namespace

Result<Inputs> open_inputs(const RunRequest& request, const Deadline& deadline) {
  Inputs inputs;
  TRY_VOID(make_config(request, inputs));
  for (const DirectoryGrant& grant : request.directories) {
    inputs.grants.push_back(TRY(open_grant(grant)));
  }
  if (uses_cache(request)) inputs.cache = TRY(open_cache(request.cache->directory, inputs.grants));
  Opened module = TRY(open_input(request.module_path, kModule, deadline, inputs.timed_out));
  inputs.module_file = std::move(module.file);
  inputs.module = std::move(module.copy);
  inputs.module_size = module.size;
  if (inputs.timed_out || !takes_precompiled(request)) return inputs;
  const std::string& path = request.precompiled_path;
  Opened code = TRY(open_input(path, kPrecompiled, deadline, inputs.timed_out));
  if (inputs.timed_out) return inputs;
  if (!code.copy.valid()) {
    code.copy = TRY(copy_of_file(path, code.file.get(), code.size, kPrecompiled));
  }
  // [W1] Like the compile worker's code: no descriptor remains through which it could be written.
  inputs.precompiled = TRY(reopen_read_only(code.copy.get()));
  inputs.precompiled_size = TRY(size_of_sealed(code.copy.get()));
  return inputs;
}

Result<Fd> copy_module(const std::string& path, const Fd& file, uint64_t size) {
  return copy_of_file(path, file.get(), size, kModule);
}

}  // namespace cordon::supervisor
