// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gate: the supervisor's end of a worker's filter (seccomp_unotify(2)). A call that the policy does
// not allow by itself waits here. Three kinds are answered, each in its phase:
//   - a request for a descriptor ([J4], protocol/descriptors.def) that is on offer;
//   - the guest filter's installation, if the program that the kernel will read is the very one
//     that the policy gives; from then on the worker is in its guest phase;
//   - [W1] a mapping of machine code: the supervisor puts the memfd that it sealed itself under the
//     number that the call names, and lets the call go on, once for each piece.
// Anything else is a violation that names the call ([J2] [V1]): the worker is still held in it, and
// the caller of serve() kills it. The worker has one thread, so that nothing can change its memory
// or its descriptors between the look and the call.
#pragma once

#include <linux/seccomp.h>
#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/policy/policy.h"
#include "sandbox/protocol/descriptors.h"
#include "sandbox/supervisor/closer.h"

namespace cordon::supervisor {

// A violation. `syscall` is empty if it was no system call.
struct Breach {
  std::string text;     // what the worker did
  std::string syscall;  // the call's name
};

// Owns the listener. Not thread-safe. A worker's call waits until serve() has answered.
class Gate {
 public:
  // Takes the listener from the worker. REQUIRES: it has no job yet ([J1]).
  static Result<Gate> take(int pidfd, pid_t pid, policy::Worker policy);

  // Readable when a call waits; this object keeps ownership.
  int fd() const { return listener_.get(); }
  bool in_guest_phase() const { return in_guest_phase_; }

  // The next request for `what` gets this descriptor, once. Replaces an earlier offer that was not
  // taken.
  void offer(protocol::Descriptor what, Fd fd);
  // Whether the last offer was taken.
  bool is_free(protocol::Descriptor what) const {
    return !offers_[static_cast<size_t>(what)].valid();
  }
  // Each request for Descriptor::File gets the descriptor at jail::kHandOverFd of the process
  // `pidfd` (the path broker, whose pidfd stays open), if that is a file ([F1]); with -1 it is a
  // breach. `local`: the devices whose files may be closed here; a Closer closes others.
  void offer_files_of(int pidfd, std::vector<dev_t> local = {}) {
    files_of_ = pidfd;
    local_ = std::move(local);
  }
  // Offers several, at the numbers 0, 1, ...; the caller keeps them.
  void offer_streams(std::array<int, 3> fds) { streams_ = fds; }
  bool streams_taken() const { return streams_taken_; }

  // Whether a file system has not finished closing a file yet (closer.h).
  bool has_files() const { return closer_ && closer_->has_waiting(); }

  // Answers one notification, if there is one.
  std::optional<Breach> serve();

 private:
  struct Code {
    int number;  // in the worker
    Fd file;
    bool mapped = false;
  };
  Gate(Fd listener, pid_t pid, policy::Worker policy)
      : listener_(std::move(listener)), pid_(pid), policy_(policy) {}

  std::optional<Breach> give(const seccomp_notif& asked);
  std::optional<Breach> give_file(const seccomp_notif& asked);
  void put_away(Fd file, dev_t device);
  void refuse(uint64_t id, int error);
  std::optional<Breach> look_at_filter(const seccomp_notif& asked);
  std::optional<Breach> map_code(const seccomp_notif& asked);
  bool allows(const seccomp_data& data) const;
  int put(uint64_t id, int fd, std::optional<int> number, bool answer);
  void answer(uint64_t id, int64_t value, uint32_t flags);

  Fd listener_;
  pid_t pid_;
  policy::Worker policy_;
  bool in_guest_phase_ = false;
  std::array<Fd, protocol::kDescriptors.size()> offers_;
  std::optional<std::array<int, 3>> streams_;
  bool streams_taken_ = false;
  int files_of_ = -1;
  std::vector<dev_t> local_;
  std::optional<Closer> closer_;  // made for the first file that needs it
  std::vector<Code> code_;
};

}  // namespace cordon::supervisor
