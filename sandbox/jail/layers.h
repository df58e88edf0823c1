// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layers of the jail that a kernel may withhold (layers.def), as a set. The supervisor finds
// out which are missing and sends the set to the worker, which passes over a step only if it fails
// and its layer is in the set ([J1]).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cordon::jail {

// One enumerator for each row of layers.def; its value is its bit in LayerSet.
enum class Layer : uint8_t {
#define LAYER(name, what) name,
#include "sandbox/jail/layers.def"
};

// `name` is the identifier, as in reports; `what` describes for people what the layer gives.
struct LayerRow {
  std::string_view name;
  std::string_view what;
};
inline constexpr std::array kLayers = {
#define LAYER(name, what) LayerRow{#name, what},
#include "sandbox/jail/layers.def"
};

// A value of 4 bytes, which travels in messages as bits().
class LayerSet {
 public:
  constexpr LayerSet() = default;
  // Nothing if a bit belongs to no layer.
  static constexpr std::optional<LayerSet> from_bits(uint32_t bits) {
    if (bits >> kLayers.size() != 0) return std::nullopt;
    LayerSet set;
    set.bits_ = bits;
    return set;
  }

  // Adds one layer; has(): whether it is in the set; empty(): whether none is; within(): whether
  // `other` has all of this set's.
  constexpr void add(Layer layer) { bits_ |= uint32_t{1} << static_cast<int>(layer); }
  constexpr bool has(Layer layer) const { return (bits_ >> static_cast<int>(layer) & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool within(LayerSet other) const { return (bits_ & ~other.bits_) == 0; }
  friend constexpr LayerSet operator|(LayerSet a, LayerSet b) {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr LayerSet operator&(LayerSet a, LayerSet b) {
    a.bits_ &= b.bits_;
    return a;
  }
  constexpr uint32_t bits() const { return bits_; }

  // The names of the layers, in the order of layers.def.
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (size_t i = 0; i < kLayers.size(); ++i) {
      if (has(static_cast<Layer>(i))) out.emplace_back(kLayers[i].name);
    }
    return out;
  }

 private:
  uint32_t bits_ = 0;
};

}  // namespace cordon::jail
