// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values as wast2json writes them: {"type": "f32", "value": "2143289344"}, numbers as the decimal
// of their bits, "nan:canonical" and "nan:arithmetic" among what is expected, references as
// "null" or the number of a host reference. Both throw nlohmann::json::exception on other JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "core/engine/value.h"

namespace cordon::cli {

engine::Value value_from_json(const nlohmann::json& json);
// Whether `actual` is what `expected` describes.
bool value_matches(const nlohmann::json& expected, const engine::Value& actual);

}  // namespace cordon::cli
