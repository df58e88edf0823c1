# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fuzz campaigns: what libFuzzer does not do. docs/fuzzing.md shows how it is used.

    cli        the commands and their options             targets    which targets there are, and how each is run
    start      `start`: slots, slices of time, resuming   worker     one child of libFuzzer, from its start to its end
    record     the input that was recorded before a run   log        what a child wrote: figures, and why it died
    findings   buckets of findings in the campaign        screen     the live screen, and plain lines
    triage, repro, minimize, regress, merge, cover        a command each
    check      runs one input, or one module               shipped    whether a finding shows in `cordon` itself
    modules    what tools say of a module                  reach, charts    for the page of `cover`
    folder     where things lie in a campaign's directory
"""
