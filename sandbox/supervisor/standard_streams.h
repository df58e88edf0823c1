// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A number below 3 that the caller has closed would go to the first file that is opened here:
// messages would land in it, and a guest would get it for a stream ([J4]).
#pragma once

namespace cordon::supervisor {

// Opens /dev/null for each of the three that is closed, the wrong way round, so that what is read
// from it or written to it fails as before. Ends the process if it cannot.
void keep_standard_streams();

}  // namespace cordon::supervisor
