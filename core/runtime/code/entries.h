// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which code the functions of an instance run: from the units of its code space to the FuncView of
// each function, which every call through a table, by a reference or to another instance reads. A
// direct call in existing code keeps its target.
//
// Called by the thread that runs the instance's store, between two steps of the guest: before a
// call of it, or while it waits for a function of the host.
#pragma once

#include <memory>

#include "core/base/result.h"
#include "core/runtime/code/space.h"

namespace cordon::runtime {

struct Instance;

// Gives `instance`, whose index spaces are complete, native code, with room for `stack_bytes` of
// its frames; then calls take_code().
Result<void> attach_code(Instance& instance, std::shared_ptr<const CodeSpace> code,
                         size_t stack_bytes);

// Gives functions the code that was published since the last time, replacing older code. Frames of
// the older code stay valid. A unit that cannot be entered yet waits, with those after it, for a
// later call of this.
void take_code(Instance& instance);

}  // namespace cordon::runtime
