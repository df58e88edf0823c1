// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Terminal: relays between a guest and the user's terminal ([J4]). A worker never has a descriptor
// of it: for each stream that is a terminal the guest gets a pipe, and this relays. The guest gets
// other streams directly.
//
//  - Lines are taken from the terminal only while this process is in its foreground, and one at a
//    time, as the guest reads them: later input is left for the next reader. A guest
//    in the background that reads waits.
//  - What the guest writes is shown as text: control sequences become visible (printable.h), except
//    newline, tab and carriage return, unless the user allows them (--allow-ansi).
//  - The terminal is opened anew, so that its blocking mode does not affect those who share
//    the user's own descriptor; a terminal that takes no output (Ctrl-S) delays the guest, and
//    never the supervisor.
#pragma once

#include <array>
#include <list>
#include <string>

#include "core/base/os/fd.h"
#include "core/base/result.h"
#include "sandbox/supervisor/loop.h"

namespace cordon::supervisor {

// One for each run, on the thread of its loop.
class Terminal {
 public:
  // `allow_ansi` lets the guest's control sequences through unchanged.
  explicit Terminal(bool allow_ansi) : allow_ansi_(allow_ansi) {}

  // Determines which of 0, 1 and 2 are terminals, and makes pipes for those.
  Result<void> open(Loop& loop);
  // The descriptors for the guest: pipes, or the user's own if a stream is no terminal.
  std::array<int, 3> streams() const;
  // Bit i: stream i is a terminal.
  uint32_t terminals() const;
  // Called once, when the guest has its streams: closes this process's copies of its ends.
  void hand_over();

  // Whether all that the guest wrote is on the terminal. True if there is none.
  bool drained() const;

 private:
  struct Output {
    Fd guest_end, pipe, terminal;
    std::string pending;  // filtered, for the terminal
    std::string cut;      // the start of an incomplete character
    bool ended = false;
  };
  Result<void> open_input();
  Result<void> open_output(int stream);
  void watch_input();
  void take_line();
  void take_output(Output& output);
  void write_out(Output& output);
  void take_in(Output& output, std::string text);

  bool allow_ansi_;
  Loop* loop_ = nullptr;
  Fd input_terminal_, input_pipe_, input_guest_end_;
  std::list<Output> outputs_;
  std::array<int, 3> guest_ends_ = {0, 1, 2};
  uint32_t terminals_ = 0;
};

// The incomplete character at the end of `text`, as a count of bytes: 0 to 3.
size_t incomplete_tail(std::string_view text);

}  // namespace cordon::supervisor
