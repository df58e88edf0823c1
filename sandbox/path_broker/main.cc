// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-path-broker: the process that resolves a guest's paths, in runs that have grants. Started
// by the supervisor alone.
#include "sandbox/path_broker/broker.h"

int main() { cordon::path_broker::run(); }
