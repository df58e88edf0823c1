// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/wasi/guest.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>

#include "fuzz/oracle/finding.h"

namespace cordon::fuzz {

using namespace wasi;

namespace {

constexpr uint32_t kMostFds = 9;
constexpr uint64_t kOutput = 3000;
const std::vector<std::string> kArgs = {"program", "", "an argument"}, kEnv = {"A=b"};

WasiConfig config() {
  WasiConfig made;
  made.args = kArgs;
  made.env = kEnv;
  made.limits = {.open_fds = kMostFds, .output_bytes = kOutput};
  return made;
}

}  // namespace

WasiGuest::WasiGuest(Choices& choices)
    : choices_(choices), caller_(config()), model_(kMostFds, kOutput) {
  for (uint32_t i = 0; i < 5; ++i) {
    const FdEntry& entry = *caller_.wasi->fds().find(i);
    ModelEntry& made = model_.entries[i];
    made.base = entry.base;
    made.inheriting = entry.inheriting;
    made.is_directory = i >= kRw;
    made.is_pipe = i < kRw;
    made.writable = i != kRo;
    made.preopened_as = entry.preopened_as;
  }
  for (const bool writable : {true, false}) {
    const std::string name = writable ? "a" : "r";
    (writable ? model_.writable : model_.read_only)[name] =
        std::make_shared<ModelFile>(ModelFile{"content"});
    std::ofstream(caller_.broker.host_path(writable ? 0 : 1) + "/" + name) << "content";
  }
  if (below(2) == 1) caller_.broker.cookie_spread = uint64_t{1} << 40;
  fcntl(caller_.stdout_reader.get(), F_SETFL, O_NONBLOCK);
}

void WasiGuest::call() {
  constexpr void (WasiGuest::* kCalls[])() = {
      &WasiGuest::open,     &WasiGuest::open,   &WasiGuest::open,   &WasiGuest::close,
      &WasiGuest::renumber, &WasiGuest::rights, &WasiGuest::seek,   &WasiGuest::write,
      &WasiGuest::write,    &WasiGuest::read,   &WasiGuest::list,   &WasiGuest::unlink,
      &WasiGuest::prestat,  &WasiGuest::times,  &WasiGuest::advise, &WasiGuest::poll,
      &WasiGuest::arguments};
  (this->*choices_.of(kCalls))();
}

Rights WasiGuest::some_rights() {
  switch (below(4)) {
    case 0: return kAllRights & ~(Rights{1} << below(30));
    case 1: return right::kFile | Rights{1} << below(30);
    case 2: return choices_.bits(4) & kAllRights;
    default: return kAllRights;
  }
}

std::string WasiGuest::name() {
  constexpr const char* kNames[] = {"a", "b", "c", "r"};
  return choices_.of(kNames);
}

uint32_t WasiGuest::place(uint32_t size) {
  if (!choices_.once_in(16)) return kScratch + 8 * below(64);
  const uint32_t edges[] = {kEnd - size, kEnd - size + 1, kEnd, 0xFFFF'FFFF, 0u - size};
  return choices_.of(edges);
}

Errno WasiGuest::make(std::string_view name, std::vector<uint64_t> args,
                      std::vector<Range> writes) {
  const uint8_t* const memory = caller_.memory->base();
  before_.assign(memory, memory + kEnd);
  uint64_t result = 0;
  trap_ = caller_.enter(name, std::move(args), result);
  expect(trap_ == Trap::none || trap_ == Trap::output_limit, name, "a trap");
  const bool succeeded = result == 0 && trap_ == Trap::none;
  for (const Range& range : writes) {
    if (!succeeded || !is_in_memory(range.address, range.size)) continue;
    std::copy_n(memory + range.address, range.size,
                before_.begin() + static_cast<long>(range.address));
  }
  expect(std::equal(before_.begin(), before_.end(), memory), name, "writes elsewhere in memory");
  return static_cast<Errno>(result);
}

void WasiGuest::expect_same(std::string_view call, Errno got, Errno wanted) {
  if (got == wanted) return;
  finding(std::string(call) + ": errno " + std::to_string(static_cast<int>(got)) + ", not " +
          std::to_string(static_cast<int>(wanted)));
}

void WasiGuest::expect(bool holds, std::string_view call, std::string_view what) {
  if (!holds) finding(std::string(call) + ": " + std::string(what));
}

void WasiGuest::close() {
  const uint32_t fd = number();
  // Standard input and the preopens mostly stay, since many calls use them.
  if (fd < 5 && below(8) != 0) return;
  expect_same("fd_close", make("fd_close", {fd}, {}), model_.close(fd));
}

void WasiGuest::renumber() {
  const uint32_t from = number(), to = number();
  if (std::min(from, to) < 5 && below(8) != 0) return;
  expect_same("fd_renumber", make("fd_renumber", {from, to}, {}), model_.renumber(from, to));
}

// Fewer rights, or ones that do not exist; then the result of fd_fdstat_get.
void WasiGuest::rights() {
  const uint32_t fd = number();
  const ModelEntry* const known = model_.find(fd);
  const Rights have = known == nullptr ? 0 : known->base,
               pass = known == nullptr ? 0 : known->inheriting;
  const auto changed = [&](Rights rights) {
    const Rights one = Rights{1} << below(30);
    return below(4) == 0 ? rights | one : rights & ~one;
  };
  const Rights base = below(2) == 0 ? have : changed(have),
               inheriting = below(2) == 0 ? pass : changed(pass);
  expect_same("fd_fdstat_set_rights", make("fd_fdstat_set_rights", {fd, base, inheriting}, {}),
              model_.set_rights(fd, base, inheriting));
  const uint32_t at = place(sizeof(Fdstat));
  Errno wanted = model_.check(fd, 0);
  if (wanted == Errno::success && !is_in_memory(at, sizeof(Fdstat))) wanted = Errno::fault;
  expect_same("fd_fdstat_get", make("fd_fdstat_get", {fd, at}, {{at, sizeof(Fdstat)}}), wanted);
  if (wanted != Errno::success) return;
  const auto stat = caller_.get<Fdstat>(at);
  const ModelEntry& entry = *model_.find(fd);
  const Rights hidden = entry.writable ? 0 : right::kChanging;
  expect(stat.rights_base == (entry.base & ~hidden), "fd_fdstat_get", "other rights");
  expect(stat.rights_inheriting == (entry.inheriting & ~hidden), "fd_fdstat_get",
         "other rights to pass on");
}

void WasiGuest::prestat() {
  const uint32_t fd = number(), at = place(sizeof(Prestat));
  const ModelEntry* const entry = model_.find(fd);
  const bool is_preopen = entry != nullptr && entry->preopened_as;
  Errno wanted = is_preopen ? Errno::success : Errno::badf;
  if (entry != nullptr && !is_in_memory(at, sizeof(Prestat))) wanted = Errno::fault;
  expect_same("fd_prestat_get", make("fd_prestat_get", {fd, at}, {{at, sizeof(Prestat)}}), wanted);
  const auto size = static_cast<uint32_t>(is_preopen ? entry->preopened_as->size() : 3);
  if (wanted == Errno::success) {
    expect(caller_.get<Prestat>(at).name_size == size, "fd_prestat_get", "another size");
  }
  const uint32_t room = size + below(3) - 1, to = place(room);
  wanted = entry == nullptr          ? Errno::badf
           : !is_in_memory(to, room) ? Errno::fault
           : !is_preopen             ? Errno::badf
           : room < size             ? Errno::nametoolong
                                     : Errno::success;
  expect_same("fd_prestat_dir_name", make("fd_prestat_dir_name", {fd, to, room}, {{to, size}}),
              wanted);
  if (wanted == Errno::success) {
    expect(text(to, size) == *entry->preopened_as, "fd_prestat_dir_name", "another name");
  }
}

void WasiGuest::arguments() {
  const bool of_args = below(2) == 0;
  const std::vector<std::string>& list = of_args ? kArgs : kEnv;
  std::string all;
  for (const std::string& item : list) all += item + '\0';
  const uint32_t count = place(4), size = place(4) + 4;
  const char* const call = of_args ? "args_sizes_get" : "environ_sizes_get";
  const bool fit = is_in_memory(count, 4) && is_in_memory(size, 4);
  const Errno sizes = make(call, {count, size}, {{count, 4}, {size, 4}});
  expect_same(call, sizes, fit ? Errno::success : Errno::fault);
  if (fit && count + 4 <= size) {
    expect(caller_.get<uint32_t>(count) == list.size(), call, "another number");
    expect(caller_.get<uint32_t>(size) == all.size(), call, "another size");
  }
  const auto pointers = static_cast<uint32_t>(4 * list.size());
  const uint32_t argv = place(pointers), to = kDataAt + below(16);
  const auto bytes = static_cast<uint32_t>(all.size());
  const char* const get = of_args ? "args_get" : "environ_get";
  expect_same(get, make(get, {argv, to}, {{argv, pointers}, {to, bytes}}),
              is_in_memory(argv, pointers) ? Errno::success : Errno::fault);
  if (is_in_memory(argv, pointers)) expect(text(to, bytes) == all, get, "other texts");
}

// The times of an existing file, by its name; the broker's special values are no times.
void WasiGuest::times() {
  constexpr uint64_t kTimes[] = {0,
                                 1,
                                 1'000'000'000,
                                 std::numeric_limits<uint64_t>::max() - 2,
                                 std::numeric_limits<uint64_t>::max() - 1,
                                 std::numeric_limits<uint64_t>::max()};
  const uint64_t atim = choices_.of(kTimes), mtim = choices_.of(kTimes);
  const uint32_t flags = below(16);
  const auto wrong = [&](uint32_t set, uint32_t now, uint64_t value) {
    return (flags & set) != 0 &&
           ((flags & now) != 0 || value >= std::numeric_limits<uint64_t>::max() - 1);
  };
  const bool invalid = wrong(fstflag::kAtim, fstflag::kAtimNow, atim) ||
                       wrong(fstflag::kMtim, fstflag::kMtimNow, mtim);
  const uint32_t fd = number();
  Errno wanted = model_.check(fd, right::fd_filestat_set_times);
  const ModelEntry* const entry = model_.find(fd);
  if (wanted == Errno::success && invalid) {
    wanted = Errno::inval;
  } else if (wanted == Errno::success && !entry->writable) {
    wanted = Errno::rofs;
  }
  const Errno got = make("fd_filestat_set_times", {fd, atim, mtim, flags}, {});
  expect_same("fd_filestat_set_times", got, wanted);
}

void WasiGuest::advise() {
  constexpr uint64_t kOffsets[] = {0, 1, 5000, INT64_MAX, uint64_t{1} << 63};
  const uint32_t fd = number(), advice = below(8);
  const uint64_t offset = choices_.of(kOffsets), size = choices_.of(kOffsets);
  Errno wanted = model_.check(fd, right::fd_advise);
  const bool invalid = advice > 5 || offset > INT64_MAX || size > INT64_MAX;
  if (wanted == Errno::success && invalid) wanted = Errno::inval;
  expect_same("fd_advise", make("fd_advise", {fd, offset, size, advice}, {}), wanted);
}

// Clocks, and numbers that are no descriptor: something is due at once, and nothing else by then.
void WasiGuest::poll() {
  constexpr uint64_t kLater = 4'000'000'000, kPatience = 2'000'000'000;  // ns
  const uint32_t count = 1 + below(4), first = below(count);
  constexpr auto kSize = static_cast<uint32_t>(sizeof(Subscription));
  std::vector<uint64_t> due;
  for (uint32_t i = 0; i < count; ++i) {
    Subscription asked;
    asked.userdata = i;
    asked.clock_or_fd = kClockMonotonic;
    asked.timeout = i == first ? 0 : kLater;
    if (i != first && below(4) == 0) {
      asked.tag = 1;
      asked.clock_or_fd = 0xFFFF;  // an error, which is an event
    }
    caller_.put(kDataAt + kSize * i, asked);
    due.push_back(asked.tag == 1 ? 0 : asked.timeout);
  }
  const uint32_t room = count * sizeof(Event), events = place(choices_.once_in(2) ? room : 32);
  const uint32_t happened = 0x800;
  const bool fits = is_in_memory(events, room);
  const auto start = std::chrono::steady_clock::now();
  const Errno got =
      make("poll_oneoff", {kDataAt, events, count, happened}, {{events, room}, {happened, 4}});
  const auto took = static_cast<uint64_t>((std::chrono::steady_clock::now() - start).count());
  expect_same("poll_oneoff", got, fits ? Errno::success : Errno::fault);
  if (!fits) return;
  expect(took < kPatience, "poll_oneoff", "waits for what is due later");
  const auto at_once = static_cast<uint32_t>(std::count(due.begin(), due.end(), 0));
  expect(caller_.get<uint32_t>(happened) == at_once, "poll_oneoff", "other events");
}

}  // namespace cordon::fuzz
