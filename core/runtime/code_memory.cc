// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/code_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "core/base/check.h"

namespace cordon::runtime {
namespace {

// The element of a sorted table whose key is `key`, or null.
template <class Site>
const Site* find(const std::vector<Site>& sites, uint32_t Site::* key, uint32_t value) {
  auto found =
      std::lower_bound(sites.begin(), sites.end(), value,
                       [key](const Site& site, uint32_t wanted) { return site.*key < wanted; });
  return found != sites.end() && (*found).*key == value ? &*found : nullptr;
}

}  // namespace

Result<std::shared_ptr<const CodeMemory>> CodeMemory::publish(verify::VerifiedCode code,
                                                              std::span<const SealedFile> files) {
  const auto pieces = code.pieces();
  CHECK(pieces.size() == files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    CHECK(pieces[i].bytes.data() == files[i].bytes().data() &&
          pieces[i].bytes.size() == files[i].bytes().size());
  }
  std::shared_ptr<CodeMemory> memory(new CodeMemory());
  TRY_VOID(memory->map(pieces, files));
  memory->take_tables(std::move(code));
  return std::shared_ptr<const CodeMemory>(std::move(memory));
}

// Room for the whole code space, then each piece at its place in it. One mapping for both parts of
// a piece, so that they have their distance; then the data loses the right to be executed. That is
// the only mprotect here, and it takes away.
Result<void> CodeMemory::map(std::span<const verify::VerifiedPiece> pieces,
                             std::span<const SealedFile> files) {
  uint64_t size = 0;
  for (const verify::VerifiedPiece& piece : pieces) {
    size = std::max(size, piece.blob.place.code_base + piece.blob.extent());
  }
  if (size == 0) return {};
  // [R2] The guest may learn where its own code lies (a return address on its stack), so this
  // place says nothing about any other.
  room_ = TRY(Mapping::reserve_apart(size));
  for (size_t i = 0; i < files.size(); ++i) {
    const abi::CodeBlob& blob = pieces[i].blob;
    if (blob.extent() == 0) continue;
    // [W1] [W2] Sealed, so says SealedFile; shared, so that these are the sealed pages themselves.
    uint8_t* const at = room_.base() + blob.place.code_base;
    const void* mapped = mmap(at, blob.extent(), PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED,
                              files[i].fd(), static_cast<off_t>(blob.code_at));
    if (mapped == MAP_FAILED) return fail_os("mmap of machine code", errno);
    const uint64_t data_at = blob.rodata_at - blob.code_at;
    CHECK(data_at >= blob.code.size() && data_at % abi::kCodePage == 0);
    if (data_at < blob.extent() &&
        mprotect(at + data_at, blob.extent() - data_at, PROT_READ) != 0) {
      return fail_os("mprotect of read-only data", errno);
    }
  }
  return {};
}

// All but the leaders, which are the verifier's alone.
void CodeMemory::take_tables(verify::VerifiedCode code) {
  options_ = code.options();
  for (verify::VerifiedPiece& piece : std::move(code).take_pieces()) {
    abi::CodeBlob& blob = piece.blob;
    if (blob.funcs.empty()) continue;
    for (abi::BlobFunc func : blob.funcs) {
      func.offset += blob.place.code_base;
      funcs_.push_back(func);
    }
    pieces_.push_back({blob.place.code_base, blob.code.size(), std::move(blob.trap_sites),
                       std::move(blob.call_sites)});
  }
}

uint64_t CodeMemory::code_bytes() const {
  uint64_t bytes = 0;
  for (const Piece& piece : pieces_) bytes += piece.code_size;
  return bytes;
}

std::optional<uint32_t> CodeMemory::offset_of(const void* pc) const {
  const uint64_t offset = reinterpret_cast<uint64_t>(pc) - reinterpret_cast<uint64_t>(room_.base());
  if (offset >= room_.size()) return std::nullopt;
  return static_cast<uint32_t>(offset);
}

std::optional<uint32_t> CodeMemory::func_at(uint32_t offset) const {
  auto behind =
      std::upper_bound(funcs_.begin(), funcs_.end(), offset,
                       [](uint32_t at, const abi::BlobFunc& func) { return at < func.offset; });
  if (behind == funcs_.begin()) return std::nullopt;
  const abi::BlobFunc& func = *--behind;
  if (offset - func.offset >= func.size) return std::nullopt;
  return static_cast<uint32_t>(behind - funcs_.begin());
}

const CodeMemory::Piece* CodeMemory::piece_at(uint32_t offset) const {
  auto behind =
      std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                       [](uint32_t at, const Piece& piece) { return at < piece.code_base; });
  return behind == pieces_.begin() ? nullptr : &*--behind;
}

const abi::TrapSite* CodeMemory::trap_site(uint32_t offset) const {
  const Piece* piece = piece_at(offset);
  if (piece == nullptr) return nullptr;
  return find(piece->trap_sites, &abi::TrapSite::offset, offset - piece->code_base);
}

// A return address may be the end of a piece's code, but never the start of the next one's.
const abi::CallSite* CodeMemory::call_site(uint32_t return_offset) const {
  const Piece* piece = return_offset == 0 ? nullptr : piece_at(return_offset - 1);
  if (piece == nullptr) return nullptr;
  return find(piece->call_sites, &abi::CallSite::return_offset, return_offset - piece->code_base);
}

}  // namespace cordon::runtime
