// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hostile compile worker: starts as the honest one does, stands in the same jail, and then does
// to its supervisor and to the run worker what the module's only custom section is called.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/abi/vmctx.h"
#include "core/asm/x64/assembler.h"
#include "core/base/os/memfd.h"
#include "sandbox/worker/enter.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;

policy::Worker policy_for(protocol::Engine) { return policy::Worker::Compile; }

void done(Channel& channel, int fd, uint64_t size) {
  (void)channel.send(protocol::Compiled{size, 1, true}, {&fd, 1});
}

Fd sealed(std::string_view text) {
  return std::move(*sealed_copy_of_bytes(as_bytes(text), "code"));
}

// Code for the module's only function that keeps to every rule of the verifier and divides by zero.
std::vector<uint8_t> code_that_divides_by_zero(ByteSpan module, uint32_t code_base = 0) {
  using namespace x64;
  Assembler a{CodeBuffer(4096)};
  Label exhausted = a.new_label();
  a.cmp(W64, rsp, mem(r14, offsetof(abi::VmContext, stack_limit)));
  a.jcc(Cond::Below, exhausted);
  a.mov(W32, rax, 1);
  a.mov(W32, rdx, 0);
  a.mov(W32, rcx, 0);
  a.div(W32, rcx);
  a.ret();
  a.bind(exhausted);
  abi::CodeBlob blob;
  // The body's only instruction is the module's last byte.
  blob.trap_sites = {
      {a.offset(), static_cast<uint32_t>(module.size() - 1), Trap::call_stack_exhausted}};
  a.ud2();
  blob.code = *a.finish();
  blob.place.code_base = code_base;
  blob.funcs = {{0, static_cast<uint32_t>(blob.code.size()), 0, 0, 0}};
  return encode(blob);
}

// Descriptors of the wrong kind or with the wrong rights, and answers that were not asked for.
void attack(const std::string& name, Channel& channel, const Fd& module, ByteSpan bytes) {
  if (name == "divides_by_zero") {
    std::vector<uint8_t> code = code_that_divides_by_zero(bytes);
    return done(channel, sealed(as_text(code)).get(), code.size());
  }
  if (name == "garbage") return done(channel, sealed("no code blob").get(), 12);
  if (name == "empty") return done(channel, sealed("").get(), 0);
  if (name == "the_module") return done(channel, module.get(), 8);
  if (name == "wrong_size") return done(channel, sealed("code").get(), 5);
  if (name == "unsealed") {
    Fd file(memfd_create("code", MFD_CLOEXEC | MFD_ALLOW_SEALING | 0x0008U));
    (void)!write(file.get(), "code", 4);
    return done(channel, file.get(), 4);
  }
  if (name == "standard_input") return done(channel, STDIN_FILENO, 4);
  if (name == "the_channel") return done(channel, channel.fd(), 4);
  if (name == "two_fds") {
    Fd file = sealed("code");
    int fds[] = {file.get(), file.get()};
    (void)channel.send(protocol::Compiled{4, 1, true}, fds);
    return;
  }
  if (name == "no_fd") return (void)channel.send(protocol::Compiled{4, 1, true});
  if (name == "a_piece_and_no_more") {
    const std::vector<uint8_t> code = code_that_divides_by_zero(bytes, abi::kCodePage);
    const Fd file = sealed(as_text(code));
    const int fd = file.get();
    return (void)channel.send(protocol::Compiled{code.size(), 1, false}, {&fd, 1});
  }
  // A first piece that says it is all, and something behind all.
  if (name == "ends_too_early" || name == "more_than_all") {
    const bool early = name == "ends_too_early";
    const std::vector<uint8_t> code = code_that_divides_by_zero(bytes, early ? abi::kCodePage : 0);
    const Fd file = sealed(as_text(code));
    const int fd = file.get();
    for (const bool last : {early, true}) {
      (void)channel.send(protocol::Compiled{code.size(), 1, last}, {&fd, 1});
    }
    for (;;) asm volatile("");
  }
  if (name == "verdict") return (void)channel.send(protocol::Verdict{});
  if (name == "open_a_path") return (void)channel.send(protocol::PathOpen{});
  if (name == "exit") return;
  if (name == "crash") __builtin_trap();
  if (name == "claims_no_memory") _exit(98);
  if (name == "claims_escape") _exit(97);
  if (name == "refuses") {
    return (void)channel.send(protocol::CompileFailed{"why", "\x1b[31m not today"});
  }
  if (name == "spins") {
    for (;;) asm volatile("");
  }
  if (name == "run_what_it_wrote") {
    Fd file = sealed("\xc3");
    (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED,
              static_cast<uint64_t>(file.get()), 0);
  }
  if (name == "map_executable") {
    (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~uint64_t{0},
              0);
  }
  if (name == "open_a_file") (void)raw(SYS_open, address("/etc/passwd"), O_RDONLY);
  if (name == "make_a_thread") (void)raw(SYS_clone, 0x3d0f00, 0, 0, 0, 0);
  if (name == "make_a_socket") (void)raw(SYS_socket, 1, 1, 0);
}

}  // namespace
}  // namespace cordon::escape

int main() {
  using namespace cordon;
  worker::Entered entered = worker::enter(escape::policy_for);
  auto received = entered.channel.receive();
  if (!received) return 1;
  auto start = received->as<protocol::CompileStart>();
  if (!start) return 1;
  Mapping module = worker::map_sealed(received->fds[0], start->module_size);
  worker::close_the_jail(entered.policy);
  // Behind the header: section 0, its size, the length of its name, the name.
  std::string name(as_text(module.bytes().subspan(11, module.bytes()[10])));
  escape::attack(name, entered.channel, received->fds[0], module.bytes());
  _exit(0);
}
