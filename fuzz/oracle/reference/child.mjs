// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lasting process of reference.cc: reads messages from standard input, each a length of 32 bits
// (little-endian) and that many bytes, and answers each with one of the same form: text in UTF-8.
// The first message is the settings; the answer says what this is. Each other message is
//
//     length of the plan, plan (JSON, run.mjs), length of the peer, peer, module
//
// Ends with its input.
import fs from 'node:fs';
import v8 from 'node:v8';
import {setTables} from './numbers.mjs';
import {run, setMessages} from './run.mjs';

const input = 0, output = 1;

// What is missing is an error of this process, which ends it.
function read(size) {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) {
    const count = fs.readSync(input, bytes, at, size - at);
    if (count === 0) return null;
    at += count;
  }
  return bytes;
}

function receive() {
  const head = read(4);
  return head === null ? null : read(head.readUInt32LE());
}

function send(text) {
  const body = Buffer.from(text);
  const bytes = Buffer.allocUnsafe(4 + body.length);
  bytes.writeUInt32LE(body.length);
  body.copy(bytes, 4);
  for (let at = 0; at < bytes.length;) at += fs.writeSync(output, bytes, at);
}

// (global i32 (i32.add (i32.const 0) (i32.const 0))): the youngest of the features that are used.
const youngest = new Uint8Array(
    [0, 97, 115, 109, 1, 0, 0, 0, 6, 9, 1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b]);

const able = () => WebAssembly.validate(youngest);

function greet() {
  const settings = JSON.parse(receive());
  setTables(settings);
  setMessages(settings);
  // On by default from V8 11.4 on; later ones do not know the name.
  if (!able()) v8.setFlagsFromString('--experimental-wasm-extended-const');
  send(able() ? `V8 ${process.versions.v8}` : `lacks: V8 ${process.versions.v8} is too old`);
}

function answer(message) {
  const planSize = message.readUInt32LE(0), peerAt = 4 + planSize + 4;
  const plan = JSON.parse(message.subarray(4, 4 + planSize));
  const moduleAt = peerAt + message.readUInt32LE(peerAt - 4);
  return run(plan, message.subarray(peerAt, moduleAt), message.subarray(moduleAt));
}

greet();
for (let message = receive(); message !== null; message = receive()) send(answer(message));
