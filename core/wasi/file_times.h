// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The times that fd_filestat_set_times and path_filestat_set_times are given, as the broker takes
// them. inval if a time is to be both a value and now, or lies where FileTimes has its marks.
#pragma once

#include "core/wasi/abi.h"
#include "core/wasi/path_broker.h"

namespace cordon::wasi {

// `fstflags` is a set of fstflag bits; a time that they do not mention becomes FileTimes::kOmit.
// `out` is half written after an error.
Errno to_file_times(uint64_t atim, uint64_t mtim, uint32_t fstflags, FileTimes& out);

}  // namespace cordon::wasi
