// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A code space as the kernel sees it ([W1] [W2]), what it takes ([W3]), and what it says of a
// place.
#include "core/runtime/code/space.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "core/base/os/memfd.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using ::testing::HasSubstr;
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

class CodeSpaceTest : public NativeTest {
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
  std::shared_ptr<const CodeSpace> publish() {
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

TEST_F(CodeSpaceTest, IsSharedReadOnlyAndExecutableAndItsDataIsNot) {
  auto code = publish();
  expect_maps_are_clean();
  size_t executable = 0, data = 0;
  for (const Area& area : areas()) {
    if (!of_code(area)) continue;
    const auto at = reinterpret_cast<uint64_t>(code->room().data());
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
TEST_F(CodeSpaceTest, CanNotBeMadeWritable) {
  auto code = publish();
  void* at = const_cast<uint8_t*>(code->room().data());
  for (int rights : {PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE | PROT_EXEC}) {
    EXPECT_NE(mprotect(at, abi::kCodePage, rights), 0) << rights;
  }
  expect_maps_are_clean();
}

TEST_F(CodeSpaceTest, AManyTimesOverLeavesNoMappingBehind) {
  const size_t before = code_areas();
  for (int i = 0; i < 100; ++i) {
    auto code = publish();
    expect_maps_are_clean();
    EXPECT_EQ(code_areas(), before + 2) << "the file itself is not mapped any more";
  }
  EXPECT_EQ(code_areas(), before);
}

TEST_F(CodeSpaceTest, MapsStayCleanThroughARun) {
  HandCode code;
  write(code);
  Instance& instance = instantiate(module(), &code);
  expect_maps_are_clean();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(result(instance, "f"), "i32:42");
  expect_maps_are_clean();
}

// [W1] [W3] What is not sealed in every way is not even looked at.
TEST_F(CodeSpaceTest, FilesThatCouldStillChangeAreRefused) {
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

// What a piece of hand-written code says of itself.
verify::Standing standing(const wasm::Module& module, uint32_t number = 0, uint64_t series = 0) {
  return {&module, series, number, false, false};
}

// A module and room for pieces of its code.
class CodePiecesTest : public CodeSpaceTest {
 protected:
  void SetUp() override {
    module_ = testing::must(World::load(module().build(), engine::Engine::Interp)).module;
    space_ = *CodeSpace::create(module_, 8 * kPieceSize);
  }
  // The body's code, at this place.
  static HandCode piece(uint32_t place) {
    HandCode code;
    write(code);
    code.place.code_base = place * kPieceSize;
    return code;
  }
  std::string refusal(uint32_t place, const verify::Standing& standing) {
    const auto published = piece(place).publish(*space_, standing);
    return published ? "" : published.error().message();
  }
  verify::Standing here(uint32_t number, uint64_t series = 0) const {
    return standing(module_->module(), number, series);
  }

  static constexpr uint32_t kPieceSize = 2 * abi::kCodePage;  // code and data
  std::shared_ptr<const wasm::ValidatedModule> module_;
  std::shared_ptr<CodeSpace> space_;
};

// [W3] Code that was verified in one file is not published from another.
TEST_F(CodePiecesTest, TakesOnlyTheFileThatWasVerified) {
  HandCode code = piece(0);
  auto one = SealedFile::of_bytes(code.bytes(), "code");
  auto two = SealedFile::of_bytes(code.bytes(), "code");
  ASSERT_TRUE(one && two);
  const auto verified = [&] {
    return verify::UncheckedCode::make(*abi::decode_blob(one->bytes()), one->bytes(), here(0));
  };
  EXPECT_DEATH((void)space_->publish(verified(), *two), "CHECK failed");
  EXPECT_TRUE(space_->publish(verified(), *one));
}

// [W3] What was verified beside other code, or for another module, does not belong here.
TEST_F(CodePiecesTest, TakesOnlyTheNextPieceOfOneSeriesOfItsModule) {
  const wasm::Module other = module_->module();
  EXPECT_THAT(refusal(0, standing(other)), HasSubstr("of another module"));
  EXPECT_THAT(refusal(0, here(1)), HasSubstr("piece 1 in the place of piece 0"));
  EXPECT_EQ(refusal(0, here(0)), "");
  EXPECT_THAT(refusal(1, here(0)), HasSubstr("piece 0 in the place of piece 1"));
  EXPECT_THAT(refusal(1, here(2)), HasSubstr("piece 2 in the place of piece 1"));
  EXPECT_THAT(refusal(1, here(1, 7)), HasSubstr("of another verification"));
  EXPECT_EQ(space_->units().size(), 1u);
  EXPECT_EQ(refusal(1, here(1)), "");
  EXPECT_EQ(space_->units().size(), 2u);
}

TEST_F(CodePiecesTest, StaysInItsRoomAndNeverOverOtherCode) {
  EXPECT_THAT(refusal(8, here(0)), HasSubstr("not in its room"));
  HandCode large = piece(7);
  large.rodata.resize(abi::kCodePage + 1);
  EXPECT_FALSE(large.publish(*space_, here(0)));
  EXPECT_EQ(refusal(3, here(0)), "");
  EXPECT_THAT(refusal(3, here(1)), HasSubstr("over other code"));
  HandCode across = piece(2);
  across.rodata.resize(abi::kCodePage + 1);
  EXPECT_FALSE(across.publish(*space_, here(1)));
  HandCode behind = piece(3);
  behind.place.code_base += abi::kCodePage;
  EXPECT_FALSE(behind.publish(*space_, here(1)));
  EXPECT_EQ(refusal(2, here(1)), "");
  EXPECT_EQ(code_areas(), 4u);
}

// In whatever order they come, and while there are places without code.
TEST_F(CodePiecesTest, FindsEachUnitByAnyOfItsAddresses) {
  const uint32_t places[] = {4, 5, 1, 6, 0};
  std::vector<const CodeUnit*> by_place(8);
  for (uint32_t number = 0; number < std::size(places); ++number) {
    ASSERT_EQ(refusal(places[number], here(number)), "");
    const uint8_t* const base = space_->room().data();
    by_place[places[number]] = space_->unit_at(base + places[number] * kPieceSize);
    ASSERT_NE(by_place[places[number]], nullptr);
    EXPECT_EQ(by_place[places[number]]->number(), number);
    for (uint32_t at = 0; at < 8 * kPieceSize; at += 512) {
      EXPECT_EQ(space_->unit_at(base + at), by_place[at / kPieceSize]) << at;
      EXPECT_TRUE(space_->has(base + at));
    }
    EXPECT_EQ(space_->unit_at(base - 1), nullptr);
    EXPECT_EQ(space_->unit_at(base + 8 * kPieceSize), nullptr);
    EXPECT_FALSE(space_->has(base - 1));
    EXPECT_FALSE(space_->has(base + 8 * kPieceSize));
  }
  expect_maps_are_clean();
}

TEST_F(CodeSpaceTest, FindsWhatStandsAtAPlace) {
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
  ASSERT_EQ(loaded->code->units().size(), 1u);
  const CodeUnit& unit = *loaded->code->units()[0];
  EXPECT_EQ(unit.func_at(1), 0U);
  EXPECT_EQ(unit.func_at(2), std::nullopt) << "between functions";
  EXPECT_EQ(unit.func_at(16), 1U);
  EXPECT_EQ(unit.func_at(17), std::nullopt);
  EXPECT_EQ(unit.trap_site(0)->wasm_offset, 7U);
  EXPECT_EQ(unit.trap_site(1), nullptr);
  EXPECT_EQ(unit.call_site(0), nullptr);
  const auto* base = static_cast<const uint8_t*>(unit.entry(0));
  EXPECT_EQ(unit.offset_of(base + 16), 16U);
  EXPECT_TRUE(unit.holds(base + unit.mapping().size() - 1));
  EXPECT_FALSE(unit.holds(base + unit.mapping().size()));
  EXPECT_FALSE(unit.holds(base - 1));
}

// [T1] Room without code is the guest's, and a fault there is none of its traps.
TEST_F(CodePiecesTest, CodeThatHasNotComeIsAnEscapeAttempt) {
  HandCode calls_on;
  calls_on.begin();
  calls_on.call_place(kPieceSize, 0);
  calls_on.end_with_return();
  ASSERT_TRUE(calls_on.publish(*space_, here(0)));
  const Instance& instance = World::instantiate({module_, space_, {}, {}});
  EXPECT_EXIT((void)result(instance, "f"), ::testing::ExitedWithCode(kEscapeStatus),
              "a fault in the guest's code that is no trap");
}

}  // namespace
}  // namespace cordon::runtime
