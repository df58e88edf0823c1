// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/code_blob.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "core/abi/diagnostics.h"
#include "core/base/check.h"
#include "core/base/checked.h"
#include "core/wasm/limits.h"

namespace cordon::abi {
namespace {

static_assert(std::endian::native == std::endian::little, "records are copied as they are");

constexpr uint64_t kMagic = 0x33626c62'6e6f6463;  // "cdonblb3"
constexpr uint32_t kTrapCount = [] {
  uint32_t count = 0;
#define TRAP(name, text) ++count;
#include "core/abi/traps.def"
  return count;
}();

struct Header {
  uint64_t magic;
  uint16_t fuel;
  Machine machine;
  uint32_t cpu_features;
  uint32_t first_body, code_base;
  uint32_t funcs, leaders, trap_sites, call_sites;
  uint32_t code_size, rodata_size;
};
static_assert(std::has_unique_object_representations_v<Header> && sizeof(Header) == 48);

static_assert(wasm::kMaxModuleSize <= kMaxOffset + 1 && kTrapCount <= 1U << (64 - 2 * kOffsetBits));

template <class T>
inline constexpr bool kIsRecord =
    std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;
static_assert(kIsRecord<BlobFunc> && kIsRecord<Leader> && kIsRecord<PackedTrapSite> &&
              kIsRecord<CallSite>);

Failure malformed(const char* what, uint64_t offset) {
  return fail(diag::malformed_blob, offset, what);
}

class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

  // `count` records, or nothing if they are not all there: checked before anything is allocated.
  template <class Record>
  Result<std::vector<Record>> records(uint64_t count) {
    auto size = checked_mul<uint64_t>(count, sizeof(Record));
    if (!size || !range_fits(at_, *size, bytes_.size())) return malformed("cut short", at_);
    std::vector<Record> all(count);
    if (*size > 0) std::memcpy(all.data(), bytes_.data() + at_, *size);
    at_ += *size;
    return all;
  }
  Result<ByteSpan> part(uint64_t size) {
    if (!range_fits(at_, size, bytes_.size())) return malformed("cut short", at_);
    ByteSpan out = bytes_.subspan(at_, size);
    at_ += size;
    return out;
  }
  Result<void> padding() {
    uint64_t end = round_to_code_page(at_);
    if (end > bytes_.size()) return malformed("cut short", at_);
    for (; at_ < end; ++at_) {
      if (bytes_[at_] != 0) return malformed("padding that is not zero", at_);
    }
    return {};
  }
  uint64_t at() const { return at_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  ByteSpan bytes_;
  uint64_t at_ = 0;
};

// Functions in order, apart, inside the code; leaders split among them without gaps, ascending,
// inside.
Result<void> check_funcs(const CodeBlob& blob) {
  uint64_t code_at = 0, leader_at = 0;
  for (const BlobFunc& func : blob.funcs) {
    if (func.size == 0 || func.offset < code_at ||
        !range_fits(func.offset, func.size, blob.code.size())) {
      return malformed("a function out of order or out of the code", func.offset);
    }
    code_at = uint64_t{func.offset} + func.size;
    if (func.first_leader != leader_at ||
        !range_fits(leader_at, func.leader_count, blob.leaders.size())) {
      return malformed("leaders that are not the function's", func.offset);
    }
    leader_at += func.leader_count;
    uint64_t least = func.offset;
    for (uint64_t i = func.first_leader; i < leader_at; ++i) {
      const Leader& leader = blob.leaders[i];
      const bool is_known = leader.u32_registers >> kRegisterCount == 0;
      if (leader.offset < least || leader.offset >= code_at || !is_known) {
        return malformed("a leader out of order or out of its function", leader.offset);
      }
      least = uint64_t{leader.offset} + 1;
    }
  }
  if (leader_at != blob.leaders.size()) return malformed("leaders of no function", kNoOffset);
  return {};
}

// Ascending offsets inside the code; `get` gives one. A call may be a function's last instruction,
// so its return offset may be the code's end.
template <class Site, class Get>
Result<void> check_sites(const std::vector<Site>& sites, Get get, uint64_t end, const char* what) {
  uint64_t least = 0;
  for (const Site& site : sites) {
    if (get(site) < least || get(site) >= end) return malformed(what, get(site));
    least = uint64_t{get(site)} + 1;
  }
  return {};
}

Result<std::vector<TrapSite>> read_trap_sites(Reader& in, uint32_t count) {
  const ByteSpan bytes = TRY(in.part(uint64_t{count} * sizeof(PackedTrapSite)));
  std::vector<TrapSite> sites(count);
  for (uint32_t i = 0; i < count; ++i) {
    PackedTrapSite site;
    std::memcpy(&site, bytes.data() + i * sizeof site, sizeof site);
    if (site.trap() >= kTrapCount) return malformed("an unknown trap", site.offset());
    sites[i] = {site.offset(), site.wasm_offset(), static_cast<Trap>(site.trap())};
  }
  return sites;
}

}  // namespace

BlobBuilder::BlobBuilder(const BlobOptions& options, const BlobPlace& place, const Counts& counts,
                         std::vector<uint8_t>& out)
    : counts_(counts), bytes_(out) {
  const Header header{.magic = kMagic,
                      .fuel = options.fuel,
                      .machine = options.machine,
                      .cpu_features = options.cpu_features,
                      .first_body = place.first_body,
                      .code_base = place.code_base,
                      .funcs = counts.funcs,
                      .leaders = counts.leaders,
                      .trap_sites = counts.trap_sites,
                      .call_sites = counts.call_sites,
                      .code_size = counts.code_size,
                      .rodata_size = counts.rodata_size};
  uint64_t end = sizeof header;
  const auto part = [&end](uint64_t count, uint64_t size) {
    const uint64_t at = end;
    end += count * size;
    return Part{at, end};
  };
  funcs_ = part(counts.funcs, sizeof(BlobFunc));
  leaders_ = part(counts.leaders, sizeof(Leader));
  trap_sites_ = part(counts.trap_sites, sizeof(PackedTrapSite));
  call_sites_ = part(counts.call_sites, sizeof(CallSite));
  code_at_ = round_to_code_page(end);
  rodata_at_ = round_to_code_page(code_at_ + counts.code_size);
  bytes_.resize(round_to_code_page(rodata_at_ + counts.rodata_size));
  std::memcpy(bytes_.data(), &header, sizeof header);
  const auto zero = [this](uint64_t from, uint64_t to) {
    std::fill(bytes_.begin() + static_cast<ptrdiff_t>(from),
              bytes_.begin() + static_cast<ptrdiff_t>(to), uint8_t{0});
  };
  zero(end, code_at_);
  zero(code_at_ + counts.code_size, bytes_.size());
}

template <class Record, class Move>
void BlobBuilder::put(Part& part, std::span<const Record> records, Move move) {
  CHECK(records.size() <= (part.end - part.at) / sizeof(Record));
  uint8_t* to = bytes_.data() + part.at;
  for (const Record& record : records) {
    const Record moved = move(record);
    std::memcpy(to, &moved, sizeof moved);
    to += sizeof moved;
  }
  part.at += records.size_bytes();
}

void BlobBuilder::add(std::span<const BlobFunc> funcs, uint32_t by, uint32_t by_leaders) {
  put(funcs_, funcs, [=](BlobFunc func) {
    func.offset += by;
    func.first_leader += by_leaders;
    return func;
  });
}

void BlobBuilder::add(std::span<const Leader> leaders, uint32_t by) {
  put(leaders_, leaders,
      [by](const Leader& leader) { return Leader{leader.offset + by, leader.u32_registers}; });
}

void BlobBuilder::add(std::span<const PackedTrapSite> sites, uint32_t by) {
  put(trap_sites_, sites, [by](PackedTrapSite site) { return site.moved(by); });
}

void BlobBuilder::add(std::span<const CallSite> sites, uint32_t by) {
  put(call_sites_, sites,
      [by](const CallSite& site) { return CallSite{site.return_offset + by, site.wasm_offset}; });
}

void BlobBuilder::finish() const {
  for (const Part& part : {funcs_, leaders_, trap_sites_, call_sites_}) CHECK(part.at == part.end);
}

std::vector<uint8_t> encode(const CodeBlob& blob) {
  CHECK(blob.code.size() < UINT32_MAX && blob.rodata.size() < UINT32_MAX);
  std::vector<uint8_t> bytes;
  BlobBuilder out(
      blob.options, blob.place,
      {static_cast<uint32_t>(blob.funcs.size()), static_cast<uint32_t>(blob.leaders.size()),
       static_cast<uint32_t>(blob.trap_sites.size()), static_cast<uint32_t>(blob.call_sites.size()),
       static_cast<uint32_t>(blob.code.size()), static_cast<uint32_t>(blob.rodata.size())},
      bytes);
  out.add(blob.funcs, 0, 0);
  out.add(blob.leaders, 0);
  std::vector<PackedTrapSite> trap_sites;
  for (const TrapSite& site : blob.trap_sites) {
    CHECK(site.offset <= kMaxOffset && site.wasm_offset <= kMaxOffset);
    trap_sites.emplace_back(site.offset, site.wasm_offset, site.trap);
  }
  out.add(trap_sites, 0);
  out.add(blob.call_sites, 0);
  std::ranges::copy(blob.code, out.code().begin());
  std::ranges::copy(blob.rodata, out.rodata().begin());
  out.finish();
  return bytes;
}

Result<CodeBlob> decode_blob(ByteSpan bytes) {
  Reader in(bytes);
  const Header header = TRY(in.records<Header>(1))[0];
  if (header.magic != kMagic) return malformed("not a code blob of this version", 0);
  if (header.fuel > 1) return malformed("unknown options", 8);
  CodeBlob blob;
  blob.options = {header.fuel == 1, header.cpu_features, header.machine};
  blob.place = {header.first_body, header.code_base};
  blob.funcs = TRY(in.records<BlobFunc>(header.funcs));
  blob.leaders = TRY(in.records<Leader>(header.leaders));
  blob.trap_sites = TRY(read_trap_sites(in, header.trap_sites));
  blob.call_sites = TRY(in.records<CallSite>(header.call_sites));
  TRY_VOID(in.padding());
  blob.code_at = in.at();
  blob.code = TRY(in.part(header.code_size));
  TRY_VOID(in.padding());
  blob.rodata_at = in.at();
  blob.rodata = TRY(in.part(header.rodata_size));
  TRY_VOID(in.padding());
  if (!in.at_end()) return malformed("bytes behind its end", in.at());
  if (blob.place.code_base % kCodePage != 0 ||
      !range_fits(blob.place.code_base, blob.extent(), kMaxCodeSpace)) {
    return malformed("code out of the code space", kNoOffset);
  }
  TRY_VOID(check_funcs(blob));
  TRY_VOID(check_sites(
      blob.trap_sites, [](const TrapSite& site) { return site.offset; }, header.code_size,
      "trap sites out of order or out of the code"));
  TRY_VOID(check_sites(
      blob.call_sites, [](const CallSite& site) { return site.return_offset; },
      uint64_t{header.code_size} + 1, "call sites out of order or out of the code"));
  return blob;
}

}  // namespace cordon::abi
