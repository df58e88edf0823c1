// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/worker/ask.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace cordon::worker {
namespace {

Result<int> ask(protocol::Descriptor what) {
  const auto place = static_cast<size_t>(what);
  const long answer = syscall(SYS_pidfd_getfd, place, 0, 0);
  if (answer < 0) {
    return fail_os("ask for " + std::string(protocol::kDescriptors[place].name), errno);
  }
  return static_cast<int>(answer);
}

}  // namespace

Result<Fd> ask_for(protocol::Descriptor what) { return Fd(TRY(ask(what))); }

Result<void> ask_for_streams() {
  TRY_VOID(ask(protocol::Descriptor::Streams));
  return {};
}

}  // namespace cordon::worker
