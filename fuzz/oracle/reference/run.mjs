// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What fuzz/oracle/observe.cc does with a module, done by the JavaScript engine that runs this; and
// what is seen, as the lines of lines.cc. `plan` has the types, which JavaScript does not tell:
//
//     imports   what is provided for each: {params, results}, {element, min, max, grown},
//               {min, max, grown}, {type, mutable, index} or, of a tag, {params, results}
//     exports   the type of each, likewise
//     memory    memory 0, {import: place} or {export: place}, or null
//     reenter   the place of the export that "reenter" calls, or null
//     peer      whether there is a peer module
import {Host} from './host.mjs';
import {text, valueFrom} from './numbers.mjs';

const placeless = ['limit', 'exception', 'host failure'];
const rounds = 2, hostPage = 4096, budgetName = 'budget';
let messages, maxHashedPages;
// Frames of the host come before those of a module.
Error.stackTraceLimit = 6;

export function setMessages(settings) {
  messages = settings.messages;
  maxHashedPages = settings.maxHashedPages;
}

function trapOf(error) {
  if (error.end !== undefined) return error.end;
  if (error instanceof WebAssembly.Exception) return 'exception';
  const found = messages.find(([message]) => error.message.includes(message));
  return found === undefined ? `unknown: ${error}` : found[1];
}

// Of the innermost frame of a module.
function placeOf(error) {
  const found = /wasm-function\[(\d+)\]:0x([0-9a-f]+)/.exec(error.stack);
  return found === null ? '' : ` at ${found[1]}:${found[2]}`;
}

const elementOf = ({element}) => (element === 'funcref' ? 'anyfunc' : element);

function provide(host, imported, plan, peer) {
  const object = {};
  imported.forEach(({module, name, kind}, i) => {
    const type = plan.imports[i];
    const fields = (object[module] ??= {});
    if (module === 'peer') return;
    switch (kind) {
      case 'function': fields[name] = host.func(name, type); break;
      case 'table':
        fields[name] = new WebAssembly.Table(
            {element: elementOf(type), initial: type.min, maximum: type.max}, null);
        fields[name].grow(type.grown);
        break;
      case 'memory':
        fields[name] = new WebAssembly.Memory({initial: type.min, maximum: type.max});
        fields[name].grow(type.grown);
        break;
      case 'global': fields[name] = host.global(type, type.index); break;
      case 'tag': fields[name] = new WebAssembly.Tag({parameters: type.params}); break;
    }
  });
  if (peer !== null) object.peer = peer.exports;
  return object;
}

// Of the pages of the host's size that are not all zeros.
function hash(buffer) {
  const words = new Int32Array(buffer);
  const step = hostPage / 4;
  let sum = 0;
  for (let page = 0; page < words.length; page += step) {
    const end = page + step;
    let any = 0;
    for (let i = page; i < end; ++i) any |= words[i];
    if (any === 0) continue;
    let own = page / step;
    for (let i = page; i < end; ++i) {
      own = Math.imul(own ^ words[i], 0x9e3779b1);
      own ^= own >>> 15;
    }
    sum = (sum + own) | 0;
  }
  return (sum >>> 0).toString(16);
}

function memoryText(memory) {
  const pages = memory.buffer.byteLength / 65536;
  return `${pages} pages, hash ${pages > maxHashedPages ? 'none' : hash(memory.buffer)}`;
}

class Run {
  constructor(plan, module) {
    this.plan = plan;
    this.module = module;
    this.lines = [];
    this.host = new Host(this.lines);
    this.peer = null;
  }

  instantiate(peer) {
    if (peer.length !== 0) this.peer = new WebAssembly.Instance(new WebAssembly.Module(peer));
    const imported = WebAssembly.Module.imports(this.module);
    const object = provide(this.host, imported, this.plan, this.peer);
    const memory = this.plan.memory;
    const from = imported[memory?.import];
    if (from !== undefined) this.host.memory = object[from.module][from.name];
    this.host.hidden = memory !== null && from === undefined;
    this.instance = new WebAssembly.Instance(this.module, object);
    this.exports = WebAssembly.Module.exports(this.module).map(
        ({name}, i) => ({name, what: this.instance.exports[name], type: this.plan.exports[i]}));
    this.exports.forEach(({what}, i) => {
      const functions = this.host.functions;
      if (typeof what === 'function' && !functions.has(what)) functions.set(what, i);
    });
    if (this.host.hidden) this.host.memory = this.exports[memory.export].what;
    this.host.hidden = false;
    if (this.plan.reenter !== null) {
      const {what, type} = this.exports[this.plan.reenter];
      this.host.reenter = {func: what, params: type.params};
    }
  }

  call({name, what, type}, place) {
    const args = type.params.map((param, i) => valueFrom(param, BigInt(place * 64 + i)));
    try {
      const result = what(...args);
      const results = type.results.length < 2 ? [result] : result;
      const shown = type.results.map((each, i) => ' ' + text(each, results[i], this.host.functions));
      this.lines.push(`call ${name} returns${shown.join('')}`);
    } catch (error) {
      const end = trapOf(error);
      this.lines.push(`call ${name} ${end}${placeless.includes(end) ? '' : placeOf(error)}`);
    }
  }

  callAll() {
    const budget = this.budget();
    const full = budget?.value;
    for (let round = 0; round < rounds; ++round) {
      this.exports.forEach((each, i) => {
        if (typeof each.what !== 'function') return;
        if (budget !== null) budget.value = full;
        this.call(each, round + rounds * (i + 1));
      });
    }
  }

  budget() {
    const found = this.exports.find(({name}) => name === budgetName);
    const fits = found !== undefined && found.what instanceof WebAssembly.Global &&
      found.type.type === 'i32' && found.type.mutable;
    return fits ? found.what : null;
  }

  text() {
    return this.lines.join('\n') + '\n';
  }

  finish() {
    const {lines, host} = this;
    this.exports.forEach(({name, what, type}) => {
      if (what instanceof WebAssembly.Memory) lines.push(`memory ${name} ${memoryText(what)}`);
      if (what instanceof WebAssembly.Global) {
        lines.push(`global ${name} ${text(type.type, what.value, host.functions)}`);
      }
      if (!(what instanceof WebAssembly.Table)) return;
      const elements = [];
      for (let i = 0; i < what.length; ++i) {
        elements.push(' ' + text(type.element, what.get(i), host.functions));
      }
      lines.push(`table ${name}${elements.join('')}`);
    });
    if (this.peer !== null) {
      lines.push(`memory peer ${memoryText(this.peer.exports.memory)}`);
    }
  }
}

// Without a plan only whether it is valid.
export function run(plan, peer, bytes) {
  if (plan === null && WebAssembly.validate(bytes)) return 'accepted';
  let module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    return `refused: ${error.message}`;
  }
  const run = new Run(plan, module);
  try {
    run.instantiate(peer);
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) return `refused: ${error.message}`;
    run.lines.push(`instantiation ${trapOf(error)}`);
    return run.text();
  }
  run.lines.push('instantiation returns');
  run.callAll();
  run.finish();
  return run.text();
}
