// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hostile compile worker: starts as the honest one does, enters the same jail, and then does to
// its supervisor and to the run worker what the name of the module's first custom section says.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "core/abi/code_blob.h"
#include "core/abi/vmctx.h"
#include "core/asm/x64/assembler.h"
#include "sandbox/worker/ask.h"
#include "sandbox/worker/enter.h"
#include "tests/escape/attack.h"
#include "tests/escape/makers.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;

policy::Worker policy_for(protocol::Engine engine) {
  return engine == protocol::Engine::Auto ? policy::Worker::CompileAuto : policy::Worker::Compile;
}

void done(Channel& channel, std::string_view text) {
  (void)send_piece(channel, as_bytes(text), true, text.size());
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
  blob.funcs = {{0, static_cast<uint32_t>(blob.code.size()), 0, 0}};
  return encode(blob);
}

// The rows of compiler_attacks.def, in its order. Returning ends the worker.
void garbage(Channel& channel, ByteSpan) { done(channel, "no code blob"); }
void empty(Channel& channel, ByteSpan) { done(channel, ""); }
void wrong_size(Channel& channel, ByteSpan) {
  (void)send_piece(channel, as_bytes("code"), true, 5);
}
void no_room(Channel& channel, ByteSpan) { (void)channel.send(protocol::Compiled{4, 1, true}); }
void two_rooms(Channel&, ByteSpan) {
  (void)worker::ask_for(protocol::Descriptor::CodeRoom);
  (void)worker::ask_for(protocol::Descriptor::CodeRoom);
}
void writes_after_it_is_sealed(Channel& channel, ByteSpan) {
  const Fd room = send_piece(channel, as_bytes("code"), false, 4);
  // The next room is there only once the supervisor has sealed the first.
  (void)worker::ask_for(protocol::Descriptor::CodeRoom);
  if (write(room.get(), "x", 1) >= 0) __builtin_trap();
  (void)channel.send(protocol::CompileFailed{"sealed", "no code blob"});
}
void maps_its_room(Channel&, ByteSpan) {
  Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
  (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
            static_cast<uint64_t>(room->get()), 0);
}
void more_code_than_allowed(Channel& channel, ByteSpan) {
  const std::vector<uint8_t> chunk(1 << 20, 'x');
  Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
  uint64_t written = 0;
  for (ssize_t step; (step = write(room->get(), chunk.data(), chunk.size())) > 0;) {
    written += static_cast<uint64_t>(step);
  }
  (void)channel.send(protocol::Compiled{written, 1, false});
  done(channel, "a byte too much");
}
void asks_for_the_module_again(Channel&, ByteSpan) {
  (void)worker::ask_for(protocol::Descriptor::Module);
}
void asks_for_the_streams(Channel&, ByteSpan) { (void)worker::ask_for_streams(); }
void sends_a_descriptor(Channel&, ByteSpan module) {
  (void)raw(SYS_sendmsg, 3, address(module.data()), 0);
}

void a_piece_and_no_more(Channel& channel, ByteSpan module) {
  const std::vector<uint8_t> code = code_that_divides_by_zero(module, abi::kCodePage);
  (void)send_piece(channel, code, false, code.size());
}
void ends_too_early(Channel& channel, ByteSpan module) {
  const std::vector<uint8_t> code = code_that_divides_by_zero(module, abi::kCodePage);
  (void)send_piece(channel, code, true, code.size());
}
void more_than_all(Channel& channel, ByteSpan module) {
  const std::vector<uint8_t> code = code_that_divides_by_zero(module);
  for (const bool last : {false, true}) (void)send_piece(channel, code, last, code.size());
}
void divides_by_zero(Channel& channel, ByteSpan module) {
  done(channel, as_text(code_that_divides_by_zero(module)));
}

void verdict(Channel& channel, ByteSpan) { (void)channel.send(protocol::Verdict{}); }
void open_a_path(Channel& channel, ByteSpan) { (void)channel.send(protocol::PathOpen{}); }
void refuses(Channel& channel, ByteSpan) {
  (void)channel.send(protocol::CompileFailed{"why", "\x1b[31m not today"});
}
void refuses_after_a_piece(Channel& channel, ByteSpan module) {
  (void)send_piece(channel, as_bytes("no code blob"), false, 12);
  refuses(channel, module);
}

void exits(Channel&, ByteSpan) { _exit(0); }
void crashes(Channel&, ByteSpan) { __builtin_trap(); }
void claims_no_memory(Channel&, ByteSpan) { _exit(98); }
void claims_escape(Channel&, ByteSpan) { _exit(97); }
void spins(Channel&, ByteSpan) {
  for (;;) asm volatile("");
}
void speaks_after_its_last_piece(Channel& channel, ByteSpan) {
  done(channel, "no code blob");
  (void)channel.send(protocol::Compiled{4, 1, true});
}
void forbidden_call_after_its_last_piece(Channel& channel, ByteSpan) {
  done(channel, "no code blob");
  (void)raw(SYS_socket, 1, 1, 0);
}
void spins_after_its_last_piece(Channel& channel, ByteSpan module) {
  done(channel, "no code blob");
  spins(channel, module);
}

void map_executable(Channel&, ByteSpan) {
  (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~uint64_t{0}, 0);
}
void run_what_it_wrote(Channel&, ByteSpan) {
  Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
  (void)!write(room->get(), "\xc3", 1);
  (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED,
            static_cast<uint64_t>(room->get()), 0);
}
void open_a_file(Channel&, ByteSpan) { (void)raw(SYS_open, address("/etc/passwd"), O_RDONLY); }
void make_a_thread(Channel&, ByteSpan) { (void)raw(SYS_clone, 0x3d0f00, 0, 0, 0, 0); }
void make_a_socket(Channel&, ByteSpan) { (void)raw(SYS_socket, 1, 1, 0); }

void attack(const std::string& which, Channel& channel, ByteSpan module) {
#define COMPILER_ATTACK(name, ...) \
  if (which == #name) return name(channel, module);
#include "tests/escape/compiler_attacks.def"
#define MAKER(name, ...) \
  if (which == #name) return name(channel);
#include "tests/escape/tiering_attacks.def"
  _exit(53);
}

// "syscall:FORM:NUMBER" in the phase that the caller is in. Never goes on.
void attempt(const std::string& name) {
  const size_t form = name.find(':') + 1, number = name.find(':', form) + 1;
  (void)attempt_syscall(name.substr(form, number - 1 - form), std::stol(name.substr(number)));
  _exit(54);
}

}  // namespace
}  // namespace cordon::escape

int main() {
  using namespace cordon;
  worker::Entered entered = worker::enter(escape::policy_for);
  auto received = worker::receive_job(entered.channel);
  if (!received) return 1;
  auto start = received->as<protocol::CompileStart>();
  if (!start) return 1;
  auto module = worker::map_sealed(protocol::Descriptor::Module, start->module_size);
  if (!module) return 1;
  // After the header: section 0, its size, the length of its name, the name.
  std::string name(as_text(module->bytes().subspan(11, module->bytes()[10])));
  // Those of the set-up phase.
  if (name.starts_with("s:")) escape::attempt(name);
  worker::close_the_jail(entered.policy);
  if (name.starts_with("g:")) escape::attempt(name);
  escape::attack(name, entered.channel, module->bytes());
  _exit(0);
}
