// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Channel: one end of a Unix SOCK_SEQPACKET pair between supervisor and worker (unix(7)). A send is
// a message, whole or not at all, and never carries a descriptor ([J4]; descriptors.def has how
// those travel). Each end knows what may reach it: a message of the wrong direction or one that is
// too large is a failure ([P1]).
#pragma once

#include <utility>
#include <vector>

#include "core/base/os/fd.h"
#include "sandbox/protocol/codec.h"

namespace cordon::protocol {

struct Received {
  MessageId id{};
  ByteSpan bytes;  // the channel's buffer: good until the next receive

  template <class Message>
  Result<Message> as() const {
    return decode<Message>(bytes);
  }
};

class Channel {
 public:
  // `incoming` is the direction of the messages that this end receives.
  Channel(Fd socket, Direction incoming);

  // Two connected sockets, close-on-exec: the supervisor's end and the worker's.
  static Result<std::pair<Fd, Fd>> make_pair();

  enum class Wait { Block, DoNotWait };

  // Fails with message_too_large, with EAGAIN if a peer that does not read leaves no room
  // (DoNotWait), or with peer_closed. Never raises SIGPIPE.
  template <class Message>
  Result<void> send(const Message& message, Wait wait = Wait::Block) {
    std::vector<uint8_t> bytes = TRY(encode(message));
    return send_bytes(bytes, wait);
  }
  // The next message, its number checked, its fields not yet (Received::as).
  Result<Received> receive(Wait wait = Wait::Block);

  // Whether a message with at least a byte waits to be received.
  bool has_message() const;

  int fd() const { return socket_.get(); }

 private:
  Result<void> send_bytes(ByteSpan bytes, Wait wait);

  Fd socket_;
  Direction incoming_;
  std::vector<uint8_t> buffer_;
};

}  // namespace cordon::protocol
