// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls that open, read, write and list files.
#include <unistd.h>

#include <algorithm>

#include "fuzz/oracle/finding.h"
#include "fuzz/oracle/wasi/guest.h"

namespace cordon::fuzz {

using namespace wasi;

void WasiGuest::open() {
  const uint32_t directory = choices_.once_in(8) ? number() : below(4) == 0 ? kRo : kRw;
  WasiModel::Opening how{name(), 0, choices_.once_in(3) ? fdflag::kAppend : 0, some_rights(),
                         some_rights()};
  switch (below(4)) {
    case 0:
      how.name = ".";
      how.oflags = oflag::kDirectory;
      break;
    case 1: how.oflags = oflag::kCreat | (below(4) == 0 ? oflag::kExcl : 0); break;
    case 2: how.oflags = oflag::kCreat | (below(4) == 0 ? oflag::kTrunc : 0); break;
    default: break;
  }
  const uint32_t at = place(4);
  const uint32_t size = caller_.put_text(kPathAt, how.name);
  uint32_t opened = 0;
  // Decoding comes first, and with it the place of the result.
  Errno wanted = model_.check(directory, right::path_open);
  if (wanted == Errno::success && !is_in_memory(at, 4)) wanted = Errno::fault;
  if (wanted == Errno::success) wanted = model_.open(directory, how, opened);
  const Errno got = make("path_open",
                         {directory, kLookupSymlinkFollow, kPathAt, size, how.oflags, how.base,
                          how.inheriting, how.fdflags, at},
                         {{at, 4}});
  expect_same("path_open", got, wanted);
  if (got != Errno::success) return;
  expect(caller_.get<uint32_t>(at) == opened, "path_open", "another number");
}

void WasiGuest::seek() {
  constexpr int64_t kOffsets[] = {0, 0, 1, -1, 7, 100, -100, 5000, INT64_MAX, INT64_MIN};
  const uint32_t fd = number(), whence = below(4), at = place(8);
  const int64_t offset = choices_.of(kOffsets);
  uint64_t position = 0;
  Errno wanted = model_.check(fd, right::fd_tell);
  if (wanted == Errno::success && !is_in_memory(at, 8)) wanted = Errno::fault;
  // A position so far away that the result depends on the host's file system.
  if (wanted == Errno::success && std::abs(offset / 2) > 10'000) return;
  if (wanted == Errno::success) wanted = model_.seek(fd, offset, whence, position);
  const Errno got = make("fd_seek", {fd, static_cast<uint64_t>(offset), whence, at}, {{at, 8}});
  expect_same("fd_seek", got, wanted);
  if (got != Errno::success) return;
  expect(caller_.get<uint64_t>(at) == position, "fd_seek", "another position");
}

bool WasiGuest::buffers(std::vector<GuestIovec>& list, uint32_t& count) {
  for (uint32_t i = below(5); i > 0; --i) {
    const uint32_t size = choices_.once_in(4) ? below(2000) : below(64);
    const bool outside = choices_.once_in(32);
    list.push_back({outside ? kEnd - size + 1 : kDataAt + below(4096), outside ? size + 1 : size});
  }
  caller_.put_iovecs(kIovecAt, list);
  count = static_cast<uint32_t>(list.size());
  // So many that the product overflows 32 bits to a small number.
  if (choices_.once_in(16)) count += uint32_t{1} << 29;
  return is_in_memory(kIovecAt, uint64_t{8} * count) &&
         std::ranges::all_of(list, [](auto& b) { return is_in_memory(b.at, b.size); });
}

void WasiGuest::write() {
  const uint32_t fd = number(), at = place(4);
  const bool positioned = below(2) == 0;
  const uint64_t offset = below(5000);
  std::vector<GuestIovec> list;
  uint32_t count = 0;
  const bool fit = buffers(list, count);
  std::string bytes;
  for (const GuestIovec& buffer : list) {
    if (fit) bytes += text(buffer.at, buffer.size);
  }
  Errno wanted = model_.check(fd, right::fd_write | (positioned ? right::fd_seek : 0));
  if (wanted == Errno::success && (!fit || !is_in_memory(at, 4))) wanted = Errno::fault;
  const bool ends = wanted == Errno::success && !bytes.empty() && model_.output_left == 0;
  ModelEntry* const entry = model_.find(fd);
  const char* const call = positioned ? "fd_pwrite" : "fd_write";
  std::vector<uint64_t> args = {fd, kIovecAt, count};
  if (positioned) args.push_back(offset);
  args.push_back(at);
  const Errno got = make(call, args, {{at, 4}});
  expect((trap_ == Trap::output_limit) == ends, call, "the limit of what may be written");
  if (ends) return;
  expect_same(call, got, wanted);
  if (got != Errno::success) return;
  const auto where = positioned ? std::optional(offset) : std::nullopt;
  const std::string written = model_.write(*entry, bytes, where);
  expect(caller_.get<uint32_t>(at) == written.size(), call, "another number of bytes");
  expect(caller_.wasi->output_left() == model_.output_left, call, "counted otherwise");
  if (!entry->is_pipe) return;
  std::string seen(bytes.size() + 1, '\0');
  const ssize_t size = ::read(caller_.stdout_reader.get(), seen.data(), seen.size());
  seen.resize(size < 0 ? 0 : static_cast<size_t>(size));
  expect(seen == written, call, "other bytes in the pipe");
}

void WasiGuest::read() {
  const uint32_t fd = number(), at = place(4);
  // Nothing writes into that pipe.
  if (model_.find(fd) != nullptr && model_.find(fd)->is_pipe) return;
  const bool positioned = below(2) == 0;
  const uint64_t offset = below(5000);
  std::vector<GuestIovec> list;
  uint32_t count = 0;
  const bool fit = buffers(list, count);
  // One buffer: the final contents of several overlapping ones are unspecified.
  if (list.size() > 1) {
    list.resize(1);
    count = 1;
  }
  const bool one_fits = fit || (count == 1 && is_in_memory(list[0].at, list[0].size));
  Errno wanted = model_.check(fd, right::fd_read | (positioned ? right::fd_seek : 0));
  if (wanted == Errno::success && (!one_fits || !is_in_memory(at, 4))) wanted = Errno::fault;
  const char* const call = positioned ? "fd_pread" : "fd_read";
  const uint32_t room = list.empty() ? 0 : list[0].size;
  std::vector<uint64_t> args = {fd, kIovecAt, count};
  if (positioned) args.push_back(offset);
  args.push_back(at);
  const Errno got = make(call, args, {{at, 4}, {list.empty() ? 0 : list[0].at, room}});
  ModelEntry* const entry = model_.find(fd);
  expect_same(call, got, wanted);
  if (got != Errno::success) return;
  const std::string bytes =
      model_.read(*entry, room, positioned ? std::optional(offset) : std::nullopt);
  expect(caller_.get<uint32_t>(at) == bytes.size(), call, "another number of bytes");
  if (!bytes.empty()) {
    expect(text(list[0].at, static_cast<uint32_t>(bytes.size())) == bytes, call, "other bytes");
  }
}

// All of a directory, or a part of it from a cookie on.
void WasiGuest::list() {
  const uint32_t fd = choices_.once_in(4) ? number() : kRw;
  ModelEntry* const entry = model_.find(fd);
  constexpr uint64_t kNumbered = uint64_t{1} << 30;
  uint64_t cookie = 0;
  if (below(2) == 0) {
    cookie = kNumbered + below(8);
    if (entry != nullptr && !entry->cookies.empty() && below(2) == 0) {
      cookie = *entry->cookies.rbegin() + below(2);
    }
  }
  const uint32_t size = choices_.once_in(4) ? below(200) : 4096, used = place(4);
  // A list that was cut off has assigned one more number.
  const bool known = entry == nullptr || !entry->was_cut || entry->cookies.contains(cookie);
  if (cookie != 0 && !known) return;
  Errno wanted = model_.check(fd, right::fd_readdir);
  if (wanted == Errno::success && !is_in_memory(used, 4)) wanted = Errno::fault;
  if (wanted == Errno::success && cookie >= kNumbered && !entry->cookies.contains(cookie)) {
    wanted = Errno::inval;
  }
  const Errno got =
      make("fd_readdir", {fd, kDataAt, size, cookie, used}, {{kDataAt, size}, {used, 4}});
  expect_same("fd_readdir", got, wanted);
  if (got != Errno::success) return;
  if (cookie == 0) entry->cookies.clear();
  std::vector<std::string> names;
  const auto end = caller_.get<uint32_t>(used);
  entry->was_cut = end == size || (entry->was_cut && cookie != 0);
  for (uint32_t at = 0; at + sizeof(Dirent) <= end;) {
    const auto head = caller_.get<Dirent>(kDataAt + at);
    // Given out, though its name may be cut off. Smaller numbers are the host's own.
    if (head.next >= kNumbered) entry->cookies.insert(head.next);
    at += static_cast<uint32_t>(sizeof head) + head.name_size;
    if (at <= end) names.push_back(text(kDataAt + at - head.name_size, head.name_size));
  }
  if (cookie != 0 || size < 4096) return;
  std::vector<std::string> all = {".", ".."};
  for (const auto& [name, file] : entry->writable ? model_.writable : model_.read_only) {
    all.push_back(name);
  }
  expect(names == all, "fd_readdir", "other names");
}

void WasiGuest::unlink() {
  const uint32_t fd = choices_.once_in(4) ? number() : kRw;
  const std::string gone = name();
  const uint32_t size = caller_.put_text(kPathAt, gone);
  expect_same("path_unlink_file", make("path_unlink_file", {fd, kPathAt, size}, {}),
              model_.unlink(fd, gone));
}

}  // namespace cordon::fuzz
