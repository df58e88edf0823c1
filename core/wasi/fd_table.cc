// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/fd_table.h"

#include <unistd.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/wasi/host_stat.h"

namespace cordon::wasi {

bool FdEntry::has(Rights needed) const { return (needed & ~implied_rights(base)) == 0; }

Errno FdEntry::check(Rights needed) const {
  const Rights missing = needed & ~implied_rights(base);
  if (missing == 0) return Errno::success;
  if (is_directory()) {
    const bool only_changes = (missing & ~right::kChanging) == 0;
    return !writable && only_changes ? Errno::success : Errno::notcapable;
  }
  if ((missing & (right::fd_read | right::fd_write | right::fd_allocate)) != 0) return Errno::badf;
  if ((missing & right::fd_filestat_set_size) != 0) return Errno::inval;
  constexpr Rights kPlaces = right::fd_seek | right::fd_tell | right::fd_advise;
  if (is_stdio() && (missing & kPlaces) != 0) return Errno::spipe;
  if (!writable && (missing & right::fd_filestat_set_times) != 0) return Errno::rofs;
  return Errno::notcapable;
}

KeptFile::~KeptFile() {
  FileStat stat;
  const bool unlinked = stat_host(host_, stat) == Errno::success && stat.nlink == 0;
  broker_.close_file(handle_, unlinked);
}

std::unique_ptr<FdEntry> stdio_entry(int host, bool is_input, bool is_terminal) {
  FileStat stat;
  if (host < 0 || stat_host(host, stat) != Errno::success) return nullptr;
  auto entry = std::make_unique<FdEntry>();
  entry->type = is_terminal ? FileType::character_device : file_type(stat.mode_type);
  entry->host = host;
  entry->base = (right::kBoth & ~right::fd_filestat_set_times) | right::poll_fd_readwrite;
  entry->base |= is_input ? right::fd_read : right::fd_write;
  // A terminal has no position: wasi-libc's isatty() takes a character device without one for a
  // terminal.
  if (lseek(host, 0, SEEK_CUR) >= 0) {
    entry->base |= is_input ? right::fd_seek | right::fd_tell : right::fd_tell;
  }
  return entry;
}

std::optional<uint32_t> FdTable::free_number() const {
  auto free = std::find(entries_.begin(), entries_.end(), nullptr);
  auto number = static_cast<uint32_t>(free - entries_.begin());
  if (number >= limit_) return std::nullopt;
  return number;
}

void FdTable::place(uint32_t number, std::unique_ptr<FdEntry> entry) {
  CHECK(number < limit_);
  if (number >= entries_.size()) entries_.resize(number + 1);
  entries_[number] = std::move(entry);
}

bool FdTable::close(uint32_t number) {
  if (find(number) == nullptr) return false;
  entries_[number].reset();
  return true;
}

bool FdTable::renumber(uint32_t from, uint32_t to) {
  if (find(from) == nullptr || find(to) == nullptr) return false;
  if (from != to) entries_[to] = std::move(entries_[from]);
  return true;
}

}  // namespace cordon::wasi
