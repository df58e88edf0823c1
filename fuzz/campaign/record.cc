// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/campaign/record.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace cordon::fuzz {
namespace {

// Null if no file is named, or if it cannot be mapped: then nothing is recorded, which the campaign
// notices itself.
RecordPage* map_record() {
  const char* path = std::getenv("CORDON_FUZZ_RECORD");
  if (path == nullptr) return nullptr;
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  void* mapped = MAP_FAILED;
  if (ftruncate(fd, kRecordInput + kMostRecorded) == 0) {
    mapped = mmap(nullptr, kRecordInput + kMostRecorded, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  close(fd);
  if (mapped == MAP_FAILED) return nullptr;
  auto* page = static_cast<RecordPage*>(mapped);
  std::memcpy(page->magic, "CORDREC1", sizeof page->magic);
  return page;
}

RecordPage* record() {
  static RecordPage* const page = map_record();
  return page;
}

// A reader in another process sees the stores in this order.
void store(uint64_t& field, uint64_t value) { __atomic_store_n(&field, value, __ATOMIC_RELEASE); }

bool is_called(const RecordPage::Tally& row, std::string_view name) {
  return std::string_view(row.name) == name.substr(0, sizeof row.name - 1);
}

}  // namespace

void tally(std::string_view name) {
  RecordPage* const page = record();
  if (page == nullptr || name.empty()) return;
  for (RecordPage::Tally& row : page->tallies) {
    if (row.name[0] == '\0') {
      name.copy(row.name, sizeof row.name - 1);
    } else if (!is_called(row, name)) {
      continue;
    }
    store(row.count, row.count + 1);
    return;
  }
}

void note_module(ByteSpan module) {
  static const char* const path = std::getenv("CORDON_FUZZ_MODULE");
  if (path == nullptr) return;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(module.data()),
             static_cast<std::streamsize>(module.size()));
}

void begin_run(ByteSpan input) {
  RecordPage* const page = record();
  if (page == nullptr) return;
  const uint64_t size = std::min<uint64_t>(input.size(), kMostRecorded);
  store(page->running, 0);
  if (size != 0) {
    std::memcpy(reinterpret_cast<uint8_t*>(page) + kRecordInput, input.data(), size);
  }
  store(page->input_size, size);
  store(page->running, 1);
  store(page->runs, page->runs + 1);
}

void end_run() {
  if (RecordPage* const page = record()) store(page->running, 0);
}

}  // namespace cordon::fuzz
