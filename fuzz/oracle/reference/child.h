// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Child: a lasting process that answers messages on its standard input with messages on its
// standard output: four bytes of length, little-endian, and the bytes. Used by the oracles that
// query a foreign engine or validator. It ends with its owner.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/os/fd.h"

namespace cordon::fuzz {

class Child {
 public:
  static constexpr int kPatienceMs = 10'000;

  // `command` is searched in PATH. Nothing is started yet.
  explicit Child(std::vector<std::string> command, int patience_ms = kPatienceMs)
      : command_(std::move(command)), patience_ms_(patience_ms) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&& other) noexcept
      : command_(std::move(other.command_)),
        patience_ms_(other.patience_ms_),
        pid_(std::exchange(other.pid_, -1)),
        socket_(std::move(other.socket_)) {}
  ~Child() { stop(); }

  bool running() const { return pid_ > 0; }
  // Fails if there is no such program or no process can be made.
  bool start();
  void stop();
  // The answer to `message`; nothing if the process is gone, or neither reads nor writes for as
  // long as its patience; then it has been stopped. REQUIRES: running().
  std::optional<std::string> ask(std::string_view message);

 private:
  bool send(std::string_view bytes);
  bool receive(char* to, size_t size);

  std::vector<std::string> command_;
  int patience_ms_;
  pid_t pid_ = -1;
  Fd socket_;
};

}  // namespace cordon::fuzz
