// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/verifier/processor.h"

#include "core/base/check.h"
#include "fuzz/oracle/verifier/world.h"

namespace cordon::fuzz::emulated {
namespace {

constexpr std::array<int, 16> kNumbers = {
    UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP,
    UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
    UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15};
constexpr uint64_t kCodeBytes = 4 << 20;

void check(uc_err error) { CHECK(error == UC_ERR_OK); }

}  // namespace

Processor::Processor() {
  check(uc_open(UC_ARCH_X86, UC_MODE_64, &engine_));
  check(uc_ctl_set_cpu_model(engine_, UC_CPU_X86_HASWELL));
  check(uc_mem_map(engine_, kCodeAt, kCodeBytes, UC_PROT_READ | UC_PROT_EXEC));
  check(uc_mem_map(engine_, kHostAt, kHostBytes, UC_PROT_READ | UC_PROT_EXEC));
  const std::pair<uint64_t, uint64_t> data[] = {{kContextAt, kContextBytes},
                                                {kHeapAt, kHeapBytes},
                                                {kStackAt, kStackBytes},
                                                {kTablesAt, kTablesBytes}};
  for (const auto& [at, size] : data) {
    check(uc_mem_map(engine_, at, size, UC_PROT_READ | UC_PROT_WRITE));
  }
}

Processor::~Processor() { uc_close(engine_); }

Registers Processor::registers() const {
  Registers values;
  std::array<void*, 16> places;
  for (size_t i = 0; i < values.size(); ++i) places[i] = &values[i];
  check(uc_reg_read_batch(engine_, const_cast<int*>(kNumbers.data()), places.data(), 16));
  return values;
}

void Processor::set(const Registers& values) {
  std::array<void*, 16> places;
  for (size_t i = 0; i < values.size(); ++i) places[i] = const_cast<uint64_t*>(&values[i]);
  check(uc_reg_write_batch(engine_, const_cast<int*>(kNumbers.data()), places.data(), 16));
}

void Processor::set_vectors(const std::array<uint64_t, 32>& halves) {
  std::array<int, 16> numbers;
  std::array<void*, 16> places;
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = UC_X86_REG_XMM0 + static_cast<int>(i);
    places[i] = const_cast<uint64_t*>(&halves[2 * i]);
  }
  check(uc_reg_write_batch(engine_, numbers.data(), places.data(), 16));
}

void Processor::write(uint64_t address, ByteSpan bytes) {
  check(uc_mem_write(engine_, address, bytes.data(), bytes.size()));
}

uint64_t Processor::read64(uint64_t address) const {
  uint64_t value = 0;
  return uc_mem_read(engine_, address, &value, sizeof value) == UC_ERR_OK ? value : 0;
}

void Processor::write_code(uint64_t offset, ByteSpan bytes) {
  CHECK(offset + bytes.size() <= kCodeBytes);
  write(kCodeAt + offset, bytes);
  check(uc_ctl_remove_cache(engine_, kCodeAt, kCodeAt + kCodeBytes));
}

}  // namespace cordon::fuzz::emulated
