// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layout of WASI preview 1 in guest memory (witx: wasi_snapshot_preview1): constants and
// structs. A struct here is copied to the guest byte for byte, so it has no padding of its own: the
// witx's gaps between fields are named fields that are zero. A guest never sees a byte of host
// memory that was not meant for it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/wasi/errno.h"

namespace cordon::wasi {

static_assert(std::endian::native == std::endian::little, "guest memory is little-endian");

using Rights = uint64_t;
namespace right {
#define RIGHT(bit, name) inline constexpr Rights name = Rights{1} << bit;
#include "core/wasi/rights.def"
}  // namespace right

// witx `filetype`. Sockets are never opened, but an inherited stream may be one.
enum class FileType : uint8_t {
  unknown = 0,
  block_device = 1,
  character_device = 2,
  directory = 3,
  regular_file = 4,
  socket_dgram = 5,
  socket_stream = 6,
  symbolic_link = 7,
};

// st_mode & S_IFMT as a FileType. A fifo is `unknown`.
FileType file_type(uint32_t mode_type);

namespace fdflag {
inline constexpr uint32_t kAppend = 1, kDsync = 2, kNonblock = 4, kRsync = 8, kSync = 16;
inline constexpr uint32_t kAll = 31;
}  // namespace fdflag
namespace oflag {
inline constexpr uint32_t kCreat = 1, kDirectory = 2, kExcl = 4, kTrunc = 8;
inline constexpr uint32_t kAll = 15;
}  // namespace oflag
namespace fstflag {
inline constexpr uint32_t kAtim = 1, kAtimNow = 2, kMtim = 4, kMtimNow = 8;
inline constexpr uint32_t kAll = 15;
}  // namespace fstflag
inline constexpr uint32_t kLookupSymlinkFollow = 1;
inline constexpr uint32_t kClockRealtime = 0, kClockMonotonic = 1, kClockProcessCpu = 2,
                          kClockThreadCpu = 3;
inline constexpr uint32_t kWhenceSet = 0, kWhenceCur = 1, kWhenceEnd = 2;
inline constexpr uint32_t kAdviceLast = 5;
inline constexpr uint32_t kSignalLast = 30;
inline constexpr uint16_t kSubscriptionAbstime = 1;
inline constexpr uint16_t kEventHangup = 1;

// witx `iovec` and `ciovec`: an address and a size in bytes, both unchecked.
struct GuestIovec {
  uint32_t at, size;
};

// witx `fdstat`.
struct Fdstat {
  FileType filetype = FileType::unknown;
  uint8_t pad1 = 0;
  uint16_t flags = 0;
  uint32_t pad2 = 0;
  Rights rights_base = 0;
  Rights rights_inheriting = 0;
};

// witx `filestat`. Device and inode are the host's numbers.
struct Filestat {
  uint64_t dev = 0;
  uint64_t ino = 0;
  FileType filetype = FileType::unknown;
  uint8_t pad[7] = {};
  uint64_t nlink = 0;
  uint64_t size = 0;
  uint64_t atim = 0, mtim = 0, ctim = 0;  // ns since 1970
};

// witx `dirent`, without the name: `name_size` bytes follow it, and no zero.
struct Dirent {
  uint64_t next = 0;
  uint64_t ino = 0;
  uint32_t name_size = 0;
  FileType filetype = FileType::unknown;
  uint8_t pad[3] = {};
};

// witx `prestat`. `name_size` counts bytes without a zero.
struct Prestat {
  uint8_t tag = 0;  // a directory
  uint8_t pad[3] = {};
  uint32_t name_size = 0;
};

// witx `eventtype`.
enum class EventType : uint8_t { clock = 0, fd_read = 1, fd_write = 2 };

// The union after `tag` is either the clock's fields or, at its start, a file descriptor.
struct Subscription {
  uint64_t userdata = 0;
  uint8_t tag = 0;
  uint8_t pad1[7] = {};
  uint32_t clock_or_fd = 0;
  uint32_t pad2 = 0;
  uint64_t timeout = 0;  // ns
  uint64_t precision = 0;
  uint16_t flags = 0;
  uint8_t pad3[6] = {};
};

// witx `event`, with the fields of fd_readwrite in place. `nbytes` and `flags` are zero for a
// clock.
struct Event {
  uint64_t userdata = 0;
  Errno error = Errno::success;
  EventType type = EventType::clock;
  uint8_t pad1[5] = {};
  uint64_t nbytes = 0;
  uint16_t flags = 0;
  uint8_t pad2[6] = {};
};

template <class T>
inline constexpr bool kCopiesAsIs =
    std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;
static_assert(kCopiesAsIs<GuestIovec> && sizeof(GuestIovec) == 8);
static_assert(kCopiesAsIs<Fdstat> && sizeof(Fdstat) == 24 && offsetof(Fdstat, flags) == 2 &&
              offsetof(Fdstat, rights_base) == 8 && offsetof(Fdstat, rights_inheriting) == 16);
static_assert(kCopiesAsIs<Filestat> && sizeof(Filestat) == 64 &&
              offsetof(Filestat, filetype) == 16 && offsetof(Filestat, nlink) == 24 &&
              offsetof(Filestat, size) == 32 && offsetof(Filestat, atim) == 40);
static_assert(kCopiesAsIs<Dirent> && sizeof(Dirent) == 24 && offsetof(Dirent, name_size) == 16 &&
              offsetof(Dirent, filetype) == 20);
static_assert(kCopiesAsIs<Prestat> && sizeof(Prestat) == 8 && offsetof(Prestat, name_size) == 4);
static_assert(kCopiesAsIs<Subscription> && sizeof(Subscription) == 48 &&
              offsetof(Subscription, clock_or_fd) == 16 && offsetof(Subscription, timeout) == 24 &&
              offsetof(Subscription, flags) == 40);
static_assert(kCopiesAsIs<Event> && sizeof(Event) == 32 && offsetof(Event, error) == 8 &&
              offsetof(Event, type) == 10 && offsetof(Event, nbytes) == 16 &&
              offsetof(Event, flags) == 24);

}  // namespace cordon::wasi
