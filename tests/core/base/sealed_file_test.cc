// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sealed files as another process gives them, mapped or copied ([W1]).
#include "core/base/os/sealed_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/os/memfd.h"

namespace cordon {
namespace {

using Adopt = Result<SealedFile> (*)(Fd, uint64_t);
constexpr Adopt kWays[] = {&SealedFile::adopt, &SealedFile::adopt_copy};

Fd sealed(ByteSpan bytes) {
  auto file = sealed_copy_of_bytes(bytes, "code");
  EXPECT_TRUE(file);
  return file ? std::move(*file) : Fd();
}

TEST(SealedFileTest, HasTheBytesWhicheverWayTheyAreRead) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4096}, size_t{1} << 20}) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 >> 3);
    for (const Adopt adopt : kWays) {
      Fd fd = sealed(bytes);
      lseek(fd.get(), static_cast<off_t>(size / 2), SEEK_SET);  // the position has no meaning
      auto file = adopt(std::move(fd), size);
      ASSERT_TRUE(file) << file.error().message();
      EXPECT_TRUE(std::ranges::equal(file->bytes(), bytes)) << size;
      const SealedFile moved = std::move(*file);
      EXPECT_TRUE(std::ranges::equal(moved.bytes(), bytes)) << size;
    }
  }
}

TEST(SealedFileTest, IsNoneWithoutEverySealOrBeyondTheLimit) {  // [W1]
  const std::vector<uint8_t> bytes(4097, 'x');
  for (const Adopt adopt : kWays) {
    EXPECT_FALSE(adopt(sealed(bytes), 4096));
    for (const int missing : {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE}) {
      Fd file(memfd_create("code", MFD_CLOEXEC | MFD_ALLOW_SEALING));
      ASSERT_EQ(::write(file.get(), bytes.data(), bytes.size()), 4097);
      ASSERT_EQ(fcntl(file.get(), F_ADD_SEALS, kAllSeals & ~missing), 0);
      EXPECT_FALSE(adopt(std::move(file), 8192)) << missing;
    }
    EXPECT_FALSE(adopt(Fd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), uint64_t{1} << 40));
  }
}

}  // namespace
}  // namespace cordon
