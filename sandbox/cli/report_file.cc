// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/report_file.h"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

namespace cordon::cli {
namespace {

using nlohmann::ordered_json;
using protocol::LimitHit;
using supervisor::CacheOutcome;
using supervisor::RunEnd;
using supervisor::RunReport;
using supervisor::RunRequest;

const char* verdict_name(RunEnd end) {
  switch (end) {
    case RunEnd::Exited: return "exited";
    case RunEnd::Trapped: return "trapped";
    case RunEnd::Refused: return "refused";
    case RunEnd::Timeout: return "timeout";
    case RunEnd::Violation: return "violation";
    case RunEnd::Killed: return "killed";
    case RunEnd::JailFailed: return "jail_failed";
    case RunEnd::Interrupted: return "interrupted";
    case RunEnd::BadInput: return "bad_input";
    case RunEnd::Lacking: return "lacking";
  }
  return "unknown";
}

const char* cache_outcome_name(CacheOutcome outcome) {
  switch (outcome) {
    case CacheOutcome::None: return "none";
    case CacheOutcome::Hit: return "hit";
    case CacheOutcome::Miss: return "miss";
    case CacheOutcome::Bad: return "bad";
  }
  return "none";
}

ordered_json limit_name(const RunReport& report) {
  if (report.end == RunEnd::Timeout) return "timeout";
  switch (report.limit) {
    case LimitHit::None: return nullptr;
    case LimitHit::Fuel: return "fuel";
    case LimitHit::Memory: return "memory";
    case LimitHit::Output: return "output";
    case LimitHit::Table: return "table";
  }
  return nullptr;
}

double milliseconds(uint64_t ns) { return static_cast<double>(ns) / 1e6; }

ordered_json lines_of(const protocol::FrameNames& names) {
  ordered_json lines = ordered_json::array();
  for (const protocol::SourceLine& line : names.lines) {
    lines.push_back(
        {{"func", line.func}, {"file", line.file}, {"line", line.line}, {"column", line.column}});
  }
  return lines;
}

ordered_json frames_of(const RunReport& report) {
  ordered_json frames = ordered_json::array();
  for (size_t i = 0; i < report.frames.size(); ++i) {
    const protocol::Frame& frame = report.frames[i];
    ordered_json row = {
        {"func", frame.func_index}, {"name", frame.name}, {"offset", frame.module_offset}};
    if (i < report.explained.size()) {
      row["demangled"] = report.explained[i].name;
      row["source"] = lines_of(report.explained[i]);
    }
    frames.push_back(std::move(row));
  }
  return frames;
}

ordered_json hottest_of(const RunReport& report) {
  ordered_json places = ordered_json::array();
  for (const protocol::HotPlace& place : report.hottest) {
    places.push_back({{"func", place.func_index},
                      {"name", place.name},
                      {"kind", place.is_loop ? "loop" : "entry"},
                      {"offset", place.module_offset},
                      {"fuel", place.fuel}});
  }
  return places;
}

const char* engine_name(const RunRequest& request) {
  switch (request.engine) {
    case protocol::Engine::Interp: break;
    case protocol::Engine::Jit: return "jit";
    case protocol::Engine::Auto: return "auto";
  }
  return "interp";
}

// The module's functions by how they run at the end.
ordered_json levels_of(const RunRequest& request, const RunReport& report) {
  if (request.engine != protocol::Engine::Auto) return nullptr;
  return {{{"level", "cold"}, {"functions", report.switched.cold_funcs}},
          {{"level", "warm"},
           {"functions", report.code_funcs},
           {"code_bytes", report.code_bytes},
           {"compile_ms", milliseconds(report.compile_ns)},
           {"verify_ms", milliseconds(report.verify_ns)}}};
}

ordered_json switching_of(const RunRequest& request, const RunReport& report) {
  if (request.engine != protocol::Engine::Auto) return nullptr;
  const protocol::Switched& switched = report.switched;
  return {
      {"requested", switched.requested},
      {"pieces", switched.pieces},
      {"late_pieces", report.late_pieces},
      {"loop_entries", switched.loop_entries},
      {"first_native_ms", switched.first_ns == 0 ? ordered_json(nullptr)
                                                 : ordered_json(milliseconds(switched.first_ns))}};
}

ordered_json cache_of(const RunRequest& request, const RunReport& report) {
  if (!request.cache) return nullptr;
  const supervisor::CacheReport& cache = report.cache;
  return {{"directory", request.cache->directory},
          {"result", cache_outcome_name(cache.outcome)},
          {"key", cache.key.empty() ? ordered_json(nullptr) : ordered_json(cache.key)},
          {"stored", cache.stored},
          {"text", cache.why},
          {"look_up_ms", milliseconds(cache.look_up_ns)},
          {"store_ms", milliseconds(cache.store_ns)}};
}

Result<int> parse_fd(std::string_view text) {
  int fd = -1;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (error != std::errc() || rest != text.data() + text.size() || fd < 0) {
    return fail_os("--report: \"" + std::string(text) + "\" is no number of a descriptor", EINVAL);
  }
  return fd;
}

}  // namespace

std::string report_json(const RunRequest& request, const RunReport& report) {
  ordered_json json;
  json["verdict"] = verdict_name(report.end);
  json["exit_status"] = report.exit_status();
  json["exit_code"] =
      report.end == RunEnd::Exited ? ordered_json(report.exit_code) : ordered_json(nullptr);
  bool trapped = report.end == RunEnd::Trapped;
  json["trap"] = trapped ? ordered_json(report.name) : ordered_json(nullptr);
  json["reason"] =
      report.end == RunEnd::Refused ? ordered_json(report.name) : ordered_json(nullptr);
  json["refused"] = report.end == RunEnd::Refused ? ordered_json(report.of_code ? "code" : "module")
                                                  : ordered_json(nullptr);
  json["text"] = report.text;
  json["frames"] = frames_of(report);
  json["unexplained"] =
      report.unexplained.empty() ? ordered_json(nullptr) : ordered_json(report.unexplained);
  json["hottest"] = hottest_of(report);
  json["limit"] = limit_name(report);
  json["signal"] = report.signal == 0 ? ordered_json(nullptr) : ordered_json(report.signal);
  json["syscall"] = report.syscall.empty() ? ordered_json(nullptr) : ordered_json(report.syscall);
  json["module"] = request.module_path;
  json["precompiled"] = request.precompiled_path.empty() ? ordered_json(nullptr)
                                                         : ordered_json(request.precompiled_path);
  json["cache"] = cache_of(request, report);
  json["engine"] = engine_name(request);
  json["interpreted_for"] =
      report.interpreted_for.empty() ? ordered_json(nullptr) : ordered_json(report.interpreted_for);
  json["code_bytes"] = report.code_bytes;
  json["levels"] = levels_of(request, report);
  json["switching"] = switching_of(request, report);
  json["fuel_used"] = report.fuel_used;
  json["peak_memory_bytes"] = report.peak_memory;
  json["max_rss_bytes"] = report.max_rss;
  json["perf_map"] =
      report.perf_map.empty() ? ordered_json(nullptr) : ordered_json(report.perf_map);
  json["wall_ms"] = milliseconds(report.wall_ns);
  json["cpu_ms"] = milliseconds(report.cpu_ns);
  json["decode_ms"] = milliseconds(report.decode_ns);
  json["validate_ms"] = milliseconds(report.validate_ns);
  json["compile_ms"] = milliseconds(report.compile_ns);
  json["verify_ms"] = milliseconds(report.verify_ns);
  json["verify_tail_ms"] = milliseconds(report.verify_tail_ns);
  json["instantiate_ms"] = milliseconds(report.instantiate_ns);
  json["run_ms"] = milliseconds(report.run_ns);
  json["jail"] = {{"landlock_abi", report.landlock_abi}, {"missing_layers", report.missing_layers}};
  // Text from a worker may be anything: what is not UTF-8 becomes the replacement character.
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<ReportFile> ReportFile::open(const std::string& target) {
  if (target.starts_with("fd:")) {
    int fd = TRY(parse_fd(std::string_view(target).substr(3)));
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0) return fail_os("--report " + target, errno);
    return ReportFile(NewFile::around(Fd(own), target));
  }
  auto file = NewFile::create(target);
  if (!file) {
    file.error().detail = "--report: " + file.error().detail;
    return Failure(file.error());
  }
  return ReportFile(std::move(*file));
}

Result<void> ReportFile::write(const std::string& json) {
  TRY_VOID(file_.write(json));
  return file_.put_in_place(NewFile::Sync::No);
}

}  // namespace cordon::cli
