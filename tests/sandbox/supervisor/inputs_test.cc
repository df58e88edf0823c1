// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/inputs.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/os/memfd.h"
#include "sandbox/supervisor/judge.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::supervisor {
namespace {

class InputsTest : public ::testing::Test {
 protected:
  Result<Inputs> open(const std::string& path) {
    request_.module_path = path;
    return open_inputs(request_, Deadline(Deadline::Clock::now(), std::chrono::seconds(10)));
  }
  Result<Fd> copy(const Inputs& inputs) const {
    return copy_module(request_.module_path, inputs.module_file, inputs.module_size);
  }

  testing::TemporaryDirectory directory_;
  RunRequest request_;
};

// [F1] Said at once, with what to do, and not by an errno to the guest.
TEST_F(InputsTest, AGrantOfAnInterfaceOfTheKernelIsRefused) {
  directory_.write("m.wasm", "twelve bytes");
  for (const char* interface : {"/proc", "/proc/self", "/sys"}) {
    request_.directories = {{interface, "/data", false}};
    auto inputs = open(directory_ / "m.wasm");
    ASSERT_FALSE(inputs) << interface;
    EXPECT_NE(inputs.error().message().find(std::string("--dir: ") + interface +
                                            " is an interface of the kernel"),
              std::string::npos)
        << inputs.error().message();
    EXPECT_EQ(judge_failure(inputs.error(), true).exit_status(), 2);
  }
  request_.directories = {{directory_.path(), "/data", false}};
  EXPECT_TRUE(open(directory_ / "m.wasm"));
}

TEST_F(InputsTest, AFileIsCopiedWhenTheWorkersAreUnderWay) {
  directory_.write("m.wasm", "twelve bytes");
  auto inputs = open(directory_ / "m.wasm");
  ASSERT_TRUE(inputs) << inputs.error().message();
  EXPECT_EQ(inputs->module_size, 12u);
  EXPECT_FALSE(inputs->module.valid());
  auto module = copy(*inputs);
  ASSERT_TRUE(module) << module.error().message();
  EXPECT_EQ(*size_of_sealed(module->get()), 12u);
}

// [L1] The worker's limits were computed from the size that the file had. A message about a refused
// module names the module.
TEST_F(InputsTest, AModuleThatGrowsMeanwhileIsRefused) {
  directory_.write("m.wasm", "short");
  auto inputs = open(directory_ / "m.wasm");
  ASSERT_TRUE(inputs) << inputs.error().message();
  directory_.write("m.wasm", "longer than before");
  auto module = copy(*inputs);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().message(), "the module grew while it was read");
}

TEST_F(InputsTest, OfAFileThatShrinksMeanwhileThereIsWhatIsLeft) {
  directory_.write("m.wasm", "long enough");
  auto inputs = open(directory_ / "m.wasm");
  ASSERT_TRUE(inputs) << inputs.error().message();
  directory_.write("m.wasm", "now");
  auto module = copy(*inputs);
  ASSERT_TRUE(module) << module.error().message();
  EXPECT_EQ(*size_of_sealed(module->get()), 3u);
}

TEST_F(InputsTest, AFileThatSaysItIsEmptyIsReadAllTheSame) {
  auto inputs = open("/proc/self/stat");
  ASSERT_TRUE(inputs) << inputs.error().message();
  EXPECT_GT(inputs->module_size, 0u);
  EXPECT_EQ(*size_of_sealed(inputs->module.get()), inputs->module_size);
  directory_.write("empty", "");
  auto empty = open(directory_ / "empty");
  ASSERT_TRUE(empty) << empty.error().message();
  EXPECT_EQ(*size_of_sealed(empty->module.get()), 0u);
}

}  // namespace
}  // namespace cordon::supervisor
