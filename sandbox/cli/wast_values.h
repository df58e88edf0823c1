// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of scripts: {"type": "f32", "value": "2143289344"}, numbers as the decimal of their
// bits, integers also signed (wast2json writes the former, json-from-wast the latter),
// "nan:canonical" and "nan:arithmetic" among expected values, references as "null" or the number
// of a host reference, vectors as {"type": "v128", "lane_type": "f32", "value": [four such
// numbers]}. Expected values may also be {"type": "either", "values": [...]} and {"type":
// "refnull"}, a null reference of any type. All of these throw nlohmann::json::exception on other
// JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/engine/value.h"

namespace cordon::cli {

// The value with its type. A host reference is its number plus one: number 0 is not null.
engine::Value value_from_json(const nlohmann::json& json);
// Whether `actual` matches `expected`.
bool value_matches(const nlohmann::json& expected, const engine::Value& actual);

// The file of a command's module, beside the script. Empty if the module exists in the text format
// alone.
std::string module_file(const nlohmann::json& command);

}  // namespace cordon::cli
