// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/proposals.h"

namespace cordon::wasm {
namespace {

struct Mark {
  MarkPlace place;
  uint32_t first, last;
  std::string_view what;  // empty: no mark

  constexpr bool is_there() const { return !what.empty(); }
};

constexpr size_t kMostMarks = 10;  // of one proposal; more do not compile

struct Proposal {
  const DiagnosticKind* refusal;
  Mark marks[kMostMarks];
};
constexpr Proposal kLacked[] = {
#define MARK(place, first, last, what) {MarkPlace::place, first, last, what},
#define PROPOSAL(ident, klass, text, advice, marks) {&diag::lacks_##ident, {marks}},
#include "core/wasm/proposals.def"
#undef MARK
};

constexpr bool overlap(const Mark& a, const Mark& b) {
  return a.is_there() && b.is_there() && a.place == b.place && a.first <= b.last &&
         b.first <= a.last;
}

// Whether no code belongs to two proposals.
constexpr bool marks_are_apart() {
  for (const Proposal& one : kLacked) {
    for (const Proposal& other : kLacked) {
      for (const Mark& a : one.marks) {
        for (const Mark& b : other.marks) {
          if (&a != &b && overlap(a, b)) return false;
        }
      }
    }
  }
  return true;
}
static_assert(marks_are_apart(), "two marks of proposals.def overlap");

}  // namespace

const DiagnosticKind* lacked_proposal(MarkPlace place, uint32_t code, std::string_view& what) {
  for (const Proposal& proposal : kLacked) {
    for (const Mark& mark : proposal.marks) {
      if (!mark.is_there() || mark.place != place || code < mark.first || code > mark.last)
        continue;
      what = mark.what;
      return proposal.refusal;
    }
  }
  return nullptr;
}

}  // namespace cordon::wasm
