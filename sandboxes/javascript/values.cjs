"use strict";
/**
 * Values as they travel between judge and candidate: JSON, in which everything that JSON has no word for is an object
 * with one letter as its only key. Objects are always written so (`{"o": [[key, value], …]}`): no candidate's key can
 * be taken for a letter. Functions, symbols, weak collections and cycles are no data.
 */

const MOST_DEPTH = 2000;
/** Of one array: holes cost nothing until somebody visits them. */
const MOST_ITEMS = 1 << 24;

/** JSON text of a value. Throws a TypeError for what is no data, a RangeError for what is too deep. */
function encode(value) {
  return JSON.stringify(toPlain(value, 0, []));
}

function toPlain(value, depth, above) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { n: Object.is(value, -0) ? "-0" : String(value) };
    case "undefined":
      return { u: 0 };
    case "bigint":
      return { b: String(value) };
    case "object":
      return value === null ? null : objectToPlain(value, depth, above);
    default:
      throw new TypeError(`a ${typeof value} is no data`);
  }
}

function objectToPlain(value, depth, above) {
  if (depth > MOST_DEPTH) throw new RangeError("the value is too deep");
  if (above.includes(value)) throw new TypeError("the value contains itself");
  const inside = (item) => toPlain(item, depth + 1, above);
  above.push(value);
  try {
    if (Array.isArray(value)) return arrayToPlain(value, depth, above);
    if (value instanceof Map) return { m: Array.from(value, ([key, item]) => [inside(key), inside(item)]) };
    if (value instanceof Set) return { s: Array.from(value, inside) };
    if (value instanceof Date) return { d: inside(value.getTime()) };
    if (value instanceof RegExp) return { r: [value.source, value.flags] };
    if (value instanceof Error) return { e: [String(value.name), String(value.message)] };
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return { y: [value.constructor.name, Array.from(value, inside)] };
    }
    for (const kind of [Number, String, Boolean]) if (value instanceof kind) return { w: inside(value.valueOf()) };
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
      throw new TypeError("the value is no data");
    }
    return { o: Object.keys(value).map((key) => [key, inside(value[key])]) };
  } finally {
    above.pop();
  }
}

function arrayToPlain(value, depth, above) {
  if (value.length > MOST_ITEMS) throw new RangeError("the value is too large");
  const plain = [];
  for (let at = 0; at < value.length; at++) plain.push(toPlain(value[at], depth + 1, above));
  return plain;
}

/** The value of a text that `encode` may have made. Throws an Error for any other text. */
function decode(text) {
  const plain = JSON.parse(text);
  // Without objects it is the value already.
  return text.includes("{") ? fromPlain(plain) : plain;
}

const TYPED = { Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array };
const MORE_TYPED = { Float32Array, Float64Array, BigInt64Array, BigUint64Array };
const ERRORS = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };

function fromPlain(plain) {
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map(fromPlain);
  const [[letter, content], ...rest] = Object.entries(plain);
  if (rest.length > 0) throw new TypeError("the answer has an unknown form");
  switch (letter) {
    case "u":
      return undefined;
    case "n":
      return Number(content);
    case "b":
      return BigInt(content);
    case "m":
      return new Map(content.map(([key, item]) => [fromPlain(key), fromPlain(item)]));
    case "s":
      return new Set(content.map(fromPlain));
    case "d":
      return new Date(fromPlain(content));
    case "r":
      return new RegExp(String(content[0]), String(content[1]));
    case "e":
      return makeError(String(content[0]), String(content[1]));
    case "y": {
      const kind = { ...TYPED, ...MORE_TYPED }[content[0]];
      return kind.from(content[1].map(fromPlain));
    }
    case "w":
      return Object(fromPlain(content));
    case "o": {
      const object = {};
      // Defined, never assigned: `__proto__` is a key like any other.
      for (const [key, item] of content) {
        Object.defineProperty(object, String(key), {
          ...{ value: fromPlain(item), configurable: true, enumerable: true, writable: true },
        });
      }
      return object;
    }
    default:
      throw new TypeError("the answer has an unknown form");
  }
}

/** An error of the built-in type of that name where there is one. */
function makeError(name, message) {
  const kind = Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error;
  const error = new kind(message);
  if (kind === Error && name !== "Error") {
    Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  }
  return error;
}

module.exports = { decode, encode, makeError };
