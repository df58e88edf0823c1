// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A campaign: many programs of cordon-accepted, each in a child that lasts until a program ends it,
// and a summary of how they ended.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fuzz/oracle/accepted/program.h"

namespace cordon::fuzz::accepted {

struct Report {
  uint64_t programs = 0;
  uint64_t ends[std::size(kEndNames)] = {};
  Tally tally{};
  std::map<std::string, uint64_t> caught;  // the runtime's message
  std::vector<std::string> faults;         // program and observation: breaches, refusals
  uint64_t first_breach = 0;               // programs up to the first breach, itself included

  uint64_t count(End end) const { return ends[static_cast<size_t>(end)]; }
  // Whether nothing forbidden happened.
  bool clean() const {
    return count(End::Breach) + count(End::Refused) + count(End::FalseAlarm) == 0;
  }
};

// Runs programs 0 to `programs` of `seed`; with `until_breach` none after the first breach.
Report run_campaign(uint64_t programs, uint64_t seed, bool until_breach);
// One program in a child of its own.
Report run_one(ByteSpan input);
// The choices of a program of a campaign.
std::vector<uint8_t> input_of(uint64_t seed, uint64_t index);

}  // namespace cordon::fuzz::accepted
