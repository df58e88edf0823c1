// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/border/dump.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "tests/border/plant.h"

namespace cordon::border {

namespace {

using testing::HandCode;
using x64::mem;
using x64::W32;
using x64::W64;
using x64::W8;
using enum x64::Gpr;

// Stores into linear memory, one after another.
class Store {
 public:
  Store(HandCode& code, uint32_t wasm_offset) : code_(code), wasm_offset_(wasm_offset) {}

  void put(x64::Width width, x64::Gpr reg, uint32_t at) {
    code_.site(Trap::out_of_bounds_memory_access, wasm_offset_);
    code_.a.mov(width, mem(r15, at), reg);
  }

 private:
  HandCode& code_;
  uint32_t wasm_offset_;
};

// mov rax, [rip + read-only data + from], the distance to come.
void load_rodata(HandCode& code, uint32_t from) {
  constexpr uint8_t kLoad[] = {0x48, 0x8B, 0x05};
  code.a.data(kLoad);
  code.rodata_reads.push_back({code.a.offset(), from});
  code.a.data(std::array<uint8_t, 4>{});
}

struct Range {
  uint64_t begin, end;
  std::string name;
  bool has(uint64_t address) const { return address - begin < end - begin; }
};

// All mappings of this process. Those of more than a tebibyte are a sanitizer's, which contain
// almost any number.
std::vector<Range> mappings() {
  std::vector<Range> all;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Range range{0, 0, line};
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64, &range.begin, &range.end) != 2) continue;
    if (range.end - range.begin < uint64_t{1} << 40) all.push_back(range);
  }
  return all;
}

std::string text_of(const char* what, size_t at, uint64_t word, const std::string& where) {
  char text[64];
  std::snprintf(text, sizeof text, "%s at %zu: %016" PRIx64 " ", what, at, word);
  return text + where;
}

}  // namespace

void write_dump(HandCode& code, const Readable& readable, uint32_t wasm_offset) {
  Store store(code, wasm_offset);
  auto& a = code.a;
  // No store changes a flag or a register.
  for (uint8_t reg = 0; reg < 16; ++reg) {
    const auto gpr = static_cast<x64::Gpr>(reg);
    if (gpr == rsp || gpr == r14 || gpr == r15) continue;
    store.put(W64, gpr, kGprs + 8 * reg);
  }
  for (uint8_t cond = 0; cond < 16; ++cond) {
    a.setcc(static_cast<x64::Cond>(cond), rax);
    store.put(W8, rax, kFlags + cond);
  }
  uint32_t at = kFrame;
  const auto copy = [&](x64::Width width, const x64::Mem& from) {
    a.mov(width, rax, from);
    store.put(W64, rax, at);
    at += 8;
  };
  for (uint32_t i = 0; i < readable.frame; i += 8) copy(W64, mem(rsp, i));
  for (uint32_t i = 0; i < readable.window_slots; ++i) {
    copy(W64, mem(rsp, readable.frame + 8 + 8 * i));
  }
  copy(W32, mem(r14, offsetof(abi::VmContext, memory_pages)));
  copy(W64, mem(r14, readable.own_number));
  copy(W64, mem(r14, readable.imported_constant));
  for (const uint32_t from : {0U, 8U}) {
    load_rodata(code, from);
    store.put(W64, rax, at);
    at += 8;
  }
  for (uint8_t reg = 0; reg < 16; ++reg) {
    a.movup(x64::F32, mem(rsp, 0), static_cast<x64::Xmm>(reg));
    for (const uint32_t half : {0U, 8U}) {
      a.mov(W64, rax, mem(rsp, half));
      store.put(W64, rax, kXmms + 16 * reg + half);
    }
  }
}

void finish_rodata(HandCode& code) {
  code.rodata = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const uint64_t rodata = abi::round_to_code_page(code.a.offset());
  for (const auto& [field, from] : code.rodata_reads) {
    code.a.patch32(field, static_cast<int32_t>(rodata + from - (field + 4)));
  }
}

std::string secret_in(ByteSpan bytes, const runtime::Instance& instance) {
  const std::vector<Range> all = mappings();
  const ByteSpan code = instance.code->room();
  const auto code_at = reinterpret_cast<uint64_t>(code.data());
  const Range own{code_at, code_at + code.size(), ""};
  for (size_t at = 0; at + 8 <= bytes.size(); ++at) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if (word == 0) continue;
    const auto low = static_cast<uint32_t>(word);
    const bool is_canary = word >> 8 == kCanary >> 8 || low == kCanary >> 32 ||
                           low >> 8 == static_cast<uint32_t>(kCanary) >> 8;
    if (is_canary) return text_of("a canary", at, word, "");
    if (own.has(word)) continue;
    for (const Range& range : all) {
      if (range.has(word)) return text_of("an address", at, word, range.name);
    }
  }
  return "";
}

}  // namespace cordon::border
