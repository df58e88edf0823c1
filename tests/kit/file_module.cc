// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/file_module.h"

#include <string>

#include "tests/kit/module_builder.h"

namespace cordon::testing {

// The numbers of rights: wasi_snapshot_preview1, `rights`.
std::vector<uint8_t> file_module() {
  using wasm::Op;
  using wasm::ValType;
  constexpr auto kInt = ValType::i32;
  ModuleBuilder module;
  const std::string wasi = "wasi_snapshot_preview1";
  const wasm::FuncType of_open{
      {kInt, kInt, kInt, kInt, kInt, ValType::i64, ValType::i64, kInt, kInt}, {kInt}};
  const wasm::FuncType io{{kInt, kInt, kInt, kInt}, {kInt}}, of_fd{{kInt}, {kInt}};
  const uint32_t open = module.import_func(wasi, "path_open", of_open);
  const uint32_t read = module.import_func(wasi, "fd_read", io);
  const uint32_t write = module.import_func(wasi, "fd_write", io);
  const uint32_t sync = module.import_func(wasi, "fd_sync", of_fd);
  const uint32_t close = module.import_func(wasi, "fd_close", of_fd);
  module.memory({1, 1, true});
  module.export_("memory", wasm::ExternKind::Memory, 0);
  module.data(16, "file");
  // At 0 the new descriptor, at 32 a buffer's address and size, at 40 the count, at 64 the byte.
  constexpr int64_t kReadSyncSeekWrite = 2 | 16 | 4 | 64;
  WasmBytes code;
  const auto all_well = [&code] { code.block(Op::if_).op(Op::unreachable).end(); };
  code.i32_const(32).i32_const(64).access(Op::i32_store);
  code.i32_const(36).i32_const(1).access(Op::i32_store);
  code.i32_const(3).i32_const(0).i32_const(16).i32_const(4).i32_const(0);
  code.i64_const(kReadSyncSeekWrite).i64_const(0).i32_const(0).i32_const(0).call(open);
  all_well();
  for (const uint32_t each : {read, write}) {
    code.i32_const(0).access(Op::i32_load).i32_const(32).i32_const(1).i32_const(40).call(each);
    all_well();
  }
  for (const uint32_t each : {sync, close}) {
    code.i32_const(0).access(Op::i32_load).call(each);
    all_well();
  }
  module.export_("f", wasm::ExternKind::Func, module.func({{}, {}}, code));
  return module.build();
}

}  // namespace cordon::testing
