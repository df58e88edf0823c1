// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/import_hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cordon::engine {
namespace {

using ::testing::HasSubstr;

TEST(ImportHints, SayWhichOptionOfWhichToolchainHelps) {
  EXPECT_THAT(import_hint("wasi_unstable", "fd_write"), HasSubstr("wasm32-wasip1"));
  EXPECT_THAT(import_hint("wasi:cli/stdout@0.2.0", "get-stdout"), HasSubstr("wasm32-wasip1"));
  EXPECT_THAT(import_hint("wasi", "thread-spawn"), HasSubstr("without -pthread"));
  EXPECT_THAT(import_hint("env", "emscripten_get_now"), HasSubstr("-sSTANDALONE_WASM"));
  EXPECT_THAT(import_hint("env", "__linear_memory"), HasSubstr("link it"));
  EXPECT_THAT(import_hint("GOT.mem", "x"), HasSubstr("a dynamic library"));
  EXPECT_THAT(import_hint("GOT.func", "f"), HasSubstr("a dynamic library"));
  EXPECT_THAT(import_hint("env", "__table_base"), HasSubstr("a dynamic library"));
  EXPECT_THAT(import_hint("env", "napi_get_cb_info"), HasSubstr("Node-API"));
  EXPECT_THAT(import_hint("env", "_embind_register_void"), HasSubstr("--bind"));
  EXPECT_THAT(import_hint("env", "__cxa_throw"), HasSubstr("-fwasm-exceptions"));
  EXPECT_THAT(import_hint("rb-js-abi-host", "is-js: func"), HasSubstr("js gem"));
  EXPECT_THAT(import_hint("env", "my_function"), HasSubstr("link what defines it"));
  EXPECT_THAT(import_hint("gojs", "runtime.wasmExit"), HasSubstr("GOOS=wasip1"));
  EXPECT_THAT(import_hint("wbg", "__wbg_log_1"), HasSubstr("wasm-bindgen"));
  EXPECT_THAT(import_hint("wasi_snapshot_preview1", "sock_bind"), HasSubstr("no such function"));
}

TEST(ImportHints, AreSilentAboutNamesOfNoToolchain) {
  EXPECT_EQ(import_hint("my_host", "log"), "");
  EXPECT_EQ(import_hint("wasi", "thread-spawn-2"), "");
  EXPECT_EQ(import_hint("", ""), "");
}

}  // namespace
}  // namespace cordon::engine
