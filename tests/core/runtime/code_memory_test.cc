// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code memory as the kernel sees it ([W1] [W2]), and its tables.
#include "core/runtime/code_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "core/base/os/memfd.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using wasm::ExternKind;
using wasm::ValType;
using x64::W32;
using enum x64::Gpr;

struct Area {
  uint64_t begin, end;
  std::string rights, name;
};

std::vector<Area> areas() {
  std::vector<Area> out;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Area area;
    char rights[8];
    int name_at = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %*s %*s %*s %n", &area.begin, &area.end, rights,
                    &name_at) >= 3) {
      area.rights = rights;
      area.name = line.substr(static_cast<size_t>(name_at));
      out.push_back(area);
    }
  }
  return out;
}

bool of_code(const Area& area) { return area.name.starts_with("/memfd:code"); }

// [W1] [W2]
void expect_maps_are_clean() {
  for (const Area& area : areas()) {
    const bool w = area.rights[1] == 'w', x = area.rights[2] == 'x';
    EXPECT_FALSE(w && x) << area.name;
    if (of_code(area)) {
      EXPECT_FALSE(w) << "a writable mapping of code";
      if (x) EXPECT_EQ(area.rights[3], 's') << "a private copy could become writable";
    }
  }
}

size_t code_areas() {
  const std::vector<Area> all = areas();
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), of_code));
}

class CodeMemoryTest : public NativeTest {
 protected:
  static ModuleBuilder module() {
    ModuleBuilder module;
    module.export_("f", ExternKind::Func,
                   module.func({{}, {ValType::i32}}, WasmBytes().i32_const(42)));
    return module;
  }
  static void write(HandCode& code) {
    code.begin();
    code.a.mov(W32, rax, 42);
    code.end_with_return();
    code.rodata = {1, 2, 3};
  }
  std::shared_ptr<const CodeMemory> publish() {
    HandCode code;
    write(code);
    auto loaded = load_unchecked(module(), &code);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      std::abort();
    }
    return loaded->code;
  }
};

TEST_F(CodeMemoryTest, IsSharedReadOnlyAndExecutableAndItsDataIsNot) {
  auto code = publish();
  expect_maps_are_clean();
  size_t executable = 0, data = 0;
  for (const Area& area : areas()) {
    if (!of_code(area)) continue;
    const auto at = reinterpret_cast<uint64_t>(code->code().data());
    if (area.begin == at) {
      EXPECT_EQ(area.rights, "r-xs");
      ++executable;
    }
    if (area.begin == at + abi::kCodePage) {
      EXPECT_EQ(area.rights, "r--s");
      ++data;
    }
  }
  EXPECT_EQ(executable, 1U);
  EXPECT_EQ(data, 1U);
}

// [W1] Neither these pages nor others of the same file can be made writable.
TEST_F(CodeMemoryTest, CanNotBeMadeWritable) {
  auto code = publish();
  void* at = const_cast<uint8_t*>(code->code().data());
  for (int rights : {PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE | PROT_EXEC}) {
    EXPECT_NE(mprotect(at, abi::kCodePage, rights), 0) << rights;
  }
  expect_maps_are_clean();
}

TEST_F(CodeMemoryTest, AManyTimesOverLeavesNoMappingBehind) {
  const size_t before = code_areas();
  for (int i = 0; i < 100; ++i) {
    auto code = publish();
    expect_maps_are_clean();
    EXPECT_EQ(code_areas(), before + 2) << "the file itself is not mapped any more";
  }
  EXPECT_EQ(code_areas(), before);
}

TEST_F(CodeMemoryTest, MapsStayCleanThroughARun) {
  HandCode code;
  write(code);
  Instance& instance = instantiate(module(), &code);
  expect_maps_are_clean();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(result(instance, "f"), "i32:42");
  expect_maps_are_clean();
}

// [W1] [W3] What is not sealed in every way is not even looked at.
TEST_F(CodeMemoryTest, FilesThatCouldStillChangeAreRefused) {
  HandCode code;
  write(code);
  const std::vector<uint8_t> bytes = code.bytes();
  const int seals[] = {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE};
  for (int missing : seals) {
    Fd file(memfd_create("code", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    ASSERT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    int given = kAllSeals & ~missing;
    ASSERT_EQ(fcntl(file.get(), F_ADD_SEALS, given), 0);
    EXPECT_FALSE(SealedFile::adopt(std::move(file), 1 << 20)) << missing;
  }
  Fd ordinary(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(SealedFile::adopt(std::move(ordinary), uint64_t{1} << 40)) << "no memfd at all";
  auto sealed = SealedFile::of_bytes(bytes, "code");
  ASSERT_TRUE(sealed);
  EXPECT_LT(::write(sealed->fd(), "x", 1), 0) << "and it is open for reading only";
  EXPECT_FALSE(SealedFile::adopt(std::move(*sealed_copy_of_bytes(bytes, "code")), 4096))
      << "more than was allowed";
}

// [W3] Code that was verified in one file is not published from another.
TEST_F(CodeMemoryTest, PublishesOnlyTheFileThatWasVerified) {
  HandCode code;
  write(code);
  const std::vector<uint8_t> module_bytes = module().build();
  auto loaded = engine::load(module_bytes);
  ASSERT_TRUE(loaded);
  auto one = SealedFile::of_bytes(code.bytes(), "code");
  auto two = SealedFile::of_bytes(code.bytes(), "code");
  ASSERT_TRUE(one && two);
  auto verified = verify::UncheckedCode::make(*abi::decode_blob(one->bytes()), one->bytes());
  EXPECT_DEATH((void)CodeMemory::publish(verified, {&*two, 1}), "CHECK failed");
  EXPECT_TRUE(CodeMemory::publish(verified, {&*one, 1}));
}

TEST_F(CodeMemoryTest, FindsWhatStandsAtAPlace) {
  HandCode code;
  ModuleBuilder two;
  two.func({{}, {}}, WasmBytes());
  two.func({{}, {}}, WasmBytes());
  code.begin();
  code.trap(Trap::unreachable, 7);
  code.end();
  code.begin();
  code.a.ret();
  code.end();
  auto loaded = load_unchecked(two, &code);
  ASSERT_TRUE(loaded) << loaded.error().message();
  const CodeMemory& memory = *loaded->code;
  EXPECT_EQ(memory.func_at(1), 0U);
  EXPECT_EQ(memory.func_at(2), std::nullopt) << "between functions";
  EXPECT_EQ(memory.func_at(16), 1U);
  EXPECT_EQ(memory.func_at(17), std::nullopt);
  EXPECT_EQ(memory.trap_site(0)->wasm_offset, 7U);
  EXPECT_EQ(memory.trap_site(1), nullptr);
  EXPECT_EQ(memory.call_site(0), nullptr);
  const auto* base = static_cast<const uint8_t*>(memory.entry(0));
  EXPECT_EQ(memory.offset_of(base + 16), 16U);
  EXPECT_EQ(memory.offset_of(base + memory.code().size()), std::nullopt);
  EXPECT_EQ(memory.offset_of(base - 1), std::nullopt);
}

}  // namespace
}  // namespace cordon::runtime
