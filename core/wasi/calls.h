// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of wasi_snapshot_preview1 as declarations, expanded from wasi.def. Their meaning is
// the witx's; kinds.h has checked the arguments. They are defined in args.cc, clock.cc, fd.cc,
// io.cc, path.cc, poll.cc, proc.cc, random.cc, readdir.cc and sock.cc; tests call them through the
// table in wasi.h, as a guest does.
#pragma once

#include "core/wasi/kinds.h"

namespace cordon::wasi::calls {

#define NEEDS(...)
#define CALL(name, needs, ...) Errno name(Call& call __VA_OPT__(, ) __VA_ARGS__);
#define CALL_EXIT(name, ...) Trap name(Call& call __VA_OPT__(, ) __VA_ARGS__);
#include "core/wasi/wasi.def"

}  // namespace cordon::wasi::calls
