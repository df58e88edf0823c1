// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/reduce_module.h"

#include <algorithm>

#include "core/wasm/validated.h"
#include "fuzz/mutate/items.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;

bool is_valid(const ByteString& bytes) {
  auto module = wasm::decode_module(bytes);
  return module && wasm::validate_module(std::move(*module)).has_value();
}

void zero_of(ValType type, WasmBytes& out) {
  switch (type) {
    case ValType::i32: out.i32_const(0); break;
    case ValType::i64: out.i64_const(0); break;
    case ValType::f32: out.f32_const(0); break;
    case ValType::f64: out.f64_const(0); break;
    default: out.op(Op::ref_null).type(type);
  }
}

ByteString body_of_zeros(const wasm::FuncType& type) {
  WasmBytes body{0};  // no locals
  for (ValType result : type.results) zero_of(result, body);
  return body.end().bytes();
}

// What one or a few instructions may be replaced by: nothing, fewer operands, a zero.
const std::vector<ByteString>& replacements() {
  static const std::vector<ByteString> kAll = [] {
    std::vector<ByteString> all = {{}};
    for (unsigned drops = 0; drops <= 3; ++drops) {
      WasmBytes dropped;
      for (unsigned i = 0; i < drops; ++i) dropped.op(Op::drop);
      if (drops != 0) all.push_back(dropped.bytes());
      for (ValType type : {ValType::i32, ValType::i64, ValType::f32, ValType::f64}) {
        WasmBytes with_zero = dropped;
        zero_of(type, with_zero);
        all.push_back(with_zero.bytes());
      }
    }
    all.push_back(WasmBytes().op(Op::unreachable).bytes());
    return all;
  }();
  return kAll;
}

bool opens(Op op) {
  return op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_ ||
         op == Op::try_table;
}

// A `delegate` ends a `try` as `end` does.
bool closes(Op op) { return op == Op::end || op == Op::delegate; }

// One past what ends the block that begins at `first`.
size_t after_block(const std::vector<Instruction>& all, size_t first) {
  size_t depth = 0;
  for (size_t i = first; i < all.size(); ++i) {
    depth += opens(all[i].op) ? 1 : 0;
    depth -= closes(all[i].op) ? 1 : 0;
    if (depth == 0) return i + 1;
  }
  return all.size();
}

// The content of the export section without function `gone`.
ByteString exports_without(const wasm::Module& module, uint32_t gone) {
  Items items;
  for (const wasm::Export& item : module.exports) {
    const bool is_func = item.kind == ExternKind::Func;
    if (is_func && item.index == gone) continue;
    WasmBytes bytes;
    bytes.name(item.name).u8(static_cast<uint8_t>(item.kind));
    items.push_back(bytes.u32(item.index - (is_func && item.index > gone ? 1 : 0)).bytes());
  }
  return join(items);
}

class Reducer {
 public:
  Reducer(ByteString module, const Predicate& holds, const std::function<bool()>& stop)
      : best_(std::move(module)), valid_(is_valid(best_)), holds_(holds), stop_(stop) {}

  ByteString run() {
    close_imports();
    for (bool changed = true; changed && !stop_();) {
      const ByteString before = best_;
      drop_sections();
      make_bodies_zero();
      drop_items();
      drop_funcs();
      for (size_t body = 0; body < bodies(); ++body) reduce_body(body);
      changed = before != best_;
    }
    return best_;
  }

 private:
  // Accepts `candidate` if it still fails as before. Each accepted one is smaller, or as long with
  // fewer bytes that are not zero; except in close_imports().
  bool take(const ByteString& candidate, bool may_grow = false) {
    const auto weight = [](const ByteString& bytes) {
      const auto zeros = std::count(bytes.begin(), bytes.end(), uint8_t{0});
      return std::pair(bytes.size(), bytes.size() - static_cast<size_t>(zeros));
    };
    if (stop_() || (!may_grow && weight(candidate) >= weight(best_))) return false;
    if (valid_ && !is_valid(candidate)) return false;
    if (!holds_(candidate)) return false;
    best_ = candidate;
    return true;
  }
  bool take(const Pieces& candidate) { return take(candidate.write()); }

  size_t bodies() const {
    Pieces pieces = cut(best_);
    const SectionPiece* const code = pieces.find(testing::kCodeSection);
    return code == nullptr ? 0 : code->bodies.size();
  }

  void drop_sections() {
    for (size_t i = cut(best_).sections.size(); i-- > 0;) {
      Pieces pieces = cut(best_);
      pieces.sections.erase(pieces.sections.begin() + static_cast<ptrdiff_t>(i));
      take(pieces);
    }
  }

  void drop_items() {
    for (size_t section = cut(best_).sections.size(); section-- > 0;) {
      const SectionPiece piece = cut(best_).sections[section];
      const std::optional<Items> items = items_of(piece.id, piece.content.bytes);
      if (!items || !piece.bodies.empty()) continue;
      std::optional<Items> left = items;
      for (size_t window = items->size(); window != 0; window /= 2) {
        for (size_t end = left->size(); end >= window; --end) {
          Items fewer = *left;
          const auto begin = fewer.begin() + static_cast<ptrdiff_t>(end - window);
          fewer.erase(begin, begin + static_cast<ptrdiff_t>(window));
          Pieces pieces = cut(best_);
          pieces.sections[section].content.bytes = join(fewer);
          if (take(pieces)) left = fewer, end = std::min(end, left->size() + 1);
        }
      }
    }
  }

  void make_bodies_zero() {
    for (size_t i = 0; i < bodies(); ++i) {
      const auto module = wasm::decode_module(best_);
      if (!module || module->imported_funcs + i >= module->funcs.size()) return;
      const uint32_t type = module->funcs[module->imported_funcs + i].value;
      if (type >= module->types.size()) continue;
      Pieces pieces = cut(best_);
      pieces.find(testing::kCodeSection)->bodies[i].bytes = body_of_zeros(module->types[type]);
      take(pieces);
    }
  }

  // Exports keep their functions. Calls of later functions change their callee; whether the failure
  // remains decides.
  void drop_funcs() {
    for (size_t k = bodies(); k-- > 0;) {
      Pieces pieces = cut(best_);
      const auto module = wasm::decode_module(best_);
      SectionPiece* const funcs = pieces.find(testing::kFunctionSection);
      if (!module || funcs == nullptr) return;
      std::optional<Items> types = items_of(testing::kFunctionSection, funcs->content.bytes);
      SectionPiece* const code = pieces.find(testing::kCodeSection);
      if (!types || types->size() != code->bodies.size()) return;
      types->erase(types->begin() + static_cast<ptrdiff_t>(k));
      code->bodies.erase(code->bodies.begin() + static_cast<ptrdiff_t>(k));
      funcs->content.bytes = join(*types);
      code->content.bytes = WasmBytes().u32(static_cast<uint32_t>(code->bodies.size())).bytes();
      if (SectionPiece* const exports = pieces.find(testing::kExportSection)) {
        exports->content.bytes =
            exports_without(*module, module->imported_funcs + static_cast<uint32_t>(k));
      }
      take(pieces);
    }
  }

  // Imported functions, tables, memories, globals and tags become the module's own, in front of the
  // others, so that no index changes. Such a module runs everywhere; one kind at a time, since a
  // host may matter.
  void close_imports() {
    for (const ExternKind kind : {ExternKind::Memory, ExternKind::Table, ExternKind::Global,
                                  ExternKind::Func, ExternKind::Tag}) {
      if (const auto closed = without_imports(kind)) take(*closed, true);
    }
  }

  std::optional<ByteString> without_imports(ExternKind kind);
  void reduce_body(size_t body);
  bool replace(size_t body, uint32_t begin, uint32_t end, const ByteString& bytes);
  void reduce_blocks(size_t body);
  void reduce_windows(size_t body);
  void drop_locals(size_t body);
  std::vector<Instruction> instructions(size_t body) const {
    Pieces pieces = cut(best_);
    const SectionPiece* const code = pieces.find(testing::kCodeSection);
    if (code == nullptr || body >= code->bodies.size()) return {};
    return instructions_of(code->bodies[body].bytes).value_or(std::vector<Instruction>{});
  }

  ByteString best_;
  const bool valid_;
  const Predicate& holds_;
  const std::function<bool()>& stop_;
};

// The place of a section among the others (spec §5.5.2): tags come between memories and globals.
unsigned order(uint8_t id) {
  return id == testing::kTagSection ? 2 * testing::kMemorySection + 1 : 2u * id;
}

// The section, which is inserted at its place if the module has none.
SectionPiece& section(Pieces& pieces, uint8_t id) {
  if (SectionPiece* const found = pieces.find(id)) return *found;
  auto place = pieces.sections.begin();
  while (place != pieces.sections.end() && (place->id == 0 || order(place->id) < order(id)))
    ++place;
  return *pieces.sections.insert(place, SectionPiece{id, {{0}}});
}

std::optional<ByteString> Reducer::without_imports(ExternKind kind) {
  const auto module = wasm::decode_module(best_);
  Pieces pieces = cut(best_);
  SectionPiece* const imports = pieces.find(testing::kImportSection);
  if (!module || imports == nullptr) return std::nullopt;
  const auto all = items_of(testing::kImportSection, imports->content.bytes);
  if (!all || all->size() != module->imports.size()) return std::nullopt;
  Items left, made;
  std::vector<Piece> bodies;
  for (size_t i = 0; i < all->size(); ++i) {
    const wasm::Import& import = module->imports[i];
    if (import.kind != kind) {
      left.push_back((*all)[i]);
      continue;
    }
    // The names and the kind are followed by what a definition begins with.
    const size_t names = WasmBytes().name(import.module).name(import.name).size() + 1;
    const ByteString& item = (*all)[i];
    WasmBytes definition;
    definition.raw(ByteSpan(item).subspan(names));
    if (kind == ExternKind::Global) {
      zero_of(module->globals[import.index].type.value, definition);
      definition.end();
    }
    made.push_back(definition.bytes());
    if (kind != ExternKind::Func) continue;
    const uint32_t type = module->funcs[import.index].value;
    if (type >= module->types.size()) return std::nullopt;
    bodies.push_back({body_of_zeros(module->types[type])});
  }
  if (made.empty()) return std::nullopt;
  imports->content.bytes = join(left);
  constexpr uint8_t kSections[] = {testing::kFunctionSection, testing::kTableSection,
                                   testing::kMemorySection, testing::kGlobalSection,
                                   testing::kTagSection};
  const uint8_t id = kSections[static_cast<uint8_t>(kind)];
  SectionPiece& own = section(pieces, id);
  const auto defined = items_of(id, own.content.bytes);
  if (!defined) return std::nullopt;
  made.insert(made.end(), defined->begin(), defined->end());
  own.content.bytes = join(made);
  if (kind == ExternKind::Func) {
    SectionPiece& code = section(pieces, testing::kCodeSection);
    code.bodies.insert(code.bodies.begin(), bodies.begin(), bodies.end());
    code.content.bytes = WasmBytes().u32(static_cast<uint32_t>(code.bodies.size())).bytes();
  }
  return pieces.write();
}

bool Reducer::replace(size_t body, uint32_t begin, uint32_t end, const ByteString& bytes) {
  Pieces pieces = cut(best_);
  ByteString& code = pieces.find(testing::kCodeSection)->bodies[body].bytes;
  code.erase(code.begin() + begin, code.begin() + end);
  code.insert(code.begin() + begin, bytes.begin(), bytes.end());
  return take(pieces);
}

// Removes a block as a whole, or only its braces.
void Reducer::reduce_blocks(size_t body) {
  for (size_t i = 0; i < instructions(body).size(); ++i) {
    const std::vector<Instruction> all = instructions(body);
    if (!opens(all[i].op)) continue;
    const size_t after = after_block(all, i);
    bool done = false;
    for (const ByteString& less : replacements()) {
      if (!done) done = replace(body, all[i].begin, all[after - 1].end, less);
    }
    if (done) continue;
    Pieces pieces = cut(best_);
    ByteString& code = pieces.find(testing::kCodeSection)->bodies[body].bytes;
    code.erase(code.begin() + all[after - 1].begin, code.begin() + all[after - 1].end);
    code.erase(code.begin() + all[i].begin, code.begin() + all[i].end);
    if (all[i].op == Op::if_) {
      code.insert(code.begin() + all[i].begin, WasmBytes().op(Op::drop).bytes()[0]);
    }
    take(pieces);
  }
}

void Reducer::reduce_windows(size_t body) {
  constexpr size_t kReplaced = 8;  // longer runs are only left out
  size_t window = std::max<size_t>(instructions(body).size() / 2, 1);
  for (; window != 0; window /= 2) {
    for (size_t i = 0; i + window < instructions(body).size();) {
      const std::vector<Instruction> all = instructions(body);
      bool done = false;
      for (const ByteString& less : replacements()) {
        if (done || (window > kReplaced && !less.empty())) break;
        done = replace(body, all[i].begin, all[i + window - 1].end, less);
      }
      if (!done) ++i;
    }
  }
}

void Reducer::drop_locals(size_t body) {
  Pieces pieces = cut(best_);
  ByteString& code = pieces.find(testing::kCodeSection)->bodies[body].bytes;
  const std::vector<Instruction> all = instructions(body);
  if (all.empty() || code[0] == 0) return;
  code.erase(code.begin(), code.begin() + all[0].begin);
  code.insert(code.begin(), uint8_t{0});
  take(pieces);
}

void Reducer::reduce_body(size_t body) {
  reduce_blocks(body);
  reduce_windows(body);
  drop_locals(body);
}

}  // namespace

ByteString reduce_module(ByteString module, const Predicate& holds,
                         const std::function<bool()>& stop) {
  return Reducer(std::move(module), holds, stop).run();
}

}  // namespace cordon::fuzz
