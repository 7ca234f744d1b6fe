import { maskText } from "../languages/syntax.js";

/** The tuples of the library javatuples, by how many values they hold. */
const TUPLES: Readonly<Record<string, number>> = { Unit: 1, Pair: 2, Triplet: 3, Quartet: 4, Quintet: 5 };
const IMPORT = /^[ \t]*import\s+org\.javatuples\.[\w.*]+\s*;/gm;

/**
 * MultiPL-E's programs all import javatuples, which is not part of Java: its tuples are classes in the program's own file,
 * as far as the set and answers to it use them.
 */
export function replaceJavaTuples(text: string): string {
  const without = text.replace(IMPORT, "");
  if (without === text) return text;
  const masked = maskText(without, "java");
  const wanted = Object.entries(TUPLES).filter(
    ([name]) =>
      new RegExp(`\\b${name}\\b`).test(masked) &&
      !new RegExp(`\\b(?:class|record|interface|enum)\\s+${name}\\b`).test(masked),
  );
  return [without, ...wanted.map(([name, size]) => writeTuple(name, size))].join("\n");
}

/** Final, so that no candidate's tuple can compare as it likes. */
function writeTuple(name: string, size: number): string {
  const each = (write: (at: number) => string, between = ", "): string =>
    Array.from({ length: size }, (_, at) => write(at)).join(between);
  const own = `${name}<${each((at) => `T${at}`)}>`;
  return `
final class ${name}<${each((at) => `T${at}`)}> implements java.lang.Iterable<java.lang.Object> {
    ${each((at) => `private final T${at} value${at};`, " ")}
    public ${name}(${each((at) => `T${at} value${at}`)}) { ${each((at) => `this.value${at} = value${at};`, " ")} }
    public static <${each((at) => `T${at}`)}> ${own} with(${each((at) => `T${at} value${at}`)}) {
        return new ${own}(${each((at) => `value${at}`)});
    }
    ${each((at) => `public T${at} getValue${at}() { return value${at}; }`, "\n    ")}
    ${each(
      (at) =>
        `public <X> ${name}<${each((other) => (other === at ? "X" : `T${other}`))}> setAt${at}(X value) {` +
        ` return new ${name}<>(${each((other) => (other === at ? "value" : `value${other}`))}); }`,
      "\n    ",
    )}
    public int getSize() { return ${size}; }
    public java.util.List<java.lang.Object> toList() { return java.util.Arrays.asList(new java.lang.Object[] {${each((at) => `value${at}`)}}); }
    public java.util.Iterator<java.lang.Object> iterator() { return toList().iterator(); }
    @java.lang.Override public boolean equals(java.lang.Object other) {
        return other instanceof ${name} && toList().equals(((${name}<${each(() => "?")}>) other).toList());
    }
    @java.lang.Override public int hashCode() { return toList().hashCode(); }
    @java.lang.Override public java.lang.String toString() { return toList().toString(); }
}`;
}
