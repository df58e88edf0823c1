// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/abi.h"

#include <sys/stat.h>

namespace cordon::wasi {

FileType file_type(uint32_t mode_type) {
  switch (mode_type) {
    case S_IFBLK: return FileType::block_device;
    case S_IFCHR: return FileType::character_device;
    case S_IFDIR: return FileType::directory;
    case S_IFREG: return FileType::regular_file;
    case S_IFLNK: return FileType::symbolic_link;
    case S_IFSOCK: return FileType::socket_stream;
    default: return FileType::unknown;
  }
}

}  // namespace cordon::wasi
