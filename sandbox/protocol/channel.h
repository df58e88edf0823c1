// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Channel: one end of a Unix SOCK_SEQPACKET pair between two of the processes (unix(7)). A send is
// one message, whole or not at all. Only the path broker's replies can carry a descriptor, by two
// functions whose system calls only the path broker and the run worker have ([J4]; descriptors.def
// says how all others are passed). Each end knows which messages it may receive: a message of the
// wrong direction or one that is too large is a failure ([P1]).
#pragma once

#include <utility>
#include <vector>

#include "core/base/os/fd.h"
#include "sandbox/protocol/codec.h"

namespace cordon::protocol {

// One received message. Its fields are unchecked until as().
struct Received {
  MessageId id{};
  ByteSpan bytes;  // the channel's buffer: valid until the next receive
  // Set by receive_with_file(): the descriptor that came with the message; none if the process had
  // no free number for it.
  Fd file;
  bool file_lost = false;

  // The message's fields, checked by the codec. Fails if the bytes are not exactly one `Message`.
  template <class Message>
  Result<Message> as() const {
    return decode<Message>(bytes);
  }
};

// Owns the socket; move-only. For one thread.
class Channel {
 public:
  // `incoming` is the direction of the messages that this end receives.
  Channel(Fd socket, Direction incoming);

  // Two connected sockets, close-on-exec: the supervisor's end and the worker's.
  static Result<std::pair<Fd, Fd>> make_pair();

  // Whether a call may block until there is room or a message.
  enum class Wait { Block, DoNotWait };

  // Fails with message_too_large, with EAGAIN if a peer that does not read leaves no room
  // (DoNotWait), or with peer_closed. Never raises SIGPIPE.
  template <class Message>
  Result<void> send(const Message& message, Wait wait = Wait::Block) {
    std::vector<uint8_t> bytes = TRY(encode(message));
    return send_bytes(bytes, wait);
  }
  // Does not wait, and sends a copy of the descriptor `file` with the message (SCM_RIGHTS). Fails
  // like send(), and with ETOOMANYREFS if processes of this user have as many in flight as this one
  // may have open.
  template <class Message>
  Result<void> send_with_file(const Message& message, int file) {
    std::vector<uint8_t> bytes = TRY(encode(message));
    return send_bytes_with_file(bytes, file);
  }
  // The next message, with its number checked but not yet its fields (Received::as). A descriptor
  // that was sent with it is dropped.
  Result<Received> receive(Wait wait = Wait::Block);
  // Waits for the next message, and takes a descriptor sent with it. Two are a failure ([P1]).
  Result<Received> receive_with_file();

  // Whether the peer has received all that was sent to it.
  Result<bool> all_received() const;

  // Readable when a message waits or the peer is gone; this object keeps ownership.
  int fd() const { return socket_.get(); }

 private:
  Result<void> send_bytes(ByteSpan bytes, Wait wait);
  Result<void> send_bytes_with_file(ByteSpan bytes, int file);
  Result<Received> judge(ssize_t got);

  Fd socket_;
  Direction incoming_;
  std::vector<uint8_t> buffer_;
};

}  // namespace cordon::protocol
