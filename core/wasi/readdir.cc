// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fd_readdir: entries one after the other; the last one is cut off at the buffer's end. A buffer
// that is not full means the end of the directory, so it is filled as long as there are entries.
#include <algorithm>

#include "core/wasi/calls.h"

namespace cordon::wasi::calls {
namespace {

// Appends what fits; false once the buffer is full.
bool append(Buffer out, size_t& used, ByteSpan bytes) {
  size_t size = std::min(bytes.size(), out.size() - used);
  if (size > 0) std::memcpy(out.data() + used, bytes.data(), size);
  used += size;
  return used < out.size();
}

bool append_entry(Buffer out, size_t& used, const DirEntry& entry, uint64_t next) {
  Dirent head;
  head.next = next;
  head.ino = entry.ino;
  head.name_size = static_cast<uint32_t>(entry.name.size());
  head.filetype = file_type(entry.mode_type);
  return append(out, used, {reinterpret_cast<const uint8_t*>(&head), sizeof head}) &&
         append(out, used, as_bytes(entry.name));
}

// The entries from the host's `cookie` on: from the listing that is kept, or from a new request. A
// listing from the start is always a new request, so that rewinddir() sees changes.
Errno entries_from(Call& call, Directory& directory, uint64_t cookie,
                   std::span<const DirEntry>& out) {
  std::vector<DirEntry>& listing = directory.listing;
  for (size_t i = 0; cookie != 0 && i < listing.size(); ++i) {
    uint64_t start = i == 0 ? directory.listed_from : listing[i - 1].next_cookie;
    if (start != cookie) continue;
    out = std::span(listing).subspan(i);
    return Errno::success;
  }
  listing.clear();
  directory.listed_from = cookie;
  out = {};
  int error = call.wasi.broker().read_directory(directory.handle(), cookie, listing);
  if (error == 0) out = listing;
  return from_linux(error);
}

}  // namespace

Errno fd_readdir(Call& call, FdEntry& fd, Buffer out, uint64_t cookie, Out<uint32_t> used_out) {
  Directory& directory = *fd.directory;
  if (cookie == 0) directory.cookies.clear();
  const std::optional<uint64_t> start = directory.cookies.to_host(cookie);
  if (!start) return Errno::inval;
  uint64_t at = *start;
  size_t used = 0;
  bool room = !out.empty();
  while (room) {
    std::span<const DirEntry> entries;
    Errno e = entries_from(call, directory, at, entries);
    if (e != Errno::success) return e;
    if (entries.empty()) break;
    for (size_t i = 0; room && i < entries.size(); ++i) {
      const std::optional<uint64_t> next = directory.cookies.to_guest(entries[i].next_cookie);
      if (!next) return Errno::nomem;  // [L1]
      room = append_entry(out, used, entries[i], *next);
      at = entries[i].next_cookie;
    }
  }
  used_out.set(static_cast<uint32_t>(used));
  return Errno::success;
}

}  // namespace cordon::wasi::calls
