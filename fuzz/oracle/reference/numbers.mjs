// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values from numbers and back, as fuzz/oracle/host.cc makes them: mix(), slot_from() and see(). A
// slot is a BigInt of 64 bits. The tables of fuzz/gen/constants.h come from there, by setTables().

const mask = (1n << 64n) - 1n;
const buffer = new DataView(new ArrayBuffer(8));
let integers, floats32, floats64;

export function setTables(tables) {
  integers = tables.integers.map(BigInt);
  floats32 = tables.floats32.map(BigInt);
  floats64 = tables.floats64.map(BigInt);
}

export function mix(value) {
  value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & mask;
  return value ^ (value >> 31n);
}

const pick = (items, seed) => items[Number(seed % BigInt(items.length))];

function slotFrom(type, seed) {
  const bits = mix(seed & mask), high = bits >> 8n;
  const edge = bits % 4n !== 0n;
  switch (type) {
    case 'i32': return BigInt.asUintN(32, edge ? pick(integers, high) : high);
    case 'i64': return edge ? pick(integers, high) : bits;
    case 'f32': return pick(floats32, high);
    case 'f64': return pick(floats64, high);
    case 'externref': return bits % 4n;
    default: return 0n;
  }
}

// As JavaScript hands it to WebAssembly. Externrefs are small numbers, null is null.
export function valueFrom(type, seed) {
  const slot = slotFrom(type, seed);
  switch (type) {
    case 'i32': return Number(BigInt.asIntN(32, slot));
    case 'i64': return BigInt.asIntN(64, slot);
    case 'f32':
      buffer.setUint32(0, Number(slot));
      return buffer.getFloat32(0);
    case 'f64':
      buffer.setBigUint64(0, slot);
      return buffer.getFloat64(0);
    default: return slot === 0n ? null : Number(slot);
  }
}

// Of an i32 or i64.
export const slotOf = (type, value) =>
  type === 'i32' ? BigInt(value >>> 0) : BigInt.asUintN(64, value);

// As lines.cc writes it. `functions` says which export a function is.
export function text(type, value, functions) {
  switch (type) {
    case 'i32': return 'i32:' + (value >>> 0).toString(16);
    case 'i64': return 'i64:' + BigInt.asUintN(64, value).toString(16);
    case 'f32':
      if (value !== value) return 'f32:nan';
      buffer.setFloat32(0, value);
      return 'f32:' + buffer.getUint32(0).toString(16);
    case 'f64':
      if (value !== value) return 'f64:nan';
      buffer.setFloat64(0, value);
      return 'f64:' + buffer.getBigUint64(0).toString(16);
    case 'externref': return value === null ? 'externref:null' : 'externref:' + value;
    default:
      if (value === null) return 'funcref:null';
      return 'funcref:' + (functions.get(value) ?? 'foreign');
  }
}
