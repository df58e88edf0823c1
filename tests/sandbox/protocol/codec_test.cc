// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The codec against hostile bytes ([P1]). The messages under test are made by walking messages.def,
// so a new row is tested with no change here.
#include "sandbox/protocol/codec.h"

#include <gtest/gtest.h>

#include <random>

namespace cordon::protocol {
namespace {

// Fills every field with something that is distinct and not zero; vectors get two items.
struct Filler {
  uint64_t next = 0x1122334455667701;
  template <std::unsigned_integral T>
  bool operator()(T& value) {
    value = static_cast<T>(next++);
    return true;
  }
  bool operator()(bool& value) { return value = true; }
  template <class T>
    requires(std::is_enum_v<T>)
  bool operator()(T& value) {
    value = static_cast<T>(count_of(T{}) - 1);
    return true;
  }
  bool operator()(std::string& text, uint32_t) {
    text = "text" + std::to_string(next++);
    return true;
  }
  template <class T, class... Limits>
  bool operator()(std::vector<T>& items, uint32_t, Limits... limits) {
    items.resize(2);
    return (*this)(items[0], limits...) && (*this)(items[1], limits...);
  }
  template <class Record>
    requires(std::is_class_v<Record>)
  bool operator()(Record& record) {
    return each_field(record, *this);
  }
};

template <class Message>
Message sample() {
  Message message;
  Filler filler;
  EXPECT_TRUE(each_field(message, filler));
  return message;
}

// Grows the Nth string or vector of a message one past its limit.
struct Overgrower {
  int at;
  bool done = false;
  template <class T>
  bool operator()(T&) {
    return true;
  }
  bool operator()(std::string& text, uint32_t limit) {
    if (at-- == 0) text.assign(limit + 1, 'x'), done = true;
    return true;
  }
  template <class T, class... Limits>
  bool operator()(std::vector<T>& items, uint32_t limit, Limits...) {
    if (at-- == 0) items.resize(limit + 1), done = true;
    return true;
  }
};

template <class Message>
struct Codec : testing::Test {};

struct Names {
  template <class Message>
  static std::string GetName(int) {
    if constexpr (requires { Message::kId; }) {
      return std::string(row_of(Message::kId).name);
    } else {
      return "Config";
    }
  }
};

using AllMessages = testing::Types<Config
#define MESSAGE(name, direction, fields) , name
#include "sandbox/protocol/messages.def"
                                   >;
TYPED_TEST_SUITE(Codec, AllMessages, Names);

TYPED_TEST(Codec, RoundTrip) {
  auto message = sample<TypeParam>();
  auto bytes = encode(message);
  ASSERT_TRUE(bytes);
  auto again = decode<TypeParam>(*bytes);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(*again == message);
}

TYPED_TEST(Codec, EveryTruncationIsRefused) {  // [P1]
  auto bytes = encode(sample<TypeParam>());
  ASSERT_TRUE(bytes);
  for (size_t size = 0; size < bytes->size(); ++size) {
    EXPECT_FALSE(decode<TypeParam>(ByteSpan(*bytes).first(size))) << size;
  }
}

TYPED_TEST(Codec, TrailingBytesAreRefused) {  // [P1]
  auto bytes = encode(sample<TypeParam>());
  ASSERT_TRUE(bytes);
  for (uint8_t byte : std::initializer_list<uint8_t>{0, 1, 255}) {
    auto longer = *bytes;
    longer.push_back(byte);
    auto decoded = decode<TypeParam>(longer);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().offset, bytes->size());
  }
}

TYPED_TEST(Codec, EveryFieldBeyondItsLimitIsRefusedWhenSent) {  // [L1]
  for (int i = 0;; ++i) {
    auto message = sample<TypeParam>();
    Overgrower grow{i};
    each_field(message, grow);
    if (!grow.done) break;
    EXPECT_FALSE(encode(message)) << "string or vector number " << i;
  }
}

// Every byte set to its extremes and with each bit flipped: refused, or the one encoding of
// something else.
TYPED_TEST(Codec, ChangedBytesAreRefusedOrCanonical) {  // [P1]
  auto bytes = encode(sample<TypeParam>());
  ASSERT_TRUE(bytes);
  for (size_t i = 0; i < bytes->size(); ++i) {
    for (int change = 0; change < 12; ++change) {
      auto changed = *bytes;
      constexpr uint8_t kValues[] = {0, 1, 0x7f, 0xff};
      int flipped = changed[i] ^ (1 << (change & 7));
      changed[i] = change >= 8 ? kValues[change - 8] : static_cast<uint8_t>(flipped);
      auto decoded = decode<TypeParam>(changed);
      if (!decoded) continue;
      auto again = encode(*decoded);
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, changed) << "byte " << i;
    }
  }
}

TYPED_TEST(Codec, RandomMutationsAreRefusedOrCanonical) {  // [P1]
  std::mt19937_64 random(20260101);
  auto original = encode(sample<TypeParam>());
  ASSERT_TRUE(original);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    auto bytes = *original;
    for (uint64_t edits = random() % 4 + 1; edits > 0 && !bytes.empty(); --edits) {
      size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<uint8_t>(random()); break;
        case 1: bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at)); break;
        case 2: bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), uint8_t(random())); break;
        default: bytes.resize(at); break;
      }
    }
    auto decoded = decode<TypeParam>(bytes);
    refused += !decoded;
    if (decoded) {
      auto again = encode(*decoded);
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, bytes);
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(CodecEdges, CountsUpToTheLargestCostNothing) {  // [P1] [L1]
  for (uint32_t count : {0x10001U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    std::vector<uint8_t> bytes = {static_cast<uint8_t>(MessageId::Output)};
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(count >> (8 * i)));
    bytes.resize(bytes.size() + 1000, 'a');
    EXPECT_FALSE(decode<Output>(bytes)) << count;
    bytes[0] = static_cast<uint8_t>(MessageId::DirectoryReply);
    bytes.insert(bytes.begin() + 1, 4, 0);
    EXPECT_FALSE(decode<DirectoryReply>(bytes)) << count;
  }
}

TEST(CodecEdges, StringsAtTheirLimitPassAndOneMoreDoesNot) {  // [P1]
  PathStat message{.dir = 1, .path = std::string(kMaxPath, 'p'), .follow = true};
  auto bytes = encode(message);
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(decode<PathStat>(*bytes));
  std::vector<uint8_t> forged = *bytes;  // one byte more in the string, with the matching length
  forged.insert(forged.begin() + 10, 'p');
  uint32_t length = kMaxPath + 1;
  for (int i = 0; i < 4; ++i) forged[5 + i] = static_cast<uint8_t>(length >> (8 * i));
  EXPECT_FALSE(decode<PathStat>(forged));
}

TEST(CodecEdges, FlagsAndChoicesHaveOnlyTheirListedValues) {  // [P1]
  auto stat = encode(PathStat{.dir = 0, .path = "a", .follow = true});
  ASSERT_TRUE(stat);
  auto verdict = encode(Verdict{});
  ASSERT_TRUE(verdict);
  for (int value = 0; value < 256; ++value) {
    stat->back() = static_cast<uint8_t>(value);
    EXPECT_EQ(decode<PathStat>(*stat).has_value(), value <= 1);
    (*verdict)[1] = static_cast<uint8_t>(value);
    EXPECT_EQ(decode<Verdict>(*verdict).has_value(), value < count_of(Outcome{}));
  }
}

TEST(CodecEdges, NumbersOfNoMessageOrOfTheOtherDirectionAreRefused) {  // [P1]
  for (int number = 0; number < 256; ++number) {
    std::vector<uint8_t> bytes = {static_cast<uint8_t>(number)};
    bool known = static_cast<size_t>(number) < kMessageRows.size();
    for (Direction direction : {Direction::ToWorker, Direction::ToSupervisor}) {
      bool right = known && kMessageRows[static_cast<size_t>(number)].direction == direction;
      EXPECT_EQ(identify(bytes, direction).has_value(), right) << number;
    }
  }
  EXPECT_FALSE(identify({}, Direction::ToSupervisor));
}

TEST(CodecEdges, AnotherMessageThanTheOneDueIsRefused) {  // [P1]
  auto bytes = encode(DirectorySync{.dir = 3});
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(decode<DirectorySync>(*bytes));
  EXPECT_FALSE(decode<DirectoryStat>(*bytes));
}

}  // namespace
}  // namespace cordon::protocol
