// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// If the caller has closed a number below 3, the first file opened here would get it: messages
// would go into that file, and a guest would get it as a stream ([J4]).
#pragma once

namespace cordon::supervisor {

// Opens /dev/null for each closed one of the three, in the wrong direction, so that reading from it
// or writing to it fails as before. Ends the process if it cannot.
void keep_standard_streams();

}  // namespace cordon::supervisor
