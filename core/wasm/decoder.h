// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ModuleDecoder: the state of one decode_module, used by the decode_*.cc files alone. A function
// decode_<section> gets a cursor over exactly its section's contents and reports by that cursor's
// error. Unread bytes are a "section size mismatch", which decode_module checks.
#pragma once

#include "core/wasm/cursor.h"
#include "core/wasm/module.h"
#include "core/wasm/proposals.h"

namespace cordon::wasm {

// Used once: constructed, then decode().
class ModuleDecoder {
 public:
  // `bytes` must outlive the Module, which points into them. `features` says which proposals are
  // accepted.
  ModuleDecoder(ByteSpan bytes, Features features);
  // The module, or the first error with its offset in `bytes` (spec §5.5).
  Result<Module> decode();

 private:
  void decode_header();
  void decode_section();
  void decode_custom(Cursor& in);
  void check_consistency();
#define SECTION(id, ident, text) void decode_##ident(Cursor& in);
#include "core/wasm/sections.def"

  // Items that occur in several sections.
  FuncType func_type(Cursor& in);
  std::vector<ValType> value_types(Cursor& in, std::string_view what, uint32_t limit);
  Limits limits(Cursor& in, MarkPlace place);
  TableType table_type(Cursor& in);
  GlobalType global_type(Cursor& in);
  void tag(Cursor& in, uint32_t offset);
  ConstExpr const_expr(Cursor& in);
  ElemSegment elem_segment(Cursor& in);
  DataSegment data_segment(Cursor& in);
  FuncBody body(Cursor& in, uint32_t index);
  void locals(Cursor& in, uint32_t index, FuncBody& body);
  // An error at `offset` unless the feature is on.
  bool need(Cursor& in, Feature feature, uint32_t offset);

  Module module_;
  Cursor in_;
  int last_section_ = -1;  // its place in sections.def
};

}  // namespace cordon::wasm
