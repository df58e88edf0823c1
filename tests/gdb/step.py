# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Run by GDB on the host beside it: one instruction at a time through native code and the trampolines around it. At
each of these instructions the backtrace must be whole: from main on exactly the calls that are under way."""
import gdb

CALLS = ["main", "wasm$outer", "host_reenter", "wasm$inner", "wasm$far", "wasm-function[1]", "wasm$leaf"]
CHECKED = ("wasm", "cordon_enter_native", "cordon_leave_by_trap", "cordon_call_builtin", "cordon_thunk")
MAX_STEPS = 1000000


def calls_under_way():
    frame, names = gdb.newest_frame(), []
    while frame is not None:
        if frame.name() in CALLS:
            names.insert(0, frame.name())
        frame = frame.older()
    return names


def step_from(function, arguments):
    """From the first call of `function` until control is back in main."""
    gdb.execute(f"set args {arguments}")
    gdb.execute(f"tbreak {function}")
    gdb.execute("run")
    seen, deepest = {}, 0
    for _ in range(MAX_STEPS):
        name = gdb.newest_frame().name() or "?"
        if name == "main":
            break
        if name.startswith(CHECKED):
            names = calls_under_way()
            if not names or names != CALLS[:len(names)]:
                raise gdb.GdbError(f"in {name} at {gdb.newest_frame().pc():#x}: {names}")
            seen[name] = seen.get(name, 0) + 1
            deepest = max(deepest, len(names))
        gdb.execute("stepi", to_string=True)
    else:
        raise gdb.GdbError(f"still not in main after {MAX_STEPS} instructions")
    for name, count in sorted(seen.items()):
        print(f"checked {name}: {count}")
    print(f"deepest: {deepest}")


# The guest's faults and the processor's other signals are the runtime's.
gdb.execute("handle SIGSEGV nostop noprint pass")
step_from("cordon_enter_native", "outer")
step_from("cordon_leave_by_trap", "faulting")
