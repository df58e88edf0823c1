// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/wasi/caller.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace cordon::wasi {

WasiCaller::WasiCaller(WasiConfig config) {
  signal(SIGPIPE, SIG_IGN);
  auto made = runtime::Memory::create({.limits = {.min = 2, .max = 2, .has_max = true}}, 2);
  EXPECT_TRUE(made) << made.error().message();
  memory = std::move(*made);
  int in[2], out[2];
  EXPECT_EQ(pipe(in), 0);
  EXPECT_EQ(pipe(out), 0);
  stdin_ = Fd(in[0]);
  stdin_writer = Fd(in[1]);
  stdout_reader = Fd(out[0]);
  stdout_ = Fd(out[1]);
  if (config.stdio == std::array{0, 1, 2}) config.stdio = {in[0], out[1], out[1]};
  wasi.emplace(std::move(config), broker);
}

Trap WasiCaller::enter(std::string_view name, std::vector<uint64_t> args, uint64_t& result) {
  auto all = host_functions();
  auto found = std::find_if(all.begin(), all.end(), [&](auto& f) { return f.name == name; });
  if (found == all.end() || found->params.size() != args.size()) {
    ADD_FAILURE() << name << " with " << args.size() << " arguments";
    return Trap::host_failure;
  }
  runtime::HostCall host{nullptr, memory.get()};
  args.push_back(0);  // arguments and results may be the same slots
  Trap trap = found->enter(&*wasi, host, args.data(), args.data());
  result = args[0];
  return trap;
}

Errno WasiCaller::call(std::string_view name, std::vector<uint64_t> args) {
  uint64_t result = 0;
  EXPECT_EQ(enter(name, std::move(args), result), Trap::none);
  EXPECT_LE(result, static_cast<uint64_t>(Errno::notcapable)) << name;
  return static_cast<Errno>(result);
}

uint32_t WasiCaller::put_text(uint32_t address, std::string_view text) {
  EXPECT_NE(memory->at(address, text.size()), nullptr);
  if (!text.empty()) std::memcpy(memory->base() + address, text.data(), text.size());
  return static_cast<uint32_t>(text.size());
}

std::string WasiCaller::text(uint32_t address, size_t size) const {
  EXPECT_NE(memory->at(address, size), nullptr);
  return {reinterpret_cast<const char*>(memory->base()) + address, size};
}

void WasiCaller::put_iovecs(uint32_t address, const std::vector<GuestIovec>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    put(address + static_cast<uint32_t>(i * sizeof(GuestIovec)), list[i]);
  }
}

Errno WasiCaller::open(uint32_t dir, std::string_view path, uint32_t oflags, Rights base,
                       uint32_t& number, uint32_t fdflags, Rights inheriting) {
  Errno e = with_path("path_open", {dir, kLookupSymlinkFollow}, path,
                      {oflags, base, inheriting, fdflags, kScratch});
  if (e == Errno::success) number = get<uint32_t>(kScratch);
  return e;
}

uint32_t WasiCaller::must_open(uint32_t dir, std::string_view path, uint32_t oflags,
                               uint32_t fdflags) {
  uint32_t number = ~0U;
  Rights base = (oflags & oflag::kDirectory) != 0 ? right::kDirectory : right::kFile;
  EXPECT_EQ(open(dir, path, oflags, base, number, fdflags, kAllRights), Errno::success) << path;
  return number;
}

Errno WasiCaller::write(uint32_t fd, std::string_view text) {
  put_iovecs(kIovecAt, {{kDataAt, put_text(kDataAt, text)}});
  return call("fd_write", {fd, kIovecAt, 1, kScratch});
}

Errno WasiCaller::read(uint32_t fd, uint32_t size, std::string& out) {
  put_iovecs(kIovecAt, {{kDataAt, size}});
  Errno e = call("fd_read", {fd, kIovecAt, 1, kScratch});
  if (e == Errno::success) out = text(kDataAt, get<uint32_t>(kScratch));
  return e;
}

Errno WasiCaller::with_path(std::string_view name, std::vector<uint64_t> before,
                            std::string_view path, std::vector<uint64_t> after) {
  before.insert(before.end(), {kPathAt, put_text(kPathAt, path)});
  before.insert(before.end(), after.begin(), after.end());
  return call(name, std::move(before));
}

}  // namespace cordon::wasi
