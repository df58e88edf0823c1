// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/trap_handler.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "core/runtime/activation.h"
#include "core/runtime/host_stack.h"
#include "core/runtime/signal_context.h"

namespace cordon::runtime {

void die_of_escape(const char* what) {
  const auto put = [](const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); };
  put("cordon: escape attempt: ");
  put(what);
  put("\n");
  _exit(kEscapeStatus);
}

namespace {

constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
constexpr size_t kHandlerStack = size_t{64} << 10;

OtherFaults g_others = OtherFaults::PassOn;
std::array<struct sigaction, kSignals.size()> g_before;
bool g_installed = false;

// [T1] Layers two and three.
Trap trap_of(const Activation& activation, const void* pc, int signal, const siginfo_t& info) {
  const CodeUnit* const unit = activation.code->unit_at(pc);
  if (unit == nullptr) return Trap::none;
  const uint64_t offset = unit->offset_of(pc);
  const abi::TrapSite* const site = unit->trap_site(offset);
  if (site == nullptr) return Trap::none;
  if (signal == SIGILL) {
    return is_trap_instruction(unit->code().subspan(offset)) ? site->trap : Trap::none;
  }
  if (signal != SIGSEGV || site->trap != Trap::out_of_bounds_memory_access) return Trap::none;
  const bool ours = activation.memory != nullptr &&
                    activation.memory->reserves(reinterpret_cast<uint64_t>(info.si_addr));
  return ours ? site->trap : Trap::none;
}

// Calls the handler that was installed for this signal before ours.
void pass_on(int signal, siginfo_t* info, void* context) {
  for (size_t i = 0; i < kSignals.size(); ++i) {
    if (kSignals[i] != signal) continue;
    const struct sigaction& before = g_before[i];
    if ((before.sa_flags & SA_SIGINFO) != 0) return before.sa_sigaction(signal, info, context);
    if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
      return before.sa_handler(signal);
    }
    // The default: back to the instruction, which faults again, or sent again.
    struct sigaction fallback{};
    fallback.sa_handler = SIG_DFL;
    (void)sigaction(signal, &fallback, nullptr);
    if (info->si_code <= 0) (void)raise(signal);
  }
}

void handle(int signal, siginfo_t* info, void* raw_context) {
  const int saved_errno = errno;
  ucontext_t& thread = *static_cast<ucontext_t*>(raw_context);
  const Stopped stopped = stopped_at(thread);
  Activation* const activation = innermost_activation();
  // [T1] Layer one. A signal that a process sent has si_code <= 0 and says nothing about any code.
  if (activation == nullptr || info->si_code <= 0 || !activation->code->has(stopped.pc)) {
    if (g_others == OtherFaults::End) die_of_escape("a fault outside of the guest's code");
    pass_on(signal, info, raw_context);
    errno = saved_errno;
    return;
  }
  const Trap trap = trap_of(*activation, stopped.pc, signal, *info);
  if (trap == Trap::none) die_of_escape("a fault in the guest's code that is no trap");  // [T1]
  activation->trap = trap;
  activation->fault = true;
  activation->pc = stopped.pc;
  activation->stack = stopped.stack;
  // Leaves by the trampoline, with the recorded context and not the one in the register.
  go_on_by_trap(thread, activation->context);
  errno = saved_errno;
}

Result<void> install() {
  struct sigaction action{};
  action.sa_sigaction = &handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < kSignals.size(); ++i) {
    if (sigaction(kSignals[i], &action, &g_before[i]) != 0) return fail_os("sigaction", errno);
  }
  g_installed = true;
  return {};
}

// The stack for this thread's signals: the existing one (a sanitizer's, the embedder's) if it is
// large enough, or one of our own until the thread ends.
class HandlerStack {
 public:
  HandlerStack() {
    stack_t now{};
    if (sigaltstack(nullptr, &now) != 0) return;
    if ((now.ss_flags & SS_DISABLE) == 0 && now.ss_size >= kHandlerStack / 4) {
      ready_ = true;
      return;
    }
    Result<Mapping> memory = Mapping::reserve(kGuard + kHandlerStack);
    if (!memory || !memory->commit(kGuard, kHandlerStack)) return;
    memory_ = std::move(*memory);
    stack_t ours{};
    ours.ss_sp = memory_.base() + kGuard;
    ours.ss_size = kHandlerStack;
    ready_ = sigaltstack(&ours, nullptr) == 0;
    own_ = ready_;
  }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;
  ~HandlerStack() {
    if (!own_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    (void)sigaltstack(&none, nullptr);
  }
  bool ready() const { return ready_; }

 private:
  static constexpr size_t kGuard = 4096;
  Mapping memory_;
  bool ready_ = false, own_ = false;
};

}  // namespace

Result<void> install_trap_handler(OtherFaults others) {
  static std::mutex lock;
  std::lock_guard<std::mutex> guard(lock);
  if (g_installed) return {};
  g_others = others;
  return install();
}

bool prepare_thread_for_traps() {
  thread_local const bool ready = [] {
    thread_local HandlerStack stack;
    (void)host_stack();
    return install_trap_handler().has_value() && stack.ready();
  }();
  return ready;
}

}  // namespace cordon::runtime
