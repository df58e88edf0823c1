// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/kinds.h"

#include <algorithm>

namespace cordon::wasi {

Errno Decoder::next(FdEntry*& out) {
  Rights needed = needs_ != needs_end_ ? *needs_++ : 0;
  out = call_.wasi.fds().find(take32());
  if (out == nullptr) return Errno::badf;
  if (!out->is_directory() && (needed & right::kDirectoryOnly) != 0) return Errno::notdir;
  if (out->is_directory() && (needed & right::kFileOnly) != 0) return Errno::badf;
  return out->check(needed);
}

Errno Decoder::next(Buffer& out) {
  uint32_t address = take32();
  uint32_t size = take32();
  uint8_t* at = call_.at(address, size);
  if (at == nullptr) return Errno::fault;
  out = {at, size};
  return Errno::success;
}

Errno Decoder::next(Path& out) {
  Buffer text;
  if (Errno e = next(text); e != Errno::success) return e;
  if (text.size() > kMaxPath) return Errno::nametoolong;
  out.assign(reinterpret_cast<const char*>(text.data()), text.size());
  return out.find('\0') == std::string::npos ? Errno::success : Errno::inval;
}

Errno Decoder::next(Iovecs& out) {
  uint64_t address = take32();
  uint64_t count = take32();
  const uint8_t* list = call_.at(address, count * sizeof(GuestIovec));
  if (list == nullptr) return Errno::fault;
  std::span<iovec, kMaxIovecs> room = call_.wasi.iovec_room();
  size_t used = std::min<uint64_t>(count, room.size());
  for (size_t i = 0; i < used; ++i) {
    GuestIovec guest;
    std::memcpy(&guest, list + i * sizeof guest, sizeof guest);
    uint8_t* at = call_.at(guest.at, guest.size);
    if (at == nullptr) return Errno::fault;
    room[i] = {at, guest.size};
  }
  out = room.first(used);
  return Errno::success;
}

}  // namespace cordon::wasi
