// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Channel: one end of a Unix SOCK_SEQPACKET pair between supervisor and worker (unix(7)). A send is
// a message, whole or not at all; fds ride along by SCM_RIGHTS. Each end knows what may reach it: a
// message of the wrong direction, a count of fds that its row does not give, a truncated message or
// a control message of another kind is a failure, and whatever fds came with it are closed ([P1]).
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/base/os/fd.h"
#include "sandbox/protocol/codec.h"

namespace cordon::protocol {

struct Received {
  MessageId id{};
  ByteSpan bytes;  // the channel's buffer: good until the next receive
  std::vector<Fd> fds;

  template <class Message>
  Result<Message> as() const {
    return decode<Message>(bytes);
  }
};

class Channel {
 public:
  // `incoming` is the direction of the messages that this end receives. No more than `most_fds` fds
  // ever enter this process by it, whatever a message of that direction may carry ([P1]).
  Channel(Fd socket, Direction incoming);
  Channel(Fd socket, Direction incoming, size_t most_fds);

  // Two connected sockets, close-on-exec: the supervisor's end and the worker's.
  static Result<std::pair<Fd, Fd>> make_pair();

  enum class Wait { Block, DoNotWait };

  // Fails with message_too_large, with EAGAIN if a peer that does not read leaves no room
  // (DoNotWait), or with peer_closed. Never raises SIGPIPE.
  template <class Message>
  Result<void> send(const Message& message, std::span<const int> fds = {},
                    Wait wait = Wait::Block) {
    std::vector<uint8_t> bytes = TRY(encode(message));
    return send_bytes(bytes, fds, wait);
  }
  // The next message, its number and count of fds checked, its fields not yet (Received::as).
  Result<Received> receive(Wait wait = Wait::Block);

  int fd() const { return socket_.get(); }

 private:
  Result<void> send_bytes(ByteSpan bytes, std::span<const int> fds, Wait wait);

  Fd socket_;
  Direction incoming_;
  size_t most_fds_;
  std::vector<uint8_t> buffer_;
};

}  // namespace cordon::protocol
