// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hostile compile worker: starts as the honest one does, stands in the same jail, and then does
// to its supervisor and to the run worker what the module's first custom section is called.
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
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

using protocol::Channel;

policy::Worker policy_for(protocol::Engine) { return policy::Worker::Compile; }

// Writes `bytes` where the supervisor wants code, and says so; the descriptor stays open.
Fd send_piece(Channel& channel, ByteSpan bytes, bool last, uint64_t claimed) {
  Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
  if (!room) _exit(1);
  while (!bytes.empty()) {
    const ssize_t written = write(room->get(), bytes.data(), bytes.size());
    if (written < 0) break;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  (void)channel.send(protocol::Compiled{claimed, 1, last});
  return std::move(*room);
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
  blob.funcs = {{0, static_cast<uint32_t>(blob.code.size()), 0, 0, 0}};
  return encode(blob);
}

// Attacks on the memory that code is written into ([J4] [W1]).
bool attack_room(const std::string& name, Channel& channel) {
  if (name == "no_room") return (void)channel.send(protocol::Compiled{4, 1, true}), true;
  if (name == "wrong_size") return (void)send_piece(channel, as_bytes("code"), true, 5), true;
  if (name == "two_rooms") {
    (void)worker::ask_for(protocol::Descriptor::CodeRoom);
    (void)worker::ask_for(protocol::Descriptor::CodeRoom);
    return true;
  }
  if (name == "writes_after_it_is_sealed") {
    const Fd room = send_piece(channel, as_bytes("code"), false, 4);
    // The next room is there only once the supervisor has sealed the first.
    (void)worker::ask_for(protocol::Descriptor::CodeRoom);
    if (write(room.get(), "x", 1) >= 0) __builtin_trap();
    (void)channel.send(protocol::CompileFailed{"sealed", "no code blob"});
    return true;
  }
  if (name == "maps_its_room") {
    Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
    (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
              static_cast<uint64_t>(room->get()), 0);
    return true;
  }
  if (name == "more_code_than_allowed") {
    const std::vector<uint8_t> chunk(1 << 20, 'x');
    Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
    uint64_t written = 0;
    for (ssize_t step; (step = write(room->get(), chunk.data(), chunk.size())) > 0;) {
      written += static_cast<uint64_t>(step);
    }
    (void)channel.send(protocol::Compiled{written, 1, false});
    done(channel, "a byte too much");
    return true;
  }
  if (name == "asks_for_the_module_again") {
    (void)worker::ask_for(protocol::Descriptor::Module);
    return true;
  }
  if (name == "asks_for_the_streams") {
    (void)worker::ask_for_streams();
    return true;
  }
  if (name == "sends_a_descriptor") {
    (void)raw(SYS_sendmsg, 3, address(&name), 0);
    return true;
  }
  return false;
}

// [V1] Acts after its last word.
bool attack_afterwards(const std::string& name, Channel& channel) {
  if (name == "speaks_after_its_last_piece") {
    done(channel, "no code blob");
    (void)channel.send(protocol::Compiled{4, 1, true});
    return true;
  }
  if (name == "forbidden_call_after_its_last_piece") {
    done(channel, "no code blob");
    (void)raw(SYS_socket, 1, 1, 0);
    return true;
  }
  if (name == "spins_after_its_last_piece") {
    done(channel, "no code blob");
    for (;;) asm volatile("");
  }
  return false;
}

bool attack_system(const std::string& name) {
  if (name == "map_executable") {
    (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~uint64_t{0},
              0);
  } else if (name == "run_what_it_wrote") {
    Result<Fd> room = worker::ask_for(protocol::Descriptor::CodeRoom);
    (void)!write(room->get(), "\xc3", 1);
    (void)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED,
              static_cast<uint64_t>(room->get()), 0);
  } else if (name == "open_a_file") {
    (void)raw(SYS_open, address("/etc/passwd"), O_RDONLY);
  } else if (name == "make_a_thread") {
    (void)raw(SYS_clone, 0x3d0f00, 0, 0, 0, 0);
  } else if (name == "make_a_socket") {
    (void)raw(SYS_socket, 1, 1, 0);
  } else {
    return false;
  }
  return true;
}

void attack(const std::string& name, Channel& channel, ByteSpan bytes) {
  if (attack_room(name, channel) || attack_afterwards(name, channel) || attack_system(name)) return;
  if (name == "divides_by_zero") return done(channel, as_text(code_that_divides_by_zero(bytes)));
  if (name == "garbage") return done(channel, "no code blob");
  if (name == "empty") return done(channel, "");
  if (name == "a_piece_and_no_more") {
    const std::vector<uint8_t> code = code_that_divides_by_zero(bytes, abi::kCodePage);
    return (void)send_piece(channel, code, false, code.size());
  }
  // A first piece that says it is all.
  if (name == "ends_too_early") {
    const std::vector<uint8_t> code = code_that_divides_by_zero(bytes, abi::kCodePage);
    return (void)send_piece(channel, code, true, code.size());
  }
  // Something behind all.
  if (name == "more_than_all") {
    const std::vector<uint8_t> code = code_that_divides_by_zero(bytes);
    for (const bool last : {false, true}) (void)send_piece(channel, code, last, code.size());
    return;
  }
  if (name == "verdict") return (void)channel.send(protocol::Verdict{});
  if (name == "open_a_path") return (void)channel.send(protocol::PathOpen{});
  if (name == "crash") __builtin_trap();
  if (name == "claims_no_memory") _exit(98);
  if (name == "claims_escape") _exit(97);
  if (name == "refuses") {
    return (void)channel.send(protocol::CompileFailed{"why", "\x1b[31m not today"});
  }
  if (name == "spins") {
    for (;;) asm volatile("");
  }
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
  // Behind the header: section 0, its size, the length of its name, the name.
  std::string name(as_text(module->bytes().subspan(11, module->bytes()[10])));
  // Those of the set-up phase.
  if (name.starts_with("s:")) escape::attempt(name);
  worker::close_the_jail(entered.policy);
  if (name.starts_with("g:")) escape::attempt(name);
  escape::attack(name, entered.channel, module->bytes());
  _exit(0);
}
