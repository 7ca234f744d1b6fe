/**
 * MBPP+ keeps the inputs as JSON, which has no tuples, sets or complex numbers. Which problem needs which of them back
 * is known by problem number only (evalplus, `evalplus/data/mbpp.py`, `mbpp_deserialize_inputs`).
 */
const CONVERSIONS: readonly { readonly problems: readonly number[]; readonly body: string }[] = [
  {
    // Every argument is a tuple.
    problems: [
      2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809,
    ],
    body: "return [tuple(argument) for argument in arguments]",
  },
  {
    // Every argument is a list of tuples.
    problems: [63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780],
    body: "return [[tuple(item) for item in argument] for argument in arguments]",
  },
  {
    // Every argument is a tuple of tuples.
    problems: [259, 401, 445],
    body: "return [tuple(tuple(item) for item in argument) for argument in arguments]",
  },
  {
    // A list of tuples and one more argument.
    problems: [75, 413, 444, 753],
    body: "return [[tuple(item) for item in arguments[0]], arguments[1]]",
  },
  {
    // The first argument is a tuple.
    problems: [250, 307, 405, 446, 617, 720, 763, 808],
    body: "return [tuple(arguments[0]), *arguments[1:]]",
  },
  {
    // The second argument is a tuple.
    problems: [106, 750],
    body: "return [arguments[0], tuple(arguments[1])]",
  },
  {
    // A list of sets, in which an empty one was an empty dict.
    problems: [115],
    body: "return [[set(item) if isinstance(item, list) and item else {} for item in arguments[0]]]",
  },
  { problems: [124], body: "return [float(arguments[0]), complex(arguments[1])]" },
  { problems: [252], body: "return [complex(arguments[0])]" },
  {
    // A tuple that may hold tuples among other things.
    problems: [278],
    body: "return [tuple(tuple(item) if isinstance(item, list) else item for item in arguments[0])]",
  },
  {
    // Tuples all the way down.
    problems: [580, 615, 791],
    body: `def freeze(value):
        return tuple(freeze(item) for item in value) if isinstance(value, list) else value
    return [freeze(argument) for argument in arguments]`,
  },
  {
    // A dict of tuples.
    problems: [722],
    body: "return [{key: tuple(value) for key, value in arguments[0].items()}, *arguments[1:]]",
  },
];

const BODIES = new Map(CONVERSIONS.flatMap(({ problems, body }) => problems.map((number) => [number, body] as const)));

/**
 * Python that defines `_convert(arguments)` for an MBPP problem: from the argument list as JSON has it to the one the
 * problem means. Empty when the two are the same.
 */
export function writeConversion(problemNumber: number): string {
  const body = BODIES.get(problemNumber);
  return body === undefined ? "" : `\ndef _convert(arguments):\n    ${body}\n`;
}
