/** `$${NAME}` stands for the text `${NAME}` itself. */
const REFERENCE = /\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** A text that came from the environment is replaced by its name wherever texts leave the process. */
export class Secrets {
  readonly #names = new Map<string, string>();

  add(name: string, value: string): void {
    if (value !== "") this.#names.set(value, name);
  }

  redact(text: string): string {
    let clean = text;
    for (const [value, name] of this.#names) {
      clean = clean.replaceAll(value, `\${${name}}`);
      // In JSON a quotation mark or backslash of the value is written otherwise.
      const written = JSON.stringify(value).slice(1, -1);
      if (written !== value) clean = clean.replaceAll(written, `\${${name}}`);
    }
    return clean;
  }
}

export interface Filled {
  readonly value: unknown;
  /** Texts as they were written, for each place where one named a variable. */
  readonly written: readonly { readonly path: readonly (string | number)[]; readonly text: string }[];
  readonly missing: readonly { readonly path: readonly (string | number)[]; readonly name: string }[];
}

/** Puts variables of `environment` in place of `${NAME}` in every text of a tree. */
export function fillEnvironment(tree: unknown, environment: NodeJS.ProcessEnv, secrets: Secrets): Filled {
  const written: { path: (string | number)[]; text: string }[] = [];
  const missing: { path: (string | number)[]; name: string }[] = [];

  const fill = (value: unknown, path: (string | number)[]): unknown => {
    if (typeof value === "string") return fillText(value, path);
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]));
  };
  const fillText = (text: string, path: (string | number)[]): string => {
    const filled = text.replace(REFERENCE, (whole, name: string) => {
      if (whole.startsWith("$$")) return whole.slice(1);
      const found = environment[name];
      if (found === undefined) missing.push({ path, name });
      else secrets.add(name, found);
      return found ?? "";
    });
    if (filled !== text) written.push({ path, text });
    return filled;
  };
  return { value: fill(tree, []), written, missing };
}
