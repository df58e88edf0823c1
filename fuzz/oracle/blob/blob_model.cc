// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/blob/blob_model.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cstring>

#include "core/abi/code_blob.h"
#include "core/base/check.h"
#include "fuzz/oracle/finding.h"

namespace cordon::fuzz {
namespace {

constexpr size_t kFenced = 1 << 22, kGuard = 1 << 20;
constexpr uint64_t kPage = 4096, kSpace = uint64_t{1} << 30;  // bytes of a code space
// The header: magic, fuel, as needed, machine, features, first body, code base, then a count a
// table and two sizes.
constexpr size_t kFlagsAt = 8, kCountsAt = 24;

// A blob that a compiler could have made, except for its sizes.
struct Drawn {
  std::vector<uint8_t> code, rodata;
  abi::CodeBlob blob;
  bool is_good = true;

  explicit Drawn(Choices& choices);

 private:
  void rows(Choices& choices);
  void spoil(Choices& choices);
};

Drawn::Drawn(Choices& choices) {
  code.assign(1 + choices.below(300), 0x90);
  rodata.assign(choices.below(100), 0x11);
  blob.options = {choices.below(2) == 1, choices.below(16)};
  blob.options.as_needed = choices.below(4) == 3;
  const uint64_t bases[] = {0, kPage, 16 * kPage, kSpace - 2 * kPage, kSpace - kPage, kPage / 2, 8};
  blob.place = {choices.below(3), static_cast<uint32_t>(choices.of(bases))};
  rows(choices);
  if (choices.below(2) == 0) spoil(choices);
  blob.code = code;
  blob.rodata = rodata;
  const uint64_t extent = kPage + (rodata.empty() ? 0 : kPage);
  is_good &= blob.place.code_base % kPage == 0 && blob.place.code_base + extent <= kSpace;
}

void Drawn::rows(Choices& choices) {
  const auto size = static_cast<uint32_t>(code.size());
  for (uint32_t at = 0; at < size;) {
    const uint32_t most = size - at, bytes = choices.once_in(3) ? most : 1 + choices.below(most);
    blob.funcs.push_back({at, bytes, 8 * choices.below(64), choices.below(5)});
    at += bytes + choices.below(8);
  }
  for (uint32_t at = choices.below(32); at < size; at += 1 + choices.below(64)) {
    blob.leaders.push_back({at, choices.below(1 << 16)});
    blob.trap_sites.push_back(
        {at, choices.below(100), static_cast<Trap>(choices.below(kTrapCount))});
  }
  for (uint32_t at = choices.below(32); at <= size; at += 1 + choices.below(64)) {
    blob.call_sites.push_back({at, choices.below(100)});
  }
}

// Makes one row wrong: too far away, doubled, or out of order.
void Drawn::spoil(Choices& choices) {
  const auto size = static_cast<uint32_t>(code.size());
  const auto swap_or_repeat = [&](auto& rows) {
    if (rows.size() < 2) return;
    const uint32_t i = choices.below(static_cast<uint32_t>(rows.size() - 1));
    choices.below(2) == 0 ? std::swap(rows[i], rows[i + 1]) : void(rows[i + 1] = rows[i]);
    is_good = false;
  };
  switch (choices.below(8)) {
    case 0: swap_or_repeat(blob.funcs); break;
    case 1: swap_or_repeat(blob.leaders); break;
    case 2: swap_or_repeat(blob.trap_sites); break;
    case 3: swap_or_repeat(blob.call_sites); break;
    case 4:
      blob.funcs.back().size = size - blob.funcs.back().offset + 1 + choices.below(64);
      is_good = false;
      break;
    case 5:
      blob.leaders.push_back({size + choices.below(2), 0});
      is_good = false;
      break;
    case 6:
      blob.call_sites.push_back({size + 1, 0});
      is_good = false;
      break;
    default:
      if (blob.funcs.size() < 2) break;
      blob.funcs[0].size = blob.funcs[1].offset + 1;  // overlaps
      is_good = false;
  }
}

// Changes the bytes so that they are no blob; false if nothing was changed.
bool spoil_bytes(std::vector<uint8_t>& bytes, const Drawn& drawn, Choices& choices) {
  const auto add = [&](size_t at, uint32_t value) {
    uint32_t word;
    std::memcpy(&word, &bytes[at], sizeof word);
    word += value;
    std::memcpy(&bytes[at], &word, sizeof word);
  };
  switch (choices.below(6)) {
    case 0:
      bytes[kFlagsAt + choices.below(2)] = static_cast<uint8_t>(2 + choices.below(254));
      return true;
    case 1:
      bytes[choices.below(8)] ^= 1;
      return true;  // the magic
    // So many rows that their size overflows 32 bits to a small number.
    case 2:
      add(kCountsAt + 4 * choices.below(abi::kBlobTables), 1u << (28 + choices.below(4)));
      return true;
    case 3:
      bytes.resize(bytes.size() - 1 - choices.below(static_cast<uint32_t>(bytes.size())));
      return true;
    case 4: bytes.resize(bytes.size() + (choices.below(2) == 0 ? kPage : 1)); return true;
    default:
      if (drawn.code.size() % kPage == 0) return false;
      const auto decoded = abi::decode_blob(bytes);
      if (!decoded) return false;
      bytes[decoded->code_at + kPage - 1 - choices.below(64)] = 1;  // padding
      return true;
  }
}

}  // namespace

Fence::Fence()
    : pages_(static_cast<uint8_t*>(
          ::mmap(nullptr, kFenced + kGuard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
  CHECK(pages_ != MAP_FAILED && ::mprotect(pages_, kFenced, PROT_READ | PROT_WRITE) == 0);
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
  // A hostile count that is believed must end this process, not exhaust the machine's memory.
  const rlimit most{size_t{1} << 30, size_t{1} << 30};
  CHECK(::setrlimit(RLIMIT_DATA, &most) == 0);
#endif
}

Fence::~Fence() { ::munmap(pages_, kFenced + kGuard); }

ByteSpan Fence::copy(ByteSpan bytes) {
  CHECK(bytes.size() <= kFenced);
  uint8_t* const at = pages_ + kFenced - bytes.size();
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return {at, bytes.size()};
}

void check_blob(Choices& choices, Fence& fence) {
  const Drawn drawn(choices);
  std::vector<uint8_t> bytes = abi::encode(drawn.blob);
  bool is_good = drawn.is_good;
  if (choices.below(2) == 0 && spoil_bytes(bytes, drawn, choices)) is_good = false;
  const auto decoded = abi::decode_blob(fence.copy(bytes));
  expect(decoded.has_value() == is_good,
         is_good ? "a sound blob is refused" : "a blob that is none");
  if (is_good) expect(abi::encode(*decoded) == bytes, "another encoding of the same blob");
}

std::vector<uint8_t> table_at_the_end(ByteSpan blob, Choices& choices) {
  auto decoded = abi::decode_blob(blob);
  CHECK(decoded);
  std::vector<uint8_t> code(decoded->code.begin(), decoded->code.end()),
      rodata(decoded->rodata.begin(), decoded->rodata.end());
  const uint64_t distance = abi::round_to_code_page(code.size());
  const std::vector<uint8_t> pattern = rodata.empty() ? std::vector<uint8_t>(4) : rodata;
  while (rodata.size() % kPage != 0 || rodata.empty()) {
    rodata.push_back(pattern[rodata.size() % pattern.size()]);
  }
  // lea r11, [rip + table] of a jump table's sequence.
  constexpr uint8_t kLea[] = {0x4C, 0x8D, 0x1D};
  const uint32_t skipped = choices.below(4);
  uint32_t seen = 0;
  for (size_t at = 0; at + 7 <= code.size(); ++at) {
    if (std::memcmp(&code[at], kLea, sizeof kLea) != 0 || seen++ != skipped) continue;
    const uint64_t to = distance + rodata.size() - 4 * (1 + choices.below(16));
    const auto displacement = static_cast<int32_t>(to - (at + 7));
    std::memcpy(&code[at + 3], &displacement, sizeof displacement);
  }
  decoded->code = code;
  decoded->rodata = rodata;
  return abi::encode(*decoded);
}

}  // namespace cordon::fuzz
