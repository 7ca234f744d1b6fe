/**
 * Whether both texts have the same lines, white space at the ends of lines and blank lines at the end of the text left
 * aside. Everything else counts: case, space within a line, how a number is written. So do plain harnesses and the
 * scripts that judge0 and many carriers of CodeContests compare by.
 */
export function compareLines(expected: string, actual: string): boolean {
  return trimLines(expected) === trimLines(actual);
}

function trimLines(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines.join("\n").trimEnd();
}
