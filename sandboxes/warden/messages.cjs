"use strict";
/** Messages on descriptors that both ends wait for: four bytes of length, little-endian, then the content. */

const fs = require("node:fs");

const LARGEST_MESSAGE = 64 << 20;

/** The next message, or null where the other end has gone. Throws a RangeError for one that is too large. */
function receive(descriptor) {
  const head = readExactly(descriptor, 4);
  if (head === null) return null;
  const length = head.readUInt32LE(0);
  if (length > LARGEST_MESSAGE) throw new RangeError("the message is too large");
  return readExactly(descriptor, length);
}

function readExactly(descriptor, size) {
  const data = Buffer.allocUnsafe(size);
  for (let done = 0; done < size;) {
    let more = 0;
    try {
      more = fs.readSync(descriptor, data, done, size - done, null);
    } catch (error) {
      if (error.code !== "ECONNRESET") throw error;
    }
    if (more === 0) return null;
    done += more;
  }
  return data;
}

/** Sends a text or bytes. A reader that has gone is no error: what it said before may still be there to read. */
function send(descriptor, content) {
  const size = Buffer.byteLength(content);
  const data = Buffer.allocUnsafe(4 + size);
  data.writeUInt32LE(size, 0);
  if (typeof content === "string") data.write(content, 4);
  else data.set(content, 4);
  try {
    for (let done = 0; done < data.length;) done += fs.writeSync(descriptor, data, done);
  } catch (error) {
    if (error.code !== "EPIPE") throw error;
  }
}

module.exports = { LARGEST_MESSAGE, readExactly, receive, send };
