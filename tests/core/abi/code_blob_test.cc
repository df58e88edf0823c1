// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/abi/code_blob.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

namespace cordon::abi {
namespace {

std::vector<uint8_t> code(size_t size) { return std::vector<uint8_t>(size, 0x90); }

struct Sample {
  std::vector<uint8_t> code = abi::code(100), rodata = {1, 2, 3};
  CodeBlob blob;
  Sample() {
    blob.options = {true, 5, kMachine, true};
    blob.funcs = {{0, 40, 16, 3}, {48, 52, 8, 4}};
    blob.leaders = {{4, 0x3}, {9, 0}, {50, 0xffff}};
    blob.trap_sites = {{5, 77, Trap::unreachable}, {60, 80, Trap::integer_overflow}};
    blob.call_sites = {{10, 70}, {100, 90}};
    blob.handlers = {{9, 70, 1, 2}, {50, 80, 0, 0}};
    blob.loop_entries = {{20, 75, 3}, {60, 90, 0}};
    blob.code = code;
    blob.rodata = rodata;
  }
};

TEST(CodeBlob, ComesBackAsItWentOut) {
  Sample sample;
  std::vector<uint8_t> bytes = encode(sample.blob);
  EXPECT_EQ(bytes.size() % kCodePage, 0U);
  auto blob = decode_blob(bytes);
  ASSERT_TRUE(blob) << blob.error().message();
  EXPECT_EQ(blob->options, sample.blob.options);
  ASSERT_EQ(blob->funcs.size(), 2U);
  EXPECT_EQ(blob->funcs[1].offset, 48U);
  EXPECT_EQ(blob->funcs[1].body, 4U);
  EXPECT_EQ(blob->leaders[2].u32_registers, 0xffffU);
  EXPECT_EQ(blob->trap_sites[1].trap, Trap::integer_overflow);
  EXPECT_EQ(blob->call_sites[1].return_offset, 100U);
  EXPECT_EQ(std::vector<uint8_t>(blob->code.begin(), blob->code.end()), sample.code);
  EXPECT_EQ(std::vector<uint8_t>(blob->rodata.begin(), blob->rodata.end()), sample.rodata);
  EXPECT_EQ(blob->code_at % kCodePage, 0U);
  EXPECT_EQ(encode(*blob), bytes) << "there is one encoding of a blob";
}

TEST(CodeBlob, EveryTruncationIsRefused) {
  std::vector<uint8_t> bytes = encode(Sample().blob);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_blob(ByteSpan(bytes).first(size))) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(decode_blob(bytes)) << "a byte too many";
}

// Every bit of header, tables and padding flipped: refused, or read back to exactly those bytes.
TEST(CodeBlob, EveryBitFlipIsRefusedOrMeansWhatItSays) {
  Sample sample;
  std::vector<uint8_t> bytes = encode(sample.blob);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    if (auto blob = decode_blob(bytes)) EXPECT_EQ(encode(*blob), bytes) << bit;
    bytes[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
  }
}

constexpr size_t kCountsAt = 24;  // in the header: a count for each table, then two sizes
constexpr size_t kHeader = kCountsAt + 4 * (kBlobTables + 2);

TEST(CodeBlob, HugeCountsAllocateNothing) {
  std::vector<uint8_t> bytes = encode(Sample().blob);
  for (size_t field = kCountsAt - 4; field < kHeader; field += 4) {  // code_base too
    std::vector<uint8_t> bad = bytes;
    std::memset(bad.data() + field, 0xff, 4);
    EXPECT_FALSE(decode_blob(bad)) << field;
  }
}

// What is wrong with a table's rows.
void refused(const std::string& what, const CodeBlob& blob) {
  const auto decoded = decode_blob(encode(blob));
  ASSERT_FALSE(decoded) << what;
  EXPECT_NE(decoded.error().message().find("out of order, out of the code"), std::string::npos)
      << what << ": " << decoded.error().message();
}

// Each table of the blob by its name.
template <class Visit>
void for_each_table(CodeBlob& blob, Visit visit) {
#define TABLE(name, Wire, Record, text, stray) visit(#name, blob.name);
#include "core/abi/blob_tables.def"
}
void place_at(BlobFunc& row, uint32_t place) { row.offset = place; }
void place_at(Leader& row, uint32_t place) { row.offset = place; }
void place_at(TrapSite& row, uint32_t place) { row.offset = place; }
void place_at(CallSite& row, uint32_t place) { row.return_offset = place; }
void place_at(Handler& row, uint32_t place) { row.offset = place; }
void place_at(LoopEntry& row, uint32_t place) { row.offset = place; }

// Spoils one table at a time, by each of these.
template <class Spoil>
void each_table_is_refused(const char* what, Spoil spoil) {
  Sample names;
  for_each_table(names.blob, [&](const std::string& wanted, auto&) {
    Sample sample;
    for_each_table(sample.blob, [&](const std::string& name, auto& rows) {
      if (name == wanted) spoil(rows);
    });
    refused(std::string(what) + " in " + wanted, sample.blob);
  });
}

TEST(CodeBlob, RowsOfEachTableStandInOrder) {
  each_table_is_refused("rows out of order", [](auto& rows) { std::swap(rows[0], rows[1]); });
  each_table_is_refused("a row twice", [](auto& rows) { rows.insert(rows.begin(), rows[0]); });
  each_table_is_refused("a row at the place of the one before it",
                        [](auto& rows) { place_at(rows[1], rows[0].place()); });
}

TEST(CodeBlob, RowsOfEachTableLieInsideTheCode) {
  each_table_is_refused("a row after the end", [](auto& rows) { place_at(rows.back(), 101); });
  each_table_is_refused("a row far away", [](auto& rows) { place_at(rows.back(), kMaxOffset); });
}

// A wrong count takes rows for something else. One row more never fits what follows; where one is
// left out, the bytes mean what they then say or are refused.
TEST(CodeBlob, CountsOfEachTableAreExact) {
  const std::vector<uint8_t> bytes = encode(Sample().blob);
  for (size_t table = 0; table < kBlobTables; ++table) {
    for (const int change : {1, -1}) {
      std::vector<uint8_t> bad = bytes;
      bad[kCountsAt + 4 * table] = static_cast<uint8_t>(bad[kCountsAt + 4 * table] + change);
      EXPECT_FALSE(decode_blob(bad)) << "table " << table << ", " << change;
    }
  }
}

TEST(CodeBlob, WhatIsAtTheEndOfTheCode) {
  Sample sample;
  CodeBlob& b = sample.blob;
  b.leaders.back().offset = b.trap_sites.back().offset = b.handlers.back().offset = 99;
  b.call_sites.back().return_offset = 100;
  EXPECT_TRUE(decode_blob(encode(b)));
  for (uint32_t* at :
       {&b.leaders.back().offset, &b.trap_sites.back().offset, &b.handlers.back().offset}) {
    *at = 100;
    refused("an instruction after the last", b);
    *at = 99;
  }
}

void refused_funcs(const char* what, void (*spoil)(std::vector<BlobFunc>&)) {
  Sample sample;
  spoil(sample.blob.funcs);
  refused(what, sample.blob);
}

TEST(CodeBlob, FunctionsDoNotOverlap) {
  refused_funcs("overlapping functions", [](auto& funcs) { funcs[1].offset = 39; });
  refused_funcs("an empty function", [](auto& funcs) { funcs[0].size = 0; });
  refused_funcs("a function past the end", [](auto& funcs) { funcs[1].size = 53; });
  refused_funcs("a function that wraps", [](auto& funcs) { funcs[1].size = 0xffffffff; });
}

// The bits that a row has for its trap are all taken, so that no bytes can say another one.
TEST(CodeBlob, TrapsThatThereAreNotAreRefused) {
  static_assert(uint64_t{kSiteTraps} << (2 * kOffsetBits) == 0);
  EXPECT_TRUE((TrapSite{0, 0, static_cast<Trap>(kSiteTraps - 1)}.fits(1)));
  EXPECT_FALSE((TrapSite{0, 0, static_cast<Trap>(kSiteTraps)}.fits(1)));
}

}  // namespace
}  // namespace cordon::abi
