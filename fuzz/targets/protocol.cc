// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// protocol: messages and conversations of supervisor, workers and path broker with a hostile peer
// ([P1]): oracle/protocol/conversations.h.
#include "fuzz/oracle/protocol/conversations.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cordon::fuzz;
  Choices choices({data, size});
  if (choices.once_in(8)) check_server(choices);
  while (!choices.spent()) {
    check_codec(choices);
    check_session(choices);
    check_compilation(choices);
    check_requests(choices);
  }
  return 0;
}
