# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The parts of bench/run: what is run, in what, how it is timed, how it is shown."""
