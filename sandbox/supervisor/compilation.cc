// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/compilation.h"

#include "core/base/os/memfd.h"
#include "core/base/os/sealed_file.h"

namespace cordon::supervisor {

using protocol::Descriptor;
using protocol::MessageId;

Result<void> Compilation::begin(const Fd& module) {
  worker_.gate().offer(Descriptor::Module, TRY(reopen_read_only(module.get())));
  TRY_VOID(offer_room());
  job_.module_size = TRY(size_of_sealed(module.get()));
  worker_.send(job_);
  return {};
}

void Compilation::make(uint32_t body) {
  is_asked_ = true;
  worker_.send(protocol::CompileBody{body});
}

// This memfd is what the run worker will map: the compile worker gets a descriptor of its own.
Result<void> Compilation::offer_room() {
  room_ = TRY(create_memfd("code"));
  worker_.gate().offer(Descriptor::CodeRoom, TRY(duplicate(room_)));
  return {};
}

// [P1] One answer to each request for a function; nothing after the last word.
bool Compilation::expects(const protocol::Received& message) const {
  const bool known = message.id == MessageId::CompileFailed || message.id == MessageId::Compiled;
  return known && !answered() && (is_asked_ || !job_.as_needed);
}

Result<void> Compilation::handle(const protocol::Received& message) {
  if (!expects(message)) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                std::string(protocol::row_of(message.id).name) + " was not asked for");
  }
  if (message.id == MessageId::CompileFailed) {
    failed_ = TRY(message.as<protocol::CompileFailed>());
    return {};
  }
  const auto piece = TRY(message.as<protocol::Compiled>());
  if (!job_.as_needed) return take_piece(piece);
  is_asked_ = false;
  if (piece.last) {
    return fail(protocol::diag::malformed_message, kNoOffset,
                "a last piece where functions are asked for");
  }
  compile_ns_ = piece.compile_ns;
  return piece.code_size == 0 ? Result<void>() : take_piece(piece);
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
  const uint32_t most = job_.as_needed ? protocol::kMaxNeededPieces : protocol::kMaxPieces;
  if (++count_ > most || total_ > job_.most_code) {  // [L1]
    return fail(protocol::diag::malformed_message, kNoOffset, "more code than there may be");
  }
  if (count_ > skipped_) {
    pieces_.push_back({TRY(reopen_read_only(sealed.get())), size, piece.last});
  }
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
