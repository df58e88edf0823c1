// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The path broker's conversation with its run worker: one request, one reply ([P1]). A message that
// does not decode, is no request, or comes before the previous reply was received, ends it. An
// opened file is sent with its reply, so that at most one is in flight in a run ([K1]). If other
// processes of the user have used up all that may be in flight, the file is placed at `hand_over`
// instead, where the supervisor takes it, until the next message; at all other times that number
// holds the channel itself, so that nothing else can be placed there.
#pragma once

#include <string>

#include "sandbox/path_broker/path_service.h"
#include "sandbox/protocol/channel.h"

namespace cordon::path_broker {

// Owns channel and service. For one thread.
class Server {
 public:
  // `guest` is the end of a channel on which requests arrive, `hand_over` the number at which an
  // opened file is placed; it is used for nothing else, and closed at the end.
  Server(protocol::Channel guest, PathService service, int hand_over)
      : guest_(std::move(guest)), service_(std::move(service)), hand_over_(hand_over) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Answers until the run worker has closed its end. Fails with malformed_message if the run worker
  // broke the protocol, and with an OS error if the broker itself cannot go on.
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
  bool handed_over_ = true;  // whether hand_over_ holds something other than the channel
  bool replied_ = false;     // and whether that was received is not checked yet
};

}  // namespace cordon::path_broker
