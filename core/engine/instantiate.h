// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instantiation (spec §4.5.4): matches imports, allocates everything, applies active segments in
// order and calls the start function. A trap undoes no write before it, and the instance stays in
// its store, because other instances' tables may refer to its functions.
#pragma once

#include <memory>
#include <string>

#include "core/engine/linker.h"
#include "core/engine/pipeline.h"
#include "core/engine/tiering.h"
#include "core/runtime/execution.h"

namespace cordon::engine {

// The instance belongs to the store. After a trap it stays there, but its start function has not
// returned.
struct Instantiated {
  runtime::Instance* instance;
  // The trap of an active segment or the start function; `where` names it: "data segment 3".
  Trap trap = Trap::none;
  std::string where = {};
  // How it gets code, if the module was loaded so.
  std::shared_ptr<const Tiering> tiering = {};
};

// Fails if an import does not match or a limit of the store is exceeded; then no guest code has run
// and nothing that existed before has changed. Segments cost fuel as bulk instructions do. Fails
// too if code was refused that came while the guest ran (Execution::refused).
Result<Instantiated> instantiate(runtime::Store& store, const LoadedModule& loaded,
                                 const Linker& linker, runtime::Execution& execution);
// The same, but always interpreted, whatever engine the module was loaded for.
Result<Instantiated> instantiate(runtime::Store& store,
                                 std::shared_ptr<const wasm::ValidatedModule> module,
                                 const Linker& linker, runtime::Execution& execution);

}  // namespace cordon::engine
