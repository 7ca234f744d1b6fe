"use strict";

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * Source that finds a program's function, `f` or `Solution.f`: a method of a fresh Solution where the program defines that
 * class with it, else what is declared under the name, with const or class too, else what is exported. Throws a TypeError
 * for what is no name.
 */
exports.sourceOfFunction = (wanted) => {
  const words = wanted.split(".");
  if (words.length > 2 || !words.every((word) => NAME.test(word))) {
    throw new TypeError(`${wanted} is no name of a function`);
  }
  const name = words.at(-1);
  const exported = `module.exports[${JSON.stringify(name)}]`;
  const plain = `typeof ${name} !== "undefined" ? ${name} : typeof module.exports === "function" ? module.exports : ${exported}`;
  if (words.length === 1) return plain;
  const [receiver] = words;
  const hasIt = `typeof ${receiver} === "function" && typeof ${receiver}.prototype?.${name} === "function"`;
  return `${hasIt} ? (...args) => new ${receiver}().${name}(...args) : ${plain}`;
};
