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

constexpr uint64_t kMagic = 0x36626c62'6e6f6463;  // "cdonblb6"
struct Header {
  uint64_t magic;
  uint8_t fuel, as_needed;
  Machine machine;
  uint32_t cpu_features;
  uint32_t first_body, code_base;
  BlobBuilder::Counts counts;
};

template <class T>
inline constexpr bool kIsWire =
    std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;
static_assert(kIsWire<Header>);
#define TABLE(name, Wire, Record, text, stray) static_assert(kIsWire<Wire>);
#include "core/abi/blob_tables.def"

static_assert(wasm::kMaxModuleSize <= kMaxOffset + 1 && kSiteTraps <= 1U << (64 - 2 * kOffsetBits));

Failure malformed(const char* what, uint64_t offset) {
  return fail(diag::malformed_blob, offset, what);
}

class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

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

// The rows of one table. The caller has checked that the bytes of all of them are there.
template <class Wire, class Record>
Result<void> read_table(Reader& in, uint32_t count, uint64_t code_size, const char* text,
                        std::vector<Record>& rows) {
  const ByteSpan bytes = TRY(in.part(uint64_t{count} * sizeof(Wire)));
  rows.resize(count);
  uint64_t least = 0;
  for (uint32_t i = 0; i < count; ++i) {
    Wire wire;
    std::memcpy(&wire, bytes.data() + i * sizeof wire, sizeof wire);
    const auto row = static_cast<Record>(wire);
    if (row.place() < least || !row.fits(code_size)) return malformed(text, row.place());
    least = row.next();
    rows[i] = row;
  }
  return {};
}

Result<void> read_tables(Reader& in, const BlobBuilder::Counts& counts, CodeBlob& blob) {
#define TABLE(name, Wire, Record, text, stray)                                           \
  TRY_VOID(read_table<Wire>(in, counts.name, counts.code_size,                           \
                            text " out of order, out of the code or of an unknown kind", \
                            blob.name));
#include "core/abi/blob_tables.def"
  return {};
}

}  // namespace

PackedTrapSite::PackedTrapSite(const TrapSite& site)
    : PackedTrapSite(site.offset, site.wasm_offset, site.trap) {
  CHECK(site.offset <= kMaxOffset && site.wasm_offset <= kMaxOffset);
}

BlobBuilder::BlobBuilder(const BlobOptions& options, const BlobPlace& place, const Counts& counts,
                         std::vector<uint8_t>& out)
    : counts_(counts), bytes_(out) {
  const Header header{.magic = kMagic,
                      .fuel = options.fuel,
                      .as_needed = options.as_needed,
                      .machine = options.machine,
                      .cpu_features = options.cpu_features,
                      .first_body = place.first_body,
                      .code_base = place.code_base,
                      .counts = counts};
  uint64_t end = sizeof header;
#define TABLE(name, Wire, Record, text, stray) \
  end += uint64_t{counts.name} * sizeof(Wire); \
  parts_[static_cast<size_t>(BlobTable::name)] = {end - uint64_t{counts.name} * sizeof(Wire), end};
#include "core/abi/blob_tables.def"
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

template <BlobTable kTable>
void BlobBuilder::add(std::span<const WireOf<kTable>> rows, uint32_t by) {
  Part& part = parts_[static_cast<size_t>(kTable)];
  CHECK(rows.size() <= (part.end - part.at) / sizeof(WireOf<kTable>));
  uint8_t* to = bytes_.data() + part.at;
  for (const WireOf<kTable>& row : rows) {
    const WireOf<kTable> moved = row.moved(by);
    std::memcpy(to, &moved, sizeof moved);
    to += sizeof moved;
  }
  part.at += rows.size_bytes();
}
#define TABLE(name, Wire, Record, text, stray) \
  template void BlobBuilder::add<BlobTable::name>(std::span<const Wire>, uint32_t);
#include "core/abi/blob_tables.def"

void BlobBuilder::finish() const {
  for (const Part& part : parts_) CHECK(part.at == part.end);
}

std::vector<uint8_t> encode(const CodeBlob& blob) {
  CHECK(blob.code.size() < UINT32_MAX && blob.rodata.size() < UINT32_MAX);
  BlobBuilder::Counts counts;
#define TABLE(name, Wire, Record, text, stray) \
  counts.name = static_cast<uint32_t>(blob.name.size());
#include "core/abi/blob_tables.def"
  counts.code_size = static_cast<uint32_t>(blob.code.size());
  counts.rodata_size = static_cast<uint32_t>(blob.rodata.size());
  std::vector<uint8_t> bytes;
  BlobBuilder out(blob.options, blob.place, counts, bytes);
#define TABLE(name, Wire, Record, text, stray) \
  out.add<BlobTable::name>(std::vector<Wire>(blob.name.begin(), blob.name.end()), 0);
#include "core/abi/blob_tables.def"
  std::ranges::copy(blob.code, out.code().begin());
  std::ranges::copy(blob.rodata, out.rodata().begin());
  out.finish();
  return bytes;
}

Result<CodeBlob> decode_blob(ByteSpan bytes) {
  Reader in(bytes);
  Header header;
  std::memcpy(&header, TRY(in.part(sizeof header)).data(), sizeof header);
  if (header.magic != kMagic) return malformed("not a code blob of this version", 0);
  if (header.fuel > 1 || header.as_needed > 1) return malformed("unknown options", 8);
  CodeBlob blob;
  blob.options = {header.fuel == 1, header.cpu_features, header.machine, header.as_needed == 1};
  blob.place = {header.first_body, header.code_base};
  TRY_VOID(read_tables(in, header.counts, blob));
  TRY_VOID(in.padding());
  blob.code_at = in.at();
  blob.code = TRY(in.part(header.counts.code_size));
  TRY_VOID(in.padding());
  blob.rodata_at = in.at();
  blob.rodata = TRY(in.part(header.counts.rodata_size));
  TRY_VOID(in.padding());
  if (!in.at_end()) return malformed("bytes after its end", in.at());
  if (blob.place.code_base % kCodePage != 0 ||
      !range_fits(blob.place.code_base, blob.extent(), kMaxCodeSpace)) {
    return malformed("code out of the code space", kNoOffset);
  }
  return blob;
}

}  // namespace cordon::abi
