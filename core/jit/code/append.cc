// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/code/append.h"

namespace cordon::jit {

namespace {

constexpr uint32_t kAlignment = 16;

// Appends records whose `field` is an offset into the body, which begins at `by`.
template <class Record>
void add_moved(masm::Records<Record>& to, std::span<const Record> records, uint32_t Record::* field,
               uint32_t by) {
  Record* at = to.add_some(records.size());
  for (const Record& record : records) {
    *at = record;
    *at++.*field += by;
  }
}
void add_moved(masm::Records<abi::PackedTrapSite>& to, std::span<const abi::PackedTrapSite> sites,
               uint32_t by) {
  abi::PackedTrapSite* at = to.add_some(sites.size());
  for (const abi::PackedTrapSite site : sites) *at++ = site.moved(by);
}

// Adds the references of the code in `from`, which begins at `base`, to targets outside of it.
void add_references(Chunk& chunk, const masm::MacroAssembler& from, uint32_t base,
                    uint32_t body_at) {
  for (const auto& [field, next, target] : from.relocations()) {
    uint32_t id = target.id;
    if ((id & masm::kRefersToCommon) == masm::kRefersToBody) {
      id = masm::kRefersToBody | ((id & ~masm::kRefersToCommon) + body_at);
    }
    chunk.references.add({field + base, next + base, id});
  }
}

}  // namespace

void append_function(Chunk& chunk, masm::MacroAssembler& head, masm::MacroAssembler& body,
                     uint32_t frame_size, uint32_t index) {
  const ByteSpan head_code = head.code(), body_code = body.code();
  std::vector<uint8_t>& code = chunk.code;
  const auto head_size = static_cast<uint32_t>(head_code.size());
  const auto end = static_cast<uint32_t>(code.size());
  const uint32_t body_at = (end + head_size + kAlignment - 1) / kAlignment * kAlignment;
  const uint32_t start = body_at - head_size;
  code.resize(start, abi::kPadding);
  code.insert(code.end(), head_code.begin(), head_code.end());
  code.insert(code.end(), body_code.begin(), body_code.end());
  add_moved(chunk.leaders, body.leaders(), &abi::Leader::offset, body_at);
  add_moved(chunk.trap_sites, body.trap_sites(), body_at);
  add_moved(chunk.call_sites, body.call_sites(), &abi::CallSite::return_offset, body_at);
  add_moved(chunk.handlers, body.handlers(), &abi::Handler::offset, body_at);
  add_moved(chunk.loop_entries, body.loop_entries(), &abi::LoopEntry::offset, body_at);
  add_moved(chunk.lines, body.lines(), &masm::MacroAssembler::Line::offset, body_at);
  add_moved(chunk.table_entries, body.table_entries(), &masm::MacroAssembler::TableEntry::target,
            body_at);
  add_references(chunk, head, start, body_at);
  add_references(chunk, body, body_at, body_at);
  chunk.funcs.add({start, static_cast<uint32_t>(code.size()) - start, frame_size, index});
}

}  // namespace cordon::jit
