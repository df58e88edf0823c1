// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All rows except those of blocks and branches (validate_control.cc) and of locals.
#include <string>

#include "core/wasm/call_slots.h"
#include "core/wasm/limits.h"
#include "core/wasm/scan_body.h"
#include "core/wasm/validate_func_inl.h"

namespace cordon::wasm {

namespace {

constexpr size_t kMaxListedTypes = 8;

std::string text_of(ValType type) {
  return type == OperandTypes::kUnknown ? "any" : std::string(name_of(type));
}

// "[i32 f64]", the last types if there are many. `slots` has each v128 twice.
std::string list_of(std::span<const ValType> slots) {
  std::vector<ValType> types;
  for (size_t i = 0; i < slots.size(); i += slots_of(slots[i])) types.push_back(slots[i]);
  const size_t first = types.size() > kMaxListedTypes ? types.size() - kMaxListedTypes : 0;
  std::string text = first == 0 ? "[" : "[... ";
  for (size_t i = first; i < types.size(); ++i) {
    if (i != first) text += ' ';
    text += text_of(types[i]);
  }
  return text + ']';
}

}  // namespace

FuncValidator::FuncValidator(const Module& module, const SlotTypes& slot_types,
                             const std::vector<bool>& declared)
    : module_(module),
      slot_types_(slot_types),
      declared_(declared),
      has_memory_(!module.memories.empty()),
      cursor_(module.bytes(), {}),
      reader_(cursor_, module.features) {}

std::unique_ptr<FuncValidator> FuncValidator::make(const Module& module,
                                                   const SlotTypes& slot_types,
                                                   const std::vector<bool>& declared) {
  return std::make_unique<FuncValidator>(module, slot_types, declared);
}

Result<ValidatedFunc> FuncValidator::validate(uint32_t index, std::vector<SideEntry>& entries) {
  return validate_by(*this, index, entries);
}

// The binary format comes before the rules of validation: a malformed body is reported as
// malformed, even if the invalid instruction comes first.
Failure FuncValidator::error_of(const FuncBody& body) const {
  Failure error = cursor_.failure();
  if (error.value().kind->klass != DiagnosticClass::Invalid) return error;
  Result<void> scanned = scan_body(module_, body);
  if (scanned || scanned.error().kind->klass != DiagnosticClass::Malformed) return error;
  return Failure(std::move(scanned).error());
}

void FuncValidator::begin(uint32_t index, TypeIdx type_index) {
  const FuncType& type = module_.types[type_index.value];
  operands_.reset();
  fuel_ = loops_ = call_slots_ = tail_slots_ = exception_slots_ = 0;
  calls_ = false;
  handlers_.clear();
  catches_ = catch_depth_ = 0;
  has_vectors_ = slot_types_.has_vectors(type_index);
  live_ = true;
  locals_.assign(type.params.begin(), type.params.end());
  const FuncBody& body = module_.bodies[index];
  if (type.params.size() + body.declared_locals > kMaxLocals) {
    refuse(diag::limit_exceeded,
           "locals of a function, the limit is " + std::to_string(kMaxLocals));
    return;
  }
  bool has_vectors = slots_of(type.params) != type.params.size();
  for (const LocalRun& run : module_.runs_of(body)) {
    locals_.insert(locals_.end(), run.count, run.type);
    has_vectors |= run.type == ValType::v128;
  }
  has_vectors_ |= has_vectors;
  local_slots_ = static_cast<uint32_t>(locals_.size()) * (has_vectors ? 2 : 1);
  begin_block(blocks_.open_body(slot_types_.of(type_index).results));
}

void FuncValidator::refuse(const DiagnosticKind& kind, std::string detail) {
  cursor_.fail(kind, op_offset_, std::move(detail));
}

void FuncValidator::refuse_index(const DiagnosticKind& kind, uint32_t index) {
  refuse(kind, std::to_string(index));
}

// [L1] The height is checked once an instruction, so after the one that pushed too much.
void FuncValidator::too_many_operands() {
  refuse(diag::limit_exceeded,
         "operands on the stack, the limit is " + std::to_string(kMaxOperands));
}

void FuncValidator::mismatch(std::span<const ValType> expected) {
  const char* polymorphic = operands_.polymorphic() ? " in unreachable code" : "";
  refuse(diag::type_mismatch, "expected " + list_of(expected) + ", found " +
                                  list_of(operands_.of_block()) + polymorphic);
}

void FuncValidator::else_is_missing(std::span<const ValType> params,
                                    std::span<const ValType> results) {
  refuse(diag::type_mismatch,
         "an if without else cannot turn " + list_of(params) + " into " + list_of(results));
}

bool FuncValidator::pop(std::span<const ValType> types) {
  if (!operands_.on_top(types)) {
    mismatch(types);
    return false;
  }
  operands_.drop(types.size());
  return true;
}

void FuncValidator::apply_slowly(std::span<const ValType> params,
                                 std::span<const ValType> results) {
  if (pop(params)) operands_.push(results);
}

// Records that the current instruction moves a v128 and that its opcode does not say so.
void FuncValidator::vector_move() {
  has_vectors_ = true;
  if (vector_moves_.empty() || vector_moves_.back() != op_offset_) {
    vector_moves_.push_back(op_offset_);
  }
}

// Index spaces

bool FuncValidator::has_memory(MemoryIdx memory) {
  if (memory.value < module_.memories.size()) return true;
  refuse_index(diag::unknown_memory, memory.value);
  return false;
}

bool FuncValidator::has_table(TableIdx table) {
  if (table.value < module_.tables.size()) return true;
  refuse_index(diag::unknown_table, table.value);
  return false;
}

bool FuncValidator::has_global(GlobalIdx global) {
  if (global.value < module_.globals.size()) [[likely]]
    return true;
  refuse_index(diag::unknown_global, global.value);
  return false;
}

bool FuncValidator::refers_to_known(const immediate::Data& operands) {
  if (!module_.data_count && !module_.datas.empty()) {
    refuse(diag::data_count_required);
    return false;
  }
  if (operands.data.value < module_.datas.size()) return true;
  refuse_index(diag::unknown_data_segment, operands.data.value);
  return false;
}

bool FuncValidator::refers_to_known(const immediate::MemoryInit& operands) {
  return has_memory(operands.memory) && refers_to_known(immediate::Data{operands.data});
}

bool FuncValidator::refers_to_known(const immediate::Elem& operands) {
  if (operands.elem.value < module_.elems.size()) return true;
  refuse_index(diag::unknown_elem_segment, operands.elem.value);
  return false;
}

bool FuncValidator::refers_to_known(const immediate::TableInit& operands) {
  if (!has_table(operands.table) || !refers_to_known(immediate::Elem{operands.elem})) return false;
  const ValType from = module_.elems[operands.elem.value].type;
  const ValType to = module_.tables[operands.table.value].element;
  if (matches(from, to)) return true;
  refuse(diag::type_mismatch,
         "a segment of " + std::string(name_of(from)) + ", a table of " + std::string(name_of(to)));
  return false;
}

bool FuncValidator::refers_to_known(const immediate::TableCopy& operands) {
  if (!has_table(operands.to) || !has_table(operands.from)) return false;
  const ValType from = module_.tables[operands.from.value].element;
  const ValType to = module_.tables[operands.to.value].element;
  if (matches(from, to)) return true;
  refuse(diag::type_mismatch, "from a table of " + std::string(name_of(from)) + " to a table of " +
                                  std::string(name_of(to)));
  return false;
}

bool FuncValidator::refuse_access(const immediate::MemArg& operands, size_t width) {
  if (has_memory(operands.memory)) {
    refuse(diag::alignment_too_large,
           "2^" + std::to_string(operands.align) + " for " + std::to_string(width) + " bytes");
  }
  return false;
}

bool FuncValidator::is_lane(uint32_t lane, uint32_t lanes) {
  if (lane < lanes) [[likely]]
    return true;
  refuse(diag::invalid_lane_index, std::to_string(lane) + " of " + std::to_string(lanes));
  return false;
}

bool FuncValidator::refers_to_known(const immediate::Shuffle& operands) {
  const uint8_t largest = *std::ranges::max_element(operands.lanes);
  return is_lane(largest, 2 * static_cast<uint32_t>(operands.lanes.size()));
}

// Parametric and variable instructions (spec §3.3.4, §3.3.5)

void FuncValidator::nop(const immediate::None&) {}

void FuncValidator::drop(const immediate::None&) {
  ValType type;
  if (!operands_.peek(type)) return refuse(diag::type_mismatch, "expected an operand, found []");
  operands_.drop(slots_of(type));
  if (type == ValType::v128) vector_move();
}

// Without a type it takes only numbers and vectors, both operands of one type.
void FuncValidator::select(const immediate::None&) {
  if (!pop(ValType::i32)) return;
  ValType second, first;
  if (!operands_.peek(second)) {
    return refuse(diag::type_mismatch, "expected two operands, found []");
  }
  operands_.drop(slots_of(second));
  if (!operands_.peek(first)) {
    return refuse(diag::type_mismatch, "expected two operands, found one");
  }
  operands_.drop(slots_of(first));
  const bool known = first != OperandTypes::kUnknown && second != OperandTypes::kUnknown;
  if (is_ref(first) || is_ref(second) || (known && first != second)) {
    return refuse(diag::type_mismatch, "expected two numbers or vectors of one type, found [" +
                                           text_of(first) + ' ' + text_of(second) + ']');
  }
  push_value(first == OperandTypes::kUnknown ? second : first);
}

void FuncValidator::select_t(const immediate::SelectTypes& operands) {
  if (operands.count != 1) {
    return refuse(diag::invalid_result_arity, std::to_string(operands.count));
  }
  if (pop(ValType::i32) && pop_value(operands.type) && pop_value(operands.type)) {
    push_value(operands.type);
  }
}

void FuncValidator::global_get(const immediate::Global& operands) {
  if (!has_global(operands.global)) return;
  call_slots_ = std::max(call_slots_, runtime_slots(module_, operands.global));
  push_value(module_.globals[operands.global.value].type.value);
}

void FuncValidator::global_set(const immediate::Global& operands) {
  if (!has_global(operands.global)) return;
  const GlobalType& type = module_.globals[operands.global.value].type;
  if (!type.is_mutable) {
    return refuse(diag::global_is_immutable, "global " + std::to_string(operands.global.value));
  }
  call_slots_ = std::max(call_slots_, runtime_slots(module_, operands.global));
  pop_value(type.value);
}

// Tables and references (spec §3.3.2, §3.3.6)

void FuncValidator::table_get(const immediate::Table& operands) {
  if (!has_table(operands.table) || !pop(ValType::i32)) return;
  operands_.push(module_.tables[operands.table.value].element);
}

void FuncValidator::table_set(const immediate::Table& operands) {
  if (!has_table(operands.table)) return;
  const ValType params[] = {ValType::i32, module_.tables[operands.table.value].element};
  pop(params);
}

void FuncValidator::table_grow(const immediate::Table& operands) {
  if (!has_table(operands.table)) return;
  const ValType params[] = {module_.tables[operands.table.value].element, ValType::i32};
  if (pop(params)) operands_.push(ValType::i32);
}

void FuncValidator::table_fill(const immediate::Table& operands) {
  if (!has_table(operands.table)) return;
  const ValType params[] = {ValType::i32, module_.tables[operands.table.value].element,
                            ValType::i32};
  pop(params);
}

void FuncValidator::ref_null(const immediate::RefType& operands) { operands_.push(operands.type); }

void FuncValidator::ref_is_null(const immediate::None&) {
  ValType type;
  if (!operands_.peek(type) || (type != OperandTypes::kUnknown && !is_ref(type))) {
    return refuse(diag::type_mismatch,
                  "expected a reference, found " + list_of(operands_.of_block()));
  }
  operands_.drop(1);
  operands_.push(ValType::i32);
}

void FuncValidator::ref_func(const immediate::Func& operands) {
  const uint32_t index = operands.func.value;
  if (index >= module_.funcs.size()) return refuse_index(diag::unknown_function, index);
  if (!declared_[index]) return refuse(diag::undeclared_reference, std::to_string(index));
  operands_.push(ValType::funcref);
}

// Calls (spec §3.3.8)

void FuncValidator::note_call(uint32_t slots) {
  calls_ = true;
  call_slots_ = std::max(call_slots_, slots);
}

// Pops the parameters and pushes the results of a call of that type.
void FuncValidator::apply(TypeIdx type) {
  const FuncType& slots = slot_types_.of(type);
  has_vectors_ |= slot_types_.has_vectors(type);
  if (pop(slots.params)) operands_.push(slots.results);
}

void FuncValidator::call(const immediate::Func& operands) {
  const uint32_t index = operands.func.value;
  if (index >= module_.funcs.size()) return refuse_index(diag::unknown_function, index);
  const TypeIdx type_index = module_.funcs[index];
  const FuncType& type = module_.types[type_index.value];
  note_call(index < module_.imported_funcs ? import_slots(type) : call_slots(type));
  apply(type_index);
}

// Whether a call through a table names a table of functions and a type; or the error.
bool FuncValidator::calls_by_table(const immediate::CallIndirect& operands) {
  if (!has_table(operands.table)) return false;
  if (const ValType element = module_.tables[operands.table.value].element;
      !matches(element, ValType::funcref)) {
    refuse(diag::type_mismatch,
           "expected a table of funcref, found one of " + std::string(name_of(element)));
    return false;
  }
  if (operands.type.value >= module_.types.size()) {
    refuse_index(diag::unknown_type, operands.type.value);
    return false;
  }
  return true;
}

void FuncValidator::call_indirect(const immediate::CallIndirect& operands) {
  if (!calls_by_table(operands)) return;
  note_call(call_slots(module_.types[operands.type.value]));
  if (pop(ValType::i32)) apply(operands.type);
}

}  // namespace cordon::wasm
