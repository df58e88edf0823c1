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

Result<std::shared_ptr<const CodeMemory>> CodeMemory::publish(const verify::VerifiedCode& code,
                                                              const SealedFile& file) {
  CHECK(code.bytes().data() == file.bytes().data() && code.bytes().size() == file.bytes().size());
  abi::CodeBlob blob = code.blob();
  blob.leaders = {};  // the verifier's alone
  std::shared_ptr<CodeMemory> memory(new CodeMemory(std::move(blob)));
  TRY_VOID(memory->map(file));
  return std::shared_ptr<const CodeMemory>(std::move(memory));
}

// One mapping of both parts, so that they have their distance; then the data loses the right to be
// executed. That is the only mprotect here, and it takes away.
Result<void> CodeMemory::map(const SealedFile& file) {
  if (blob_.code.empty()) return {};
  const uint64_t size = file.bytes().size() - blob_.code_at;
  // [W1] [W2] Sealed, so says SealedFile; shared, so that these are the sealed pages themselves.
  void* base = mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_SHARED, file.fd(),
                    static_cast<off_t>(blob_.code_at));
  if (base == MAP_FAILED) return fail_os("mmap of machine code", errno);
  base_ = static_cast<uint8_t*>(base);
  size_ = size;
  const uint64_t data_at = blob_.rodata_at - blob_.code_at;
  if (data_at < size && mprotect(base_ + data_at, size - data_at, PROT_READ) != 0) {
    return fail_os("mprotect of read-only data", errno);
  }
  blob_.code = {base_, blob_.code.size()};
  blob_.rodata = {base_ + data_at, blob_.rodata.size()};
  return {};
}

CodeMemory::~CodeMemory() {
  if (base_ != nullptr) CHECK(munmap(base_, size_) == 0);
}

std::optional<uint32_t> CodeMemory::offset_of(const void* pc) const {
  const uint64_t offset =
      reinterpret_cast<uint64_t>(pc) - reinterpret_cast<uint64_t>(blob_.code.data());
  if (offset >= blob_.code.size()) return std::nullopt;
  return static_cast<uint32_t>(offset);
}

std::optional<uint32_t> CodeMemory::func_at(uint32_t offset) const {
  auto behind =
      std::upper_bound(blob_.funcs.begin(), blob_.funcs.end(), offset,
                       [](uint32_t at, const abi::BlobFunc& func) { return at < func.offset; });
  if (behind == blob_.funcs.begin()) return std::nullopt;
  const abi::BlobFunc& func = *--behind;
  if (offset - func.offset >= func.size) return std::nullopt;
  return static_cast<uint32_t>(behind - blob_.funcs.begin());
}

const abi::TrapSite* CodeMemory::trap_site(uint32_t offset) const {
  return find(blob_.trap_sites, &abi::TrapSite::offset, offset);
}

const abi::CallSite* CodeMemory::call_site(uint32_t return_offset) const {
  return find(blob_.call_sites, &abi::CallSite::return_offset, return_offset);
}

}  // namespace cordon::runtime
