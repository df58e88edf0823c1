// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/gate.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sandbox/jail/steps.h"
#include "sandbox/policy/filters.h"
#include "sandbox/supervisor/without_signals.h"

namespace cordon::supervisor {
namespace {

using protocol::Descriptor;

// Newer than the oldest kernel headers that build this.
constexpr unsigned long kSetFlags = _IOW('!', 4, uint64_t);  // SECCOMP_IOCTL_NOTIF_SET_FLAGS
constexpr unsigned long kSyncWakeUp = 1;                     // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP

constexpr size_t index_of(Descriptor what) { return static_cast<size_t>(what); }

Breach breach(const seccomp_notif& asked, const std::string& what) {
  const std::string name = policy::name_of_call(static_cast<uint32_t>(asked.data.nr));
  return {what.empty() ? "made the system call " + name + ", which its jail forbids"
                       : what + " (" + name + ")",
          name};
}

bool read_memory(pid_t pid, uint64_t address, void* out, size_t size) {
  iovec here{out, size};
  iovec there{reinterpret_cast<void*>(address), size};
  return process_vm_readv(pid, &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
}

// The kind of a descriptor of the path broker's. Makes no request to a file system, which could
// block.
struct Kind {
  bool is_file = false;
  dev_t device = 0;
};
constexpr dev_t kNoDevice = ~dev_t{0};
// [F1] A run worker gets no directory, socket or pipe, even from a path broker that was taken
// over.
Kind kind_of(int fd) {
  struct statx status;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0) return {};
  if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0) return {};
  // Closing a terminal waits for its output, so a terminal device is not closed here.
  if (S_ISCHR(status.stx_mode)) return {true, kNoDevice};
  return {S_ISREG(status.stx_mode), makedev(status.stx_dev_major, status.stx_dev_minor)};
}

}  // namespace

Result<Gate> Gate::take(int pidfd, pid_t pid, policy::Worker policy) {
  Fd listener(static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, jail::kListenerFd, 0)));
  if (!listener.valid()) return fail_os("pidfd_getfd of a worker's filter", errno);
  // The worker waits for every answer: on kernels that support it (Linux 6.6) it yields its
  // processor to this process, and gets it back.
  (void)ioctl(listener.get(), kSetFlags, kSyncWakeUp);
  return Gate(std::move(listener), pid, policy);
}

void Gate::offer(Descriptor what, Fd fd) { offers_[index_of(what)] = std::move(fd); }

std::optional<Breach> Gate::serve() {
  seccomp_notif asked{};
  if (ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return std::nullopt;
  if (!allows(asked.data)) return breach(asked, "");
  switch (asked.data.nr) {
    case SYS_pidfd_getfd: return give(asked);
    case SYS_seccomp: return look_at_filter(asked);
    case SYS_mmap: return map_code(asked);
    default: return breach(asked, "");
  }
}

// Whether the policy has a row of Answer::Ask for it in this phase.
bool Gate::allows(const seccomp_data& data) const {
  const policy::Phase phase = in_guest_phase_ ? policy::Phase::Guest : policy::Phase::SetUp;
  const auto rows = policy::rows_of(policy_);
  return std::any_of(rows.begin(), rows.end(), [&](const policy::Row& row) {
    return row.answer == policy::Answer::Ask && row.number == static_cast<uint32_t>(data.nr) &&
           in_phase(row, phase) &&
           std::all_of(row.conditions.begin(), row.conditions.end(), [&](const auto& condition) {
             return (data.args[condition.argument] & condition.mask) == condition.value;
           });
  });
}

std::optional<Breach> Gate::give(const seccomp_notif& asked) {
  const uint64_t place = asked.data.args[0];
  if (place >= offers_.size()) return breach(asked, "requested an unknown descriptor");
  const protocol::DescriptorRow& row = protocol::kDescriptors[place];
  const std::string name(row.name);
  if (row.in_set_up == in_guest_phase_)
    return breach(asked, "asked for " + name + " too late or too early");
  if (place == index_of(Descriptor::Streams)) {
    if (!streams_) return breach(asked, "asked for " + name + " again");
    for (int number = 0; number < 3; ++number) {
      put(asked.id, (*streams_)[static_cast<size_t>(number)], number, false);
    }
    streams_.reset();
    streams_taken_ = true;
    answer(asked.id, 0, 0);
    return std::nullopt;
  }
  if (place == index_of(Descriptor::File)) return give_file(asked);
  Fd offered = std::move(offers_[place]);
  if (!offered.valid()) return breach(asked, "asked for " + name + ", of which there is none");
  std::optional<int> at;
  if (place == index_of(Descriptor::Paths)) at = jail::kPathsFd;
  const int number = put(asked.id, offered.get(), at, true);
  if (number < 0) {
    // It has reached its limit: the error is its own, as from any call that opens.
    refuse(asked.id, errno);
  } else if (place == index_of(Descriptor::Code)) {
    std::erase_if(code_, [number](const Code& code) { return code.number == number; });
    code_.push_back({number, std::move(offered)});
  } else if (place == index_of(Descriptor::NeededCode)) {
    // [L1] Each is mapped before the next is requested, so that this process keeps one open.
    code_.clear();
    code_.push_back({number, std::move(offered)});
  }
  return std::nullopt;
}

std::optional<Breach> Gate::give_file(const seccomp_notif& asked) {
  if (files_of_ < 0) return breach(asked, "asked for File, of which there is none");
  // [L1] A file system that does not finish closing keeps this many and no more.
  if (closer_ && closer_->full()) return refuse(asked.id, EMFILE), std::nullopt;
  Fd file(static_cast<int>(syscall(SYS_pidfd_getfd, files_of_, jail::kHandOverFd, 0)));
  if (!file.valid()) {
    if (errno == EBADF) return breach(asked, "asked for File, of which there is none");
    return refuse(asked.id, errno == ESRCH ? EIO : errno), std::nullopt;
  }
  const Kind kind = kind_of(file.get());
  if (kind.is_file && put(asked.id, file.get(), std::nullopt, true) < 0) refuse(asked.id, errno);
  put_away(std::move(file), kind.device);
  if (!kind.is_file) return breach(asked, "asked for File, of which there is none");
  return std::nullopt;
}

// [L1] Never waits for a file system.
void Gate::put_away(Fd file, dev_t device) {
  if (std::find(local_.begin(), local_.end(), device) != local_.end()) return file.reset();
  if (!closer_) {
    Result<Closer> closer = Closer::start();
    // No process can be made: the descriptor stays open, and the supervisor's limit bounds these.
    if (!closer) return (void)file.release();
    closer_.emplace(std::move(*closer));
  }
  closer_->close(std::move(file));
}

void Gate::refuse(uint64_t id, int error) {
  seccomp_notif_resp refused{id, 0, -error, 0};
  (void)ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_SEND, &refused);
}

std::optional<Breach> Gate::look_at_filter(const seccomp_notif& asked) {
  const auto expected = policy::filter_of(policy_, policy::Phase::Guest);
  sock_fprog program{};
  std::vector<sock_filter> filter(expected.size());
  const bool same = read_memory(pid_, asked.data.args[2], &program, sizeof program) &&
                    program.len == expected.size() &&
                    read_memory(pid_, reinterpret_cast<uint64_t>(program.filter), filter.data(),
                                expected.size_bytes()) &&
                    std::memcmp(filter.data(), expected.data(), expected.size_bytes()) == 0;
  if (!same) return breach(asked, "installs another filter than its policy's");
  in_guest_phase_ = true;
  code_.clear();
  answer(asked.id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
  return std::nullopt;
}

// [W1] Which file becomes executable is decided here, not by the worker.
std::optional<Breach> Gate::map_code(const seccomp_notif& asked) {
  const auto number = static_cast<int>(asked.data.args[4]);
  const auto found = std::find_if(code_.begin(), code_.end(),
                                  [number](const Code& code) { return code.number == number; });
  if (found == code_.end()) return breach(asked, "maps memory that is not code as code");
  if (found->mapped) return breach(asked, "maps a piece of code again");
  if (put(asked.id, found->file.get(), number, false) < 0) {
    return breach(asked, "maps code in a way that the kernel refuses");
  }
  found->mapped = true;
  found->file.reset();
  answer(asked.id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
  return std::nullopt;
}

// Inserts `fd` into the worker's table, at `number` or the lowest free number. With `answer` that
// number is the call's result. Returns the number, or -1 with errno.
int Gate::put(uint64_t id, int fd, std::optional<int> number, bool answer) {
  seccomp_notif_addfd added{};
  added.id = id;
  added.srcfd = static_cast<uint32_t>(fd);
  added.newfd_flags = O_CLOEXEC;
  if (number) {
    added.flags = SECCOMP_ADDFD_FLAG_SETFD;
    added.newfd = static_cast<uint32_t>(*number);
  }
  if (answer) added.flags |= SECCOMP_ADDFD_FLAG_SEND;
  // A signal would break the ioctl off after the call has been answered and before the descriptor
  // is there: the worker would take 0 for its number (Linux 6.18, seccomp_notify_addfd). A SIGCHLD
  // comes with the end of any other worker.
  const WithoutSignals quiet;
  return ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &added);
}

// If the worker was killed meanwhile this fails; its end is reported elsewhere.
void Gate::answer(uint64_t id, int64_t value, uint32_t flags) {
  seccomp_notif_resp response{id, value, 0, flags};
  (void)ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
}

}  // namespace cordon::supervisor
