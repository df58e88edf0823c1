// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-accepted [PROGRAMS [SEED [until-breach]]]: runs programs of machine code that the verifier
// accepts by construction, and prints how they ended. Fails if one was refused or broke a promise;
// with `until-breach` it stops there and fails if none did: for builds with a planted hole.
// cordon-accepted INDEX SEED only: runs only that program of the seed.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/abi/traps.h"
#include "fuzz/oracle/accepted/campaign.h"

namespace {

using namespace cordon::fuzz::accepted;

void print(const char* what, uint64_t count) {
  std::printf("  %-44s %llu\n", what, static_cast<unsigned long long>(count));
}

void print(const Report& report) {
  const Tally& tally = report.tally;
  print("programs", report.programs);
  print("instances", tally.instances);
  print("  of them native", tally.native_instances);
  print("calls from outside", tally.calls);
  print("calls of host functions", tally.host_calls);
  print("accepted though they must be refused", tally.dares_accepted);
  std::puts("how programs ended:");
  for (size_t i = 0; i < std::size(kEndNames); ++i) print(kEndNames[i], report.ends[i]);
  std::puts("how calls ended:");
  for (size_t i = 0; i < std::size(tally.traps); ++i) {
    if (tally.traps[i] != 0) print(trap_name(static_cast<cordon::Trap>(i)).data(), tally.traps[i]);
  }
  std::puts("what the runtime caught:");
  for (const auto& [text, count] : report.caught) {
    print(text.substr(0, text.find('\n')).c_str(), count);
  }
  for (const std::string& fault : report.faults) std::puts(fault.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t programs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const bool until_breach = argc > 3 && std::strcmp(argv[3], "until-breach") == 0;
  const bool only = argc > 3 && std::strcmp(argv[3], "only") == 0;
  const Report report =
      only ? run_one(input_of(seed, programs)) : run_campaign(programs, seed, until_breach);
  print(report);
  if (until_breach) {
    print("first breach at program", report.first_breach);
    return report.first_breach == 0 ? 1 : 0;
  }
  return report.clean() && report.tally.dares_accepted == 0 ? 0 : 1;
}
