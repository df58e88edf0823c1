// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element and data segments and the data count (spec §5.5.12, §5.5.14, §5.5.15).
#include "core/wasm/decoder.h"
#include "core/wasm/limits.h"
#include "core/wasm/read_type.h"

namespace cordon::wasm {
namespace {

// The three bits of an element segment's flags; a data segment has the lowest two.
constexpr uint32_t kPassiveOrDeclarative = 1;
constexpr uint32_t kExplicitIndex = 2;  // of an active segment; otherwise: declarative
constexpr uint32_t kExpressions = 4;

constexpr SegmentMode mode_of(uint32_t flags) {
  if ((flags & kPassiveOrDeclarative) == 0) return SegmentMode::Active;
  return (flags & kExplicitIndex) != 0 ? SegmentMode::Declarative : SegmentMode::Passive;
}

}  // namespace

ElemSegment ModuleDecoder::elem_segment(Cursor& in) {
  ElemSegment segment;
  const uint32_t start = segment.offset_in_module = in.offset();
  const uint32_t flags = in.u32();
  if (flags > 7) in.fail(diag::malformed_segment_kind, start, std::to_string(flags));
  if (flags != 0) need(in, Feature::bulk_memory, start);
  segment.mode = mode_of(flags);
  if (segment.mode == SegmentMode::Active) {
    if ((flags & kExplicitIndex) != 0) segment.table.value = in.u32();
    segment.offset = const_expr(in);
  }
  if ((flags & (kPassiveOrDeclarative | kExplicitIndex)) != 0) {
    const uint32_t kind_start = in.offset();
    if ((flags & kExpressions) != 0) {
      segment.type = read_ref_type(in, module_.features);
    } else if (const uint8_t kind = in.u8(); kind != 0) {
      in.fail(diag::malformed_elem_kind, kind_start, std::to_string(kind));
    }
  }
  const bool expressions = (flags & kExpressions) != 0;
  const uint32_t count = in.count("elements", kMaxElemsPerSegment);
  if (expressions) {
    in.reserve(segment.exprs, count, 2);
    for (uint32_t i = 0; i < count && in.ok(); ++i) segment.exprs.push_back(const_expr(in));
  } else {
    in.reserve(segment.funcs, count, 1);
    for (uint32_t i = 0; i < count && in.ok(); ++i) segment.funcs.push_back({in.u32()});
  }
  return segment;
}

DataSegment ModuleDecoder::data_segment(Cursor& in) {
  DataSegment segment;
  const uint32_t start = segment.offset_in_module = in.offset();
  const uint32_t flags = in.u32();
  if (flags > 2) in.fail(diag::malformed_segment_kind, start, std::to_string(flags));
  if (flags != 0) need(in, Feature::bulk_memory, start);
  segment.mode = mode_of(flags);
  if (segment.mode == SegmentMode::Active) {
    if ((flags & kExplicitIndex) != 0) segment.memory.value = in.u32();
    segment.offset = const_expr(in);
  }
  const uint32_t size = in.count("bytes of a data segment", kAnyCount);
  segment.init = {in.offset(), size};
  in.skip(size);
  return segment;
}

void ModuleDecoder::decode_elems(Cursor& in) {
  const uint32_t count = in.count("element segments", kMaxElemSegments);
  in.reserve(module_.elems, count, 2);
  for (uint32_t i = 0; i < count && in.ok(); ++i) module_.elems.push_back(elem_segment(in));
}

void ModuleDecoder::decode_data_count(Cursor& in) {
  const uint32_t start = in.offset();
  const uint32_t count = in.u32();
  if (in.ok() && need(in, Feature::bulk_memory, start)) module_.data_count = count;
}

void ModuleDecoder::decode_datas(Cursor& in) {
  const uint32_t start = in.offset();
  const uint32_t count = in.count("data segments", kMaxDataSegments);
  if (in.ok() && module_.data_count && *module_.data_count != count) {
    in.fail(diag::data_counts_differ, start,
            std::to_string(*module_.data_count) + " segments are announced, " +
                std::to_string(count) + " are there");
  }
  in.reserve(module_.datas, count, 2);
  for (uint32_t i = 0; i < count && in.ok(); ++i) module_.datas.push_back(data_segment(in));
}

}  // namespace cordon::wasm
