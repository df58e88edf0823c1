#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holes: promises of the runtime and the verifier, each taken out of a copy of the sources.

A hole is rows (file, text before, text after), one for each place. CMake builds cordon-accepted once
more for each hole, with the changed copies instead of the files they come from, and holes_test.py
asks that its monitor finds the hole. A text that is not found exactly once fails the build, so that
no hole is filled unnoticed.

usage: holes.py --list                      for CMake: a line for each hole, its name and its files
       holes.py NAME SOURCE_ROOT TARGET     writes the changed copies below TARGET
"""
import os
import shutil
import sys

ARGUMENTS, BUILTINS = "core/verify/arguments.cc", "core/runtime/builtins.cc"
REFERENCES, ENTRY = "core/runtime/references.cc", "core/runtime/entry.cc"
TRAMPOLINES = "core/runtime/x64/trampolines.cc"
PLAN = "core/abi/module_plan.cc"

HOLES = {
    # Finding 1: builtins believe what validation proved.
    "element_types": [
        (ARGUMENTS, "return c.element == c.module.tables[c.index].element;", "return c.element.has_value();"),
        (ARGUMENTS, "|| call.element == call.module.elems[call.index].type;", "|| call.index != UINT32_MAX;"),
        (BUILTINS, "module.tables[index].element == type_before()", "(type_before(), true)"),
        (BUILTINS, "return module.elems[index].type == type_before();",
         "return (type_before(), true);"),
    ],
    "table_copy": [
        (ARGUMENTS, "return c.element == c.module.tables[c.index].element;", "return c.element.has_value();"),
        (BUILTINS, "    check_arguments<abi::Builtin::name>(work, {a, b, c, d, e});",
         "    if (abi::Builtin::name != abi::Builtin::table_copy) "
         "check_arguments<abi::Builtin::name>(work, {a, b, c, d, e});"),
    ],
    "immutable_global": [
        (ARGUMENTS, "return c.module.globals[c.index].type.is_mutable;",
         "return c.index < c.module.globals.size();"),
        (BUILTINS, "(kLetter == 'G' || type.is_mutable)", "true"),
    ],
    # Finding 2: cells of references that code reaches, or that take what code says.
    "reference_globals_in_context": [
        (PLAN, "if (module.is_left_to_runtime({index})) return Access::Host;",
         "if (index < module.imported_globals && module.is_left_to_runtime({index})) "
         "return Access::Host;"),
    ],
    "global_set_raw": [
        (BUILTINS, "*global.cell = slot_of_native(work.instance, global.type.value, b);",
         "*global.cell = b;"),
    ],
    # Finding 3: every function of the store may be named.
    "any_function": [
        (REFERENCES, '#include "core/runtime/instance.h"', '#include "core/runtime/store.h"'),
        (REFERENCES, "  if (handle == 0) return 0;",
         """  if (handle == 0) return 0;
  const auto* const func = reinterpret_cast<const void*>(handle);
  if (type == wasm::ValType::funcref && instance_.store->has_func(func)) return handle;"""),
    ],
    "function_of_any_instance": [
        (REFERENCES, "  if (place >= list.references.size()) return std::nullopt;",
         """  if (place >= list.references.size()) {
    for (const Func* func : instance_.funcs) {
      if (type == wasm::ValType::externref || func->instance == nullptr) continue;
      const auto& others = func->instance->funcs;
      if (place - list.references.size() < others.size()) {
        return reinterpret_cast<uint64_t>(others[place - list.references.size()]);
      }
    }
    return std::nullopt;
  }"""),
    ],
    "any_externref": [
        (REFERENCES, "  if (place >= list.references.size()) return std::nullopt;",
         """  if (place >= list.references.size()) {
    if (type == wasm::ValType::externref) return handle;
    return std::nullopt;
  }"""),
    ],
    # Finding 4: what the host leaves in registers and on the guest's stack.
    "registers_after_builtin": [
        (TRAMPOLINES, '.cfi_def_cfa %%rsp, 8\\n" CLEAR_XMM(0) CLEAR_VOLATILE',
         '.cfi_def_cfa %%rsp, 8\\n" CLEAR_XMM(0)'),
    ],
    "registers_after_foreign_call": [
        (TRAMPOLINES, '.cfi_def_cfa %%rsp, 8\\n" CLEAR_VOLATILE "ret\\n"',
         '.cfi_def_cfa %%rsp, 8\\n" "ret\\n"'),
    ],
    "registers_at_entry": [
        (TRAMPOLINES,
         '"xorl %%eax, %%eax\\n xorl %%ecx, %%ecx\\n xorl %%edx, %%edx\\n xorl %%r10d, %%r10d\\n"',
         '""'),
    ],
    "floats_after_builtin": [
        (TRAMPOLINES, """  CLEAR_XMM_1_TO_15                                                                     \\
  "xorl""", """  "xorl"""),
    ],
    "table_get_raw": [
        (BUILTINS, "return work.end(trap, work.given(work.element_type(a), slot));",
         "return work.end(trap, slot);"),
    ],
    "return_address": [
        (ENTRY, "area[-1] = 0;", ""),
    ],
    # Finding 6: numbers of 32 bits with an upper half.
    "upper_half": [
        (BUILTINS, "    slots[i] = slot_of_number(func.slot_types->params[i], slots[i]);", "    (void)i;"),
    ],
}


def files_of(name):
    return sorted({row[0] for row in HOLES[name]})


def dig(name, root, target):
    shutil.rmtree(target, ignore_errors=True)  # a copy of what no row changes any more would hide the file
    for path in files_of(name):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        for _, before, after in (row for row in HOLES[name] if row[0] == path):
            if text.count(before) != 1:
                sys.exit(f"hole {name}: {path} has {text.count(before)} times: {before}")
            text = text.replace(before, after)
        place = os.path.join(target, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)


def main(arguments):
    if arguments == ["--list"]:
        for name in HOLES:
            print(name, *files_of(name))
    elif len(arguments) == 3 and arguments[0] in HOLES:
        dig(*arguments)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
