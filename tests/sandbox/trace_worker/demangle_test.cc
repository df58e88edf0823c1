// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/trace_worker/demangle.h"

#include <gtest/gtest.h>

namespace cordon::trace_worker {
namespace {

TEST(Demangle, Cpp) {
  EXPECT_EQ(demangled("_ZN4deep5outerEi"), "deep::outer(int)");
  EXPECT_EQ(demangled("_ZNK4deep5ThingIiE5checkEi"), "deep::Thing<int>::check(int) const");
}

TEST(Demangle, RustsLegacyScheme) {
  EXPECT_EQ(demangled("_ZN3c_p4deep14Thing$LT$T$GT$2go17h5cee313876123018E"),
            "c_p::deep::Thing<T>::go");
  EXPECT_EQ(demangled("_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hb151dbb17662ad3bE"),
            "std::rt::lang_start::{{closure}}");
  EXPECT_EQ(demangled("_ZN75_$LT$usize$u20$as$u20$core..slice..index..SliceIndex$LT$$u5b$T$u5d$$GT"
                      "$$GT$5index17h0a149800285f348cE"),
            "<usize as core::slice::index::SliceIndex<[T]>>::index");
}

TEST(Demangle, RustsV0Scheme) {
  EXPECT_EQ(demangled("_RNvNtCset5xJoy1xWQ_3std7process5abort"), "std::process::abort");
}

// Names that merely look like Rust's lose nothing.
TEST(Demangle, LeavesTheRestAlone) {
  for (const char* name : {"", "main", "_start", "_Z", "_ZN", "_ZN3abE", "_R", "_RNv", "$LT$T$GT$",
                           "_ZN99999999999999999999aE", "\x1b[31m\n", "_ZN\xff\xfe"}) {
    EXPECT_EQ(demangled(name), name);
  }
  EXPECT_EQ(demangled("_ZN1a17h5cee31387612301gE"), "a::h5cee31387612301g");
}

// Hostile: names that expand to far more than their length, or nest.
TEST(Demangle, BoundsWhatItLooksInto) {
  const std::string long_name = "_ZN" + std::string(kMostMangled, '1') + "E";
  EXPECT_EQ(demangled(long_name), long_name);
  std::string nested = "_Z1f";
  for (int i = 0; i < 500; ++i) nested += "P";
  EXPECT_FALSE(demangled(nested + "i").empty());
}

}  // namespace
}  // namespace cordon::trace_worker
