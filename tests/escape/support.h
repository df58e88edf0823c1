// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs of the hostile worker, for the tests in this folder.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sandbox/supervisor/run.h"
#include "tests/kit/sanitized.h"

namespace cordon::escape {

// The workers of such a build have a wider policy, by a table of its own, and no RLIMIT_DATA: what
// depends on these is for the other builds to show.
using testing::kSanitized;

// A request for the hostile worker with one read-only grant (a fresh directory) and an empty
// module.
// The compile worker, if there is one, is the honest one.
supervisor::RunRequest hostile_request(std::vector<std::string> args,
                                       std::chrono::nanoseconds timeout,
                                       protocol::Engine engine = protocol::Engine::Interp);

// run() of it; a supervisor that fails is a failed test.
supervisor::RunReport run_hostile(std::vector<std::string> args,
                                  std::chrono::nanoseconds timeout = std::chrono::seconds(10),
                                  protocol::Engine engine = protocol::Engine::Interp);

// A module that the hostile compiler reads an attack from: its name in a custom section in front,
// and with it a program that does nothing.
std::string module_called(const std::string& attack);

// "Violation (SIGSYS): text", for tables and messages.
std::string describe(const supervisor::RunReport& report);

// From here on orphans of this process's children become its own children, and stdin is /dev/null.
void adopt_orphans();
// How many children this process has, running or dead.
int count_children();

// Waits up to `time` for count_children() to become `count`.
bool children_become(int count, std::chrono::milliseconds time);

}  // namespace cordon::escape
