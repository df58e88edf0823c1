// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/supervisor/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/os/memfd.h"
#include "sandbox/supervisor/printable.h"

namespace cordon::supervisor {
namespace {

constexpr size_t kChunk =
    4096;  // the longest line that a terminal gives (termios(3), canonical mode)
// How soon a taken line, or this process's return to the foreground, is noticed.
constexpr std::chrono::milliseconds kLookAgain{20};

// The terminal of a user's descriptor, opened anew; or that descriptor if that
// fails.
Result<Fd> open_terminal(int stream, int access) {
  const std::string path = "/proc/self/fd/" + std::to_string(stream);
  Fd fd(::open(path.c_str(), access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (fd.valid()) return fd;
  Fd same(fcntl(stream, F_DUPFD_CLOEXEC, 3));
  if (!same.valid()) return fail_os("fcntl F_DUPFD_CLOEXEC", errno);
  return same;
}

Result<std::pair<Fd, Fd>> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_os("pipe2", errno);
  return std::pair{Fd(ends[0]), Fd(ends[1])};
}

Result<void> do_not_wait(const Fd& fd) {
  if (fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) return fail_os("fcntl F_SETFL", errno);
  return {};
}

// A terminal other than that of our session has no foreground to be in.
bool in_foreground(int terminal) {
  const pid_t front = tcgetpgrp(terminal);
  return front < 0 || front == getpgrp();
}

std::string as_text(const std::string& raw) {
  std::string out;
  for (size_t from = 0;;) {
    const size_t at = raw.find('\r', from);
    out += printable(std::string_view(raw).substr(from, at - from));
    if (at == std::string::npos) return out;
    out += '\r';
    from = at + 1;
  }
}

}  // namespace

size_t incomplete_tail(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<uint8_t>(text[text.size() - back]);
    if ((byte & 0xc0) == 0x80) continue;
    const size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

Result<void> Terminal::open(Loop& loop) {
  loop_ = &loop;
  if (isatty(STDIN_FILENO) != 0) TRY_VOID(open_input());
  for (int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    if (isatty(stream) != 0) TRY_VOID(open_output(stream));
  }
  return {};
}

Result<void> Terminal::open_input() {
  auto [guest, ours] = TRY(make_pipe());
  TRY_VOID(do_not_wait(ours));
  input_terminal_ = TRY(open_terminal(STDIN_FILENO, O_RDONLY));
  input_guest_end_ = std::move(guest);
  input_pipe_ = std::move(ours);
  guest_ends_[0] = input_guest_end_.get();
  terminals_ |= 1;
  return {};
}

// If both streams are one terminal they share a pipe, so that their order is kept.
Result<void> Terminal::open_output(int stream) {
  const auto index = static_cast<size_t>(stream);
  terminals_ |= 1U << index;
  struct stat first, second;
  if (stream == STDERR_FILENO && (terminals_ & 2) != 0 && fstat(1, &first) == 0 &&
      fstat(2, &second) == 0 && first.st_rdev == second.st_rdev) {
    guest_ends_[index] = guest_ends_[1];
    return {};
  }
  Output output;
  auto [ours, guest] = TRY(make_pipe());
  TRY_VOID(do_not_wait(ours));
  output.terminal = TRY(open_terminal(stream, O_WRONLY));
  output.pipe = std::move(ours);
  output.guest_end = std::move(guest);
  guest_ends_[index] = output.guest_end.get();
  outputs_.push_back(std::move(output));
  return {};
}

std::array<int, 3> Terminal::streams() const { return guest_ends_; }
uint32_t Terminal::terminals() const { return terminals_; }

void Terminal::hand_over() {
  if (loop_ == nullptr) return;
  // The guest's end of the input's pipe stays open here too, so that the guest's end is no SIGPIPE.
  if (input_pipe_.valid()) watch_input();
  for (Output& output : outputs_) {
    output.guest_end.reset();
    loop_->watch(output.pipe.get(), [this, &output](short) { take_output(output); });
  }
}

// Waits for a line if it may be taken; otherwise checks again in a moment.
void Terminal::watch_input() {
  int untaken = 0;
  const bool taken = ioctl(input_pipe_.get(), FIONREAD, &untaken) == 0 && untaken == 0;
  if (taken && in_foreground(input_terminal_.get())) {
    loop_->watch(input_terminal_.get(), [this](short) {
      loop_->forget(input_terminal_.get());
      // It may have gone to the background while it waited.
      if (in_foreground(input_terminal_.get())) take_line();
      if (input_pipe_.valid()) watch_input();
    });
  } else {
    loop_->at(Deadline(Deadline::Clock::now(), kLookAgain), [this] {
      if (input_pipe_.valid()) watch_input();
    });
  }
}

void Terminal::take_line() {
  char line[kChunk];
  const ssize_t got = read(input_terminal_.get(), line, sizeof line);
  if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == EIO)) return;
  // The end of input.
  if (got <= 0 || write(input_pipe_.get(), line, static_cast<size_t>(got)) < 0) {
    input_pipe_.reset();
    input_guest_end_.reset();
  }
}

void Terminal::take_output(Output& output) {
  char chunk[kChunk];
  const ssize_t got = read(output.pipe.get(), chunk, sizeof chunk);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    output.ended = true;
    loop_->forget(output.pipe.get());
    take_in(output, "");
  } else {
    take_in(output, std::string(chunk, static_cast<size_t>(got)));
  }
  write_out(output);
}

void Terminal::take_in(Output& output, std::string text) {
  text.insert(0, output.cut);
  const size_t tail = output.ended ? 0 : incomplete_tail(text);
  output.cut = text.substr(text.size() - tail);
  text.resize(text.size() - tail);
  output.pending += allow_ansi_ ? text : as_text(text);
}

void Terminal::write_out(Output& output) {
  const int terminal = output.terminal.get();
  while (!output.pending.empty()) {
    const ssize_t written = write(terminal, output.pending.data(), output.pending.size());
    if (written < 0 && errno == EAGAIN) {
      // The guest waits meanwhile.
      loop_->forget(output.pipe.get());
      loop_->watch(
          terminal,
          [this, &output, terminal](short) {
            loop_->forget(terminal);
            write_out(output);
            if (output.pending.empty() && !output.ended) {
              loop_->watch(output.pipe.get(), [this, &output](short) { take_output(output); });
            }
          },
          POLLOUT);
      return;
    }
    if (written < 0 && errno != EINTR) output.pending.clear();  // the terminal is gone
    if (written > 0) output.pending.erase(0, static_cast<size_t>(written));
  }
}

bool Terminal::drained() const {
  return std::all_of(outputs_.begin(), outputs_.end(), [](const Output& output) {
    return output.guest_end.valid() || (output.ended && output.pending.empty());
  });
}

}  // namespace cordon::supervisor
