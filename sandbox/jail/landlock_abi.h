// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which Landlock this kernel has. For the step of the jail, and for reports.
#pragma once

namespace cordon::jail {

// The Landlock ABI of this kernel; 0 if it has none.
int landlock_abi();

}  // namespace cordon::jail
