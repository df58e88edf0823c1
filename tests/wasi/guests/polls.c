// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Standard input is a pipe that stays empty, standard output one with room.
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <unistd.h>

#include "expect.h"

int main(void) {
  struct pollfd fds[2] = {{0, POLLRDNORM, 0}, {1, POLLWRNORM, 0}};
  EXPECT(poll(fds, 2, 1000) == 1);
  EXPECT(fds[0].revents == 0 && (fds[1].revents & POLLWRNORM) != 0);
  EXPECT(poll(fds, 1, 20) == 0);

  fd_set reading;
  FD_ZERO(&reading);
  FD_SET(0, &reading);
  struct timeval wait = {0, 20000};
  EXPECT(select(1, &reading, NULL, NULL, &wait) == 0);

  EXPECT(fcntl(0, F_SETFL, O_NONBLOCK) == 0);
  char byte;
  EXPECT_FAILURE(read(0, &byte, 1), EAGAIN);
  struct pollfd closed = {77, POLLRDNORM, 0};
  EXPECT(poll(&closed, 1, 1000) == 1 && closed.revents == POLLNVAL);
  return failures();
}
