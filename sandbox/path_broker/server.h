// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The path broker's conversation with its run worker: one request, one reply ([P1]). Whatever does
// not decode, is no request, or comes before the reply to the last one was taken, ends it. An
// opened file goes with its reply, so that at most one is in flight in a run ([K1]). Where other
// processes of the user have taken all that it may have in flight, the file is put where the
// supervisor takes it from instead, and stays there until the next message; at all other times that
// number holds the channel itself, so that nothing else ever comes to be there.
#pragma once

#include <string>

#include "sandbox/path_broker/path_service.h"
#include "sandbox/protocol/channel.h"

namespace cordon::path_broker {

// Owns channel and service. For one thread.
class Server {
 public:
  // `guest` is the end of a channel on which requests arrive, `hand_over` the number at which an
  // opened file is put; it is not used for anything else, and closed in the end.
  Server(protocol::Channel guest, PathService service, int hand_over)
      : guest_(std::move(guest)), service_(std::move(service)), hand_over_(hand_over) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Answers until the run worker has closed its end. Fails with malformed_message for what that did
  // and must not, and with an OS error if the broker itself cannot go on.
  Result<void> serve();

 private:
  Result<void> serve_one();
  Result<void> check_last_reply();
  Result<void> hand_over(int fd);
  Result<void> handle(const protocol::Received& request);
  Result<void> open(const protocol::Received& request);
  template <class Request, class Reply>
  Result<void> answer(const protocol::Received& request,
                      Reply (PathService::*method)(const Request&) const);
  template <class Reply>
  Result<void> send(const Reply& reply);
  Result<void> note(Result<void> sent);

  protocol::Channel guest_;
  PathService service_;
  int hand_over_;
  bool handed_over_ = true;  // something is at hand_over_ that is not the channel
  bool replied_ = false;     // and nobody has looked yet whether that was taken
};

}  // namespace cordon::path_broker
