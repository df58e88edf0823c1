// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a module in the jail, as the command line does, and gives the whole report.
#pragma once

#include <gtest/gtest.h>

#include "sandbox/supervisor/run.h"
#include "tests/kit/module_builder.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::supervisor {

class JailedRun : public ::testing::Test {
 protected:
  // Export "f" of the module; the request says how.
  RunReport run(const testing::ModuleBuilder& module, RunRequest request) {
    directory_.write("guest.wasm", module.build());
    request.module_path = directory_ / "guest.wasm";
    request.worker_path = CORDON_RUN_WORKER;
    request.compiler_path = CORDON_COMPILE_WORKER;
    request.invoke = "f";
    request.args = {"guest"};
    request.jail = JailMode::Degraded;
    request.timeout = std::chrono::seconds(60);
    return supervisor::run(request);
  }

 private:
  testing::TemporaryDirectory directory_;
};

}  // namespace cordon::supervisor
