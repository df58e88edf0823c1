// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// args_* and environ_*: lists of strings, as an array of pointers and the texts with their NULs.
#include "core/wasi/calls.h"

namespace cordon::wasi::calls {
namespace {

// The embedder bounds the lists (sandbox/protocol: 8 MiB), so the sum fits.
uint32_t text_size(const std::vector<std::string>& list) {
  size_t size = 0;
  for (const std::string& text : list) size += text.size() + 1;
  return static_cast<uint32_t>(size);
}

Errno put_sizes(const std::vector<std::string>& list, Out<uint32_t> count, Out<uint32_t> size) {
  count.set(static_cast<uint32_t>(list.size()));
  size.set(text_size(list));
  return Errno::success;
}

Errno put_list(Call& call, const std::vector<std::string>& list, Pointer pointers, Pointer text) {
  uint8_t* pointer_at = call.at(pointers.address, list.size() * sizeof(uint32_t));
  uint8_t* text_at = call.at(text.address, text_size(list));
  if (pointer_at == nullptr || text_at == nullptr) return Errno::fault;
  uint32_t address = text.address;
  for (const std::string& item : list) {
    std::memcpy(pointer_at, &address, sizeof address);
    std::memcpy(text_at, item.c_str(), item.size() + 1);
    pointer_at += sizeof address;
    text_at += item.size() + 1;
    address += static_cast<uint32_t>(item.size() + 1);
  }
  return Errno::success;
}

}  // namespace

Errno args_get(Call& call, Pointer argv, Pointer text) {
  return put_list(call, call.wasi.config().args, argv, text);
}

Errno args_sizes_get(Call& call, Out<uint32_t> count, Out<uint32_t> size) {
  return put_sizes(call.wasi.config().args, count, size);
}

Errno environ_get(Call& call, Pointer environ, Pointer text) {
  return put_list(call, call.wasi.config().env, environ, text);
}

Errno environ_sizes_get(Call& call, Out<uint32_t> count, Out<uint32_t> size) {
  return put_sizes(call.wasi.config().env, count, size);
}

}  // namespace cordon::wasi::calls
