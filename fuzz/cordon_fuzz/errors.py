# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How a command ends. Scripts rely on the numbers; docs/fuzzing.md lists them."""

CLEAN = 0     # nothing was found
BUGS = 1      # there are open bugs
USAGE = 2     # the command line, or a name that does not exist
LACKING = 3   # something that is needed is not there: a build, a tool
RESOURCES = 4  # no bugs, but timeouts, memory or leaks


class Stop(Exception):
    """Ends the program with a message for the user and one of the statuses above."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
