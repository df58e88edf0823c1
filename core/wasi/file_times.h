// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The times given to fd_filestat_set_times and path_filestat_set_times, as the broker takes them.
// inval if a time is both a value and now, or equals one of FileTimes' special values.
#pragma once

#include "core/wasi/abi.h"
#include "core/wasi/path_broker.h"

namespace cordon::wasi {

// `fstflags` is a set of fstflag bits; a time without a bit becomes FileTimes::kOmit. After an
// error `out` is incomplete.
Errno to_file_times(uint64_t atim, uint64_t mtim, uint32_t fstflags, FileTimes& out);

}  // namespace cordon::wasi
