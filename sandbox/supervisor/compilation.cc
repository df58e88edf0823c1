// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/compilation.h"

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"

namespace cordon::supervisor {

using protocol::Descriptor;
using protocol::MessageId;

Result<void> Compilation::begin(const Fd& module, bool fuel, bool stamped) {
  worker_.gate().offer(Descriptor::Module, TRY(reopen_read_only(module.get())));
  TRY_VOID(offer_room());
  protocol::CompileStart start;
  start.module_size = TRY(size_of_sealed(module.get()));
  start.fuel = fuel;
  start.stamped = stamped;
  worker_.send(start);
  return {};
}

// This memfd is what the run worker will map: the compile worker gets a descriptor of its own.
Result<void> Compilation::offer_room() {
  room_ = TRY(create_memfd("code"));
  worker_.gate().offer(Descriptor::CodeRoom, TRY(duplicate(room_)));
  return {};
}

Result<void> Compilation::handle(const protocol::Received& message) {
  const bool known = message.id == MessageId::CompileFailed || message.id == MessageId::Compiled;
  if (!known || answered()) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                std::string(protocol::row_of(message.id).name) + " was not asked for");
  }
  if (message.id == MessageId::CompileFailed) {
    failed_ = TRY(message.as<protocol::CompileFailed>());
    return {};
  }
  return take_piece(TRY(message.as<protocol::Compiled>()));
}

// [W1] [P1] Sealed before it is measured: the worker cannot change it afterwards.
Result<void> Compilation::take_piece(const protocol::Compiled& piece) {
  const Fd sealed = TRY(seal_memfd(std::move(room_)));
  const uint64_t size = TRY(size_of_sealed(sealed.get()));
  if (size != piece.code_size) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                "code of another size than announced");
  }
  total_ += size;
  if (++count_ > protocol::kMaxPieces || total_ > most_code_) {  // [L1]
    return fail(protocol::diag::malformed_message, kNoOffset, "more code than there may be");
  }
  pieces_.push_back({TRY(reopen_read_only(sealed.get())), size, piece.last});
  compile_ns_ = piece.compile_ns;
  last_ = piece.last;
  return last_ ? Result<void>() : offer_room();
}

std::optional<CompiledCode> Compilation::take_code() {
  if (pieces_.empty()) return std::nullopt;
  CompiledCode piece = std::move(pieces_.front());
  pieces_.pop_front();
  return piece;
}

}  // namespace cordon::supervisor
