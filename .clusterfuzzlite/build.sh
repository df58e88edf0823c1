#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
exec "$SRC/cordon/fuzz/oss-fuzz/build.sh"
