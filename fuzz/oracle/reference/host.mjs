// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The host of fuzz/oracle/host.cc once more: host functions that record each call and answer it with
// values that depend on its number and its arguments alone, and fail once in 64.
import {mix, slotOf, text, valueFrom} from './numbers.mjs';

const failsOnceIn = 64n, maxCalls = 10000;

// (module (func (export "trap") unreachable))
const trapping = new Uint8Array(
    [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0,
     10, 5, 1, 3, 0, 0, 0x0b]);
const {trap} = new WebAssembly.Instance(new WebAssembly.Module(trapping)).exports;

// An error that no handler of a module catches, as a trap is none's. `end` is the end of the call, as in traps.def.
function hostFailure(end = 'host failure') {
  try {
    trap();
  } catch (error) {
    return Object.assign(error, {end, stack: new Error().stack});
  }
}

export class Host {
  // `lines` takes a line for each call.
  constructor(lines) {
    this.lines = lines;
    this.calls = 0;
    this.functions = new Map();  // exported functions by place, once there is an instance
    this.memory = null;          // what "peek" and "grow" use
    this.hidden = false;         // there is one, and JavaScript sees it only after the start function
    this.reenter = null;         // what "reenter" calls: {func, params}
  }

  func(name, {params, results}) {
    const deed = params.join() === 'i32' && results.join() === 'i32' ? deeds[name] : undefined;
    return (...args) => {
      if (this.calls === maxCalls) throw hostFailure();
      const seed = this.record(name, params, args);
      if (seed % failsOnceIn === failsOnceIn - 1n) throw hostFailure();
      const answer = results.map((type, i) => valueFrom(type, seed + BigInt(i)));
      if (deed !== undefined) {
        if (this.hidden && name !== 'reenter') throw hostFailure('limit');
        answer[0] = deed(this, args[0]) ?? answer[0];
      }
      return answer.length < 2 ? answer[0] : answer;
    };
  }

  // Gives the seed of the answer. Floats have no part in it.
  record(name, params, args) {
    let seed = BigInt(this.calls++);
    let line = 'host ' + name;
    params.forEach((type, i) => {
      line += ' ' + text(type, args[i], this.functions);
      if (type === 'i32' || type === 'i64') seed = mix(seed ^ slotOf(type, args[i]));
    });
    this.lines.push(line);
    return seed;
  }

  global({type, mutable}, index) {
    const value = type === 'funcref' ? 'anyfunc' : type;
    return new WebAssembly.Global({value, mutable}, valueFrom(type, BigInt(index)));
  }
}

const deeds = {
  peek(host, at) {
    if (host.memory === null) return undefined;
    const bytes = new Uint8Array(host.memory.buffer);
    if (bytes.length === 0) return undefined;
    return bytes[(at >>> 0) % bytes.length]++;
  },
  grow(host) {
    if (host.memory === null) return undefined;
    try {
      return host.memory.grow(1);
    } catch {
      return -1;
    }
  },
  reenter(host) {
    if (host.reenter === null) return undefined;
    const {func, params} = host.reenter;
    func(...params.map((type, i) => valueFrom(type, BigInt(i))));
    return undefined;
  },
};
