// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kinds of parameters in wasi.def: from the guest's slots to checked arguments. Adapter<&f,
// rights...> is the host function for `f`: it decodes each argument in order, and returns the first
// error without calling `f`. All input from the guest is hostile: an address may wrap, a count be
// 2^32 - 1, a buffer end at the last byte of memory or overlap another.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <tuple>

#include "core/runtime/memory.h"
#include "core/wasi/wasi.h"

namespace cordon::wasi {

// One call by the guest.
struct Call {
  Wasi& wasi;
  runtime::Memory* memory;  // null if the guest has none
  Trap trap = Trap::none;   // set by a function that ends the run whatever it returns

  // The guest's bytes at [address, address + size), or null.
  uint8_t* at(uint64_t address, uint64_t size) const {
    return memory == nullptr ? nullptr : memory->at(address, size);
  }
};

// A descriptor's number as the guest passed it; it may not be open.
enum class FdNumber : uint32_t {};

// An address in guest memory as the guest passed it, unchecked. For functions that check the range
// themselves, once its size is known.
struct Pointer {
  uint32_t address = 0;
};

using Buffer = std::span<uint8_t>;
using Path = std::string;
// Points into guest memory. May be fewer than the guest passed: a partial transfer is allowed.
using Iovecs = std::span<iovec>;

// A set of the bits in kMask; any other bit was refused with `inval`.
template <uint32_t kMask>
struct Flags {
  uint32_t bits = 0;
  // Whether a bit of `flag` is set.
  bool has(uint32_t flag) const { return (bits & flag) != 0; }
};

// The place for one result in guest memory, checked to be large enough for a T. It may be unaligned
// and may overlap other arguments.
template <class T>
class Out {
 public:
  static_assert(kCopiesAsIs<T>);
  Out() = default;
  // `at` points to sizeof(T) bytes of guest memory, valid until that memory may grow.
  explicit Out(uint8_t* at) : at_(at) {}
  void set(const T& value) const { std::memcpy(at_, &value, sizeof value); }

 private:
  uint8_t* at_ = nullptr;
};

// Reads the slots of one call, from first to last.
class Decoder {
 public:
  // `slots` has all slots of the parameters. `needs` to `needs_end` are the rights that the
  // function's descriptors must have, one for each FdEntry* in order.
  Decoder(const Call& call, const uint64_t* slots, const Rights* needs, const Rights* needs_end)
      : call_(call), slot_(slots), needs_(needs), needs_end_(needs_end) {}

  // Each decodes its slots and checks them. Numbers are not checked; a descriptor must be open
  // (`badf`), of the right type (`notdir`, `badf`) and have its rights; a range must be in memory
  // (`fault`); a path has at most kMaxPath bytes (`nametoolong`) and no zero (`inval`); of a list
  // of buffers the first kMaxIovecs are used. After an error `out` has no meaning.
  Errno next(uint32_t& out) { return out = static_cast<uint32_t>(*slot_++), Errno::success; }
  Errno next(uint64_t& out) { return out = *slot_++, Errno::success; }
  Errno next(int64_t& out) { return out = static_cast<int64_t>(*slot_++), Errno::success; }
  Errno next(Pointer& out) { return next(out.address); }
  Errno next(FdNumber& out) { return out = FdNumber{take32()}, Errno::success; }
  Errno next(FdEntry*& out);
  Errno next(Buffer& out);
  Errno next(Path& out);
  Errno next(Iovecs& out);

  // A bit outside of kMask is `inval`.
  template <uint32_t kMask>
  Errno next(Flags<kMask>& out) {
    out.bits = take32();
    return (out.bits & ~kMask) == 0 ? Errno::success : Errno::inval;
  }
  // A place that is not wholly in memory is `fault`.
  template <class T>
  Errno next(Out<T>& out) {
    uint8_t* at = call_.at(take32(), sizeof(T));
    out = Out<T>(at);
    return at != nullptr ? Errno::success : Errno::fault;
  }

 private:
  // An i32's slot has a zero upper half, but nothing here depends on it.
  uint32_t take32() { return static_cast<uint32_t>(*slot_++); }

  const Call& call_;
  const uint64_t* slot_;
  const Rights* needs_;
  const Rights* needs_end_;
};

// The decoded form of a parameter of type P until the function is called, and its wasm parameters.
template <class P>
struct Kind {
  using Value = P;
  static constexpr std::array kTypes = {wasm::ValType::i32};
  // Converts the decoded value to the function's parameter.
  static P pass(Value& value) { return value; }
};
template <>
struct Kind<uint64_t> {
  using Value = uint64_t;
  static constexpr std::array kTypes = {wasm::ValType::i64};
  static uint64_t pass(Value& value) { return value; }
};
template <>
struct Kind<int64_t> {
  using Value = int64_t;
  static constexpr std::array kTypes = {wasm::ValType::i64};
  static int64_t pass(Value& value) { return value; }
};
template <>
struct Kind<FdEntry&> {
  using Value = FdEntry*;
  static constexpr std::array kTypes = {wasm::ValType::i32};
  static FdEntry& pass(Value& value) { return *value; }
};
template <>
struct Kind<Buffer> {
  using Value = Buffer;
  static constexpr std::array kTypes = {wasm::ValType::i32, wasm::ValType::i32};
  static Buffer pass(Value& value) { return value; }
};
template <class P>
  requires std::is_same_v<P, Path&> || std::is_same_v<P, Iovecs&>
struct Kind<P> {
  using Value = std::remove_reference_t<P>;
  static constexpr std::array kTypes = {wasm::ValType::i32, wasm::ValType::i32};
  static P pass(Value& value) { return value; }
};

// The wasm parameters of a function with these parameters, in order.
template <class... Ps>
constexpr auto wasm_params() {
  constexpr size_t kCount = (size_t{0} + ... + Kind<Ps>::kTypes.size());
  std::array<wasm::ValType, kCount> all{};
  size_t at = 0;
  [[maybe_unused]] auto append = [&](const auto& types) {
    for (wasm::ValType type : types) all[at++] = type;
  };
  (append(Kind<Ps>::kTypes), ...);
  return all;
}

// Decodes all arguments in order, up to the first error.
template <class... Ps>
Errno decode(Decoder& decoder, std::tuple<typename Kind<Ps>::Value...>& values) {
  Errno error = Errno::success;
  std::apply(
      [&](auto&... value) {
        static_cast<void>(((error = decoder.next(value), error == Errno::success) && ...));
      },
      values);
  return error;
}

template <auto kFunction, Rights... kNeeds>
struct Adapter;

// The host function for a WASI function that returns an errno, or a Trap if it ends the run.
template <class R, class... Ps, R (*kFunction)(Call&, Ps...), Rights... kNeeds>
struct Adapter<kFunction, kNeeds...> {
  static_assert(sizeof...(kNeeds) <= (size_t{0} + ... + size_t{std::is_same_v<Ps, FdEntry&>}),
                "a right without its file descriptor");
  static constexpr auto kParams = wasm_params<Ps...>();
  static constexpr std::array kResults = {wasm::ValType::i32};
  static constexpr std::array<Rights, sizeof...(kNeeds)> kRights = {kNeeds...};

  // A runtime::HostFn; `env` is the Wasi. If arguments do not decode, the errno is the result, or
  // Trap::host_failure for a function without one.
  static Trap enter(void* env, runtime::HostCall& host, const uint64_t* args, uint64_t* results) {
    Call call{*static_cast<Wasi*>(env), host.memory};
    Decoder decoder(call, args, kRights.data(), kRights.data() + kRights.size());
    std::tuple<typename Kind<Ps>::Value...> values;
    Errno error = decode<Ps...>(decoder, values);
    auto run = [&](auto&... value) { return kFunction(call, Kind<Ps>::pass(value)...); };
    if constexpr (std::is_same_v<R, Trap>) {
      return error == Errno::success ? std::apply(run, values) : Trap::host_failure;
    } else {
      if (error == Errno::success) error = std::apply(run, values);
      results[0] = static_cast<uint16_t>(error);
      return call.trap;
    }
  }
};

}  // namespace cordon::wasi
