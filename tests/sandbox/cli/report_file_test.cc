// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/report_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/kit/temporary_directory.h"

namespace cordon::cli {
namespace {

namespace fs = std::filesystem;

struct ReportFileTest : ::testing::Test {
  testing::TemporaryDirectory directory;
};

TEST_F(ReportFileTest, AnOldReportStaysWholeUntilTheNewOneIs) {
  directory.write("run.json", "old");
  const fs::path path = directory / "run.json";
  auto file = ReportFile::open(path);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(directory.read("run.json"), "old");
  ASSERT_TRUE(file->write("{}\n"));
  EXPECT_EQ(directory.read("run.json"), "{}\n");
  EXPECT_EQ(directory.entries(), 1u);
}

TEST_F(ReportFileTest, NothingIsLeftOfAReportThatWasNeverWritten) {
  {
    ASSERT_TRUE(ReportFile::open(directory / "run.json"));
  }
  EXPECT_EQ(directory.entries(), 0u);
}

TEST_F(ReportFileTest, ATargetThatCanNotBeIsNamed) {
  auto file = ReportFile::open(directory / "none/run.json");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message().find("none/run.json"), std::string::npos);
  for (const char* target : {"fd:", "fd:-1", "fd:9999", "fd:1x"}) {
    EXPECT_FALSE(ReportFile::open(target)) << target;
  }
}

TEST_F(ReportFileTest, ADescriptorGetsTheSameText) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto file = ReportFile::open("fd:" + std::to_string(ends[1]));
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(file->write("{}\n"));
  char text[8] = {};
  EXPECT_EQ(::read(ends[0], text, sizeof text), 3);
  close(ends[0]);
  close(ends[1]);
}

TEST(ReportJson, NamesTheVerdictTheTrapAndTheLimit) {
  supervisor::RunRequest request;
  request.module_path = "app.wasm";
  supervisor::RunReport report;
  report.end = supervisor::RunEnd::Trapped;
  report.limit = protocol::LimitHit::Fuel;
  report.name = "fuel_exhausted";
  report.frames = {{.func_index = 3, .module_offset = 77, .name = "main"}};
  report.hottest = {{.func_index = 3, .is_loop = true, .module_offset = 80, .fuel = 5000}};
  auto json = nlohmann::json::parse(report_json(request, report));
  EXPECT_EQ(json["hottest"][0]["kind"], "loop");
  EXPECT_EQ(json["hottest"][0]["fuel"], 5000);
  EXPECT_EQ(json["verdict"], "trapped");
  EXPECT_EQ(json["exit_status"], 134);
  EXPECT_EQ(json["trap"], "fuel_exhausted");
  EXPECT_EQ(json["limit"], "fuel");
  EXPECT_EQ(json["frames"][0]["offset"], 77);
  EXPECT_EQ(json["frames"][0]["name"], "main");
  EXPECT_TRUE(json["exit_code"].is_null());
}

TEST(ReportJson, SaysHowAGuestBecameNative) {
  supervisor::RunRequest request;
  supervisor::RunReport report;
  report.end = supervisor::RunEnd::Exited;
  for (const auto engine : {protocol::Engine::Interp, protocol::Engine::Jit}) {
    request.engine = engine;
    const auto json = nlohmann::json::parse(report_json(request, report));
    EXPECT_EQ(json["engine"], engine == protocol::Engine::Jit ? "jit" : "interp");
    EXPECT_TRUE(json["levels"].is_null());
    EXPECT_TRUE(json["switching"].is_null());
  }
  request.engine = protocol::Engine::Auto;
  report.interpreted_for = "the compile worker ended with status 1";
  auto json = nlohmann::json::parse(report_json(request, report));
  EXPECT_EQ(json["engine"], "auto");
  EXPECT_EQ(json["interpreted_for"], report.interpreted_for);
  EXPECT_TRUE(json["switching"]["first_native_ms"].is_null());
  report.switched = {
      .requested = 4, .pieces = 3, .loop_entries = 2, .cold_funcs = 9, .first_ns = 5000};
  report.late_pieces = 1;
  report.code_funcs = 7;
  report.code_bytes = 800;
  json = nlohmann::json::parse(report_json(request, report));
  EXPECT_EQ(json["levels"][0]["level"], "cold");
  EXPECT_EQ(json["levels"][0]["functions"], 9);
  EXPECT_EQ(json["levels"][1]["functions"], 7);
  EXPECT_EQ(json["levels"][1]["code_bytes"], 800);
  EXPECT_EQ(json["switching"]["late_pieces"], 1);
  EXPECT_EQ(json["switching"]["loop_entries"], 2);
  EXPECT_EQ(json["switching"]["first_native_ms"], 0.005);
}

TEST(ReportJson, BytesThatAreNoTextStillGiveValidJson) {  // [P1]
  supervisor::RunRequest request;
  supervisor::RunReport report;
  report.text = "\xff\xfe\"\\\n\x1b[2J";
  EXPECT_TRUE(nlohmann::json::accept(report_json(request, report)));
}

}  // namespace
}  // namespace cordon::cli
