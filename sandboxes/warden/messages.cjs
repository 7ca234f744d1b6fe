"use strict";
/** Messages on descriptors that both ends wait for: four bytes of length, little-endian, then the content. */

const fs = require("node:fs");

const LARGEST_MESSAGE = 64 << 20;
/** What a message is first read into. */
const first = Buffer.alloc(1 << 16);

/**
 * The next message, or null where the other end has gone. Throws a RangeError for one that is too large. Each end waits
 * for the other, so one read mostly brings a whole message, and what is behind one was not asked for: nobody gets it.
 */
function receive(descriptor) {
  const size = readBetween(descriptor, first, 4);
  if (size === null) return null;
  const end = 4 + first.readUInt32LE(0);
  if (end - 4 > LARGEST_MESSAGE) throw new RangeError("the message is too large");
  const known = Buffer.from(first.subarray(4, Math.min(size, end)));
  if (size >= end) return known;
  const rest = readExactly(descriptor, end - size);
  return rest === null ? null : Buffer.concat([known, rest]);
}

function readExactly(descriptor, size) {
  const data = Buffer.allocUnsafe(size);
  return readBetween(descriptor, data, size) === null ? null : data;
}

/** Fills `data` with at least so many bytes, or more where they are there. How many; null where the other end has gone. */
function readBetween(descriptor, data, least) {
  let done = 0;
  while (done < least) {
    let more = 0;
    try {
      more = fs.readSync(descriptor, data, done, data.length - done, null);
    } catch (error) {
      if (error.code !== "ECONNRESET") throw error;
    }
    if (more === 0) return null;
    done += more;
  }
  return done;
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
