// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Members: the modules of a program, loaded and instantiated one after the other. Used by Program
// alone.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/engine/instantiate.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/oracle/accepted/host.h"
#include "fuzz/oracle/accepted/program.h"

namespace cordon::fuzz::accepted {

struct Member {
  const ModuleShape& shape;
  std::vector<uint8_t> bytes;
  engine::LoadedModule loaded;
  runtime::Instance* instance = nullptr;  // null: it may not be called
};

class Members {
 public:
  // `all` outlives the store: instances run over the bytes in it.
  Members(const ProgramShape& program, std::deque<Member>& all, runtime::Store& store,
          runtime::Execution& execution, Host& host, Groups& groups, Secrets& secrets);

  // Adds the next module of the program. False: the program ended, as `end` says.
  bool add(const ModuleShape& shape, Choices& choices, Tally& tally, End& end, std::string& why);

 private:
  bool load(Member& member, Choices& choices, bool& dared, std::string& why);
  void hand_out_externs(const runtime::Instance& instance);
  bool instantiate(Member& member, std::string& why);

  const ProgramShape& program_;
  std::deque<Member>& all_;
  runtime::Store& store_;
  runtime::Execution& execution_;
  Host& host_;
  Groups& groups_;
  Secrets& secrets_;
  bool one_failed_ = false;
};

// The configuration of every member and of the store.
engine::Config config_of(const ProgramShape& program);

}  // namespace cordon::fuzz::accepted
