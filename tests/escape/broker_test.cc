// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A hostile path broker, the real run worker beside it with a guest that opens a file, and the
// supervisor: the guest gets only files, the run has a clear end, and no process is left ([P1] [F1]
// [J4]).
#include <gtest/gtest.h>

#include "tests/escape/hostile_broker.h"
#include "tests/escape/support.h"
#include "tests/kit/file_module.h"
#include "tests/kit/temporary_directory.h"

namespace cordon::escape {
namespace {

using supervisor::RunEnd;

struct Case {
  Deed deed;
  RunEnd end;
  const char* text;  // a part of it
};

constexpr const char* kGaveUp = "status 70 and gave no verdict";
constexpr Case kCases[] = {
    {Deed::SendTheFile, RunEnd::Trapped, "unreachable"},  // the guest syncs it, which null refuses
    {Deed::SendManyFiles, RunEnd::Violation, kGaveUp},
    {Deed::SendADirectory, RunEnd::Violation, kGaveUp},
    {Deed::SendItsChannel, RunEnd::Violation, kGaveUp},
    {Deed::SendAFileThatIsNone, RunEnd::Violation, "asked for File, of which there is none"},
    {Deed::SendAFileWithARefusal, RunEnd::Violation, kGaveUp},
    {Deed::SendAnotherReply, RunEnd::Violation, kGaveUp},
    {Deed::SendTooMuchToTake, RunEnd::Violation, kGaveUp},
};

TEST(HostileBroker, GivesTheGuestNothingButAFile) {
  adopt_orphans();
  const int children = count_children();
  const testing::TemporaryDirectory directory;
  directory.write("m.wasm", testing::file_module());
  for (const Case& row : kCases) {
    auto request = hostile_request({"guest"}, std::chrono::seconds(10));
    request.worker_path = CORDON_RUN_WORKER;
    request.broker_path = CORDON_HOSTILE_BROKER;
    request.module_path = directory / "m.wasm";
    request.invoke = "f";
    request.max_files = max_files_of(row.deed);
    const auto report = supervisor::run(request);
    const auto number = static_cast<uint32_t>(row.deed);
    EXPECT_EQ(report.end, row.end) << number << ": " << describe(report);
    EXPECT_NE(report.text.find(row.text), std::string::npos) << number << ": " << describe(report);
    EXPECT_TRUE(children_become(children, std::chrono::seconds(2)))
        << number << " left a process behind";
  }
}

}  // namespace
}  // namespace cordon::escape
