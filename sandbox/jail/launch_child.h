// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared by launch.cc and the child that it makes.
#pragma once

#include <cstdint>
#include <span>

namespace cordon::jail {

// One enumerator for each LAUNCH row of steps.def, in their order.
enum class LaunchStep : uint8_t {
#define LAUNCH(name, what) name,
#include "sandbox/jail/steps.def"
};

// Sent by the child: its exec will not happen.
struct LaunchFailure {
  LaunchStep step;
  int error;
};

// All of it is made before the clone.
struct ChildPlan {
  int program, channel, line, null;  // any fds, all close-on-exec
  std::span<const int> inherited;    // the same
  uint32_t file_capabilities;        // of kFileCapabilities, that the program may have
  char* const* arguments;
};

// Waits for a byte on the line, then proceeds to the exec. Sends a LaunchFailure on the line and
// ends if that fails; ends without a message if the other end is gone.
[[noreturn]] void run_child(const ChildPlan& plan);

}  // namespace cordon::jail
