import { scanLines } from "./python-lines.js";
import { definedNames } from "./top-level.js";

/** Where a completion of a function stops being one: the stop sequences that the field generates with. */
const STOP = /^(?:class |(?:async )?def |#|if\b|print|assert\b|@|```|<\||<file_sep>|<\/)/;
const IMPORT = /^(?:import|from)[ \t]/;
const WORD = /[\p{ID_Start}_][\p{ID_Continue}]*/gu;

/** A statement or comment that begins at the margin. */
interface MarginLine {
  readonly start: number;
  readonly text: string;
  readonly skeleton: string;
}

/** A top-level statement behind the body, with its decorators and the names it binds. */
interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly names: readonly string[];
}

/**
 * Cuts a body (the text that goes on where a function's prompt ends) where the function ends. Of what follows the
 * first stop sequence, definitions, imports and assignments that the kept text uses stay, because the official harness
 * runs the text uncut.
 *
 * @returns the body and whether anything was left away; without a stop sequence at the margin nothing is
 */
export function cutBody(text: string): { body: string; cut: boolean } {
  const margin = [...readMargin(text)];
  const firstStop = margin.findIndex((line) => STOP.test(line.text));
  const bodyEnd = margin[firstStop]?.start;
  if (bodyEnd === undefined) return { body: text, cut: false };
  const chunks = splitChunks(text, margin.slice(firstStop));
  const kept = findUsed(text, text.slice(0, bodyEnd), chunks);
  if (kept.size === chunks.length) return { body: text, cut: false };
  const parts = chunks.filter((chunk) => kept.has(chunk)).map((chunk) => text.slice(chunk.start, chunk.end));
  return { body: text.slice(0, bodyEnd) + parts.join(""), cut: true };
}

/** What stands at the margin. Comments there count only when no indented code, which they would belong to, follows. */
function* readMargin(text: string): Generator<MarginLine> {
  let comments: MarginLine[] = [];
  for (const { start, text: line, skeleton, startsStatement } of scanLines(text)) {
    if (!startsStatement || line.trim() === "") continue;
    if (line.startsWith("#")) comments.push({ start, text: line, skeleton });
    else {
      if (!/^\s/.test(line)) {
        yield* comments;
        yield { start, text: line, skeleton };
      }
      comments = [];
    }
  }
  yield* comments;
}

function splitChunks(text: string, margin: readonly MarginLine[]): Chunk[] {
  const chunks: Chunk[] = [];
  let decorated: number | null = null;
  margin.forEach((line, index) => {
    const next = margin[index + 1];
    if (next !== undefined && (line.text.startsWith("@") || (decorated !== null && line.text.startsWith("#")))) {
      decorated ??= line.start;
      return;
    }
    chunks.push({ start: decorated ?? line.start, end: next?.start ?? text.length, names: readNames(line.skeleton) });
    decorated = null;
  });
  return chunks;
}

function readNames(skeleton: string): string[] {
  if (IMPORT.test(skeleton)) return skeleton.match(WORD) ?? [];
  return definedNames(skeleton);
}

/** The chunks that `body` needs, directly or through other chunks. */
function findUsed(text: string, body: string, chunks: readonly Chunk[]): Set<Chunk> {
  const byName = new Map<string, Chunk[]>();
  for (const chunk of chunks) {
    for (const name of chunk.names) {
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [chunk]);
      else same.push(chunk);
    }
  }
  const kept = new Set<Chunk>();
  const open = [body];
  for (let source = open.pop(); source !== undefined; source = open.pop()) {
    for (const [name] of source.matchAll(WORD)) {
      const users = byName.get(name);
      if (users === undefined) continue;
      byName.delete(name);
      for (const chunk of users) {
        if (kept.has(chunk)) continue;
        kept.add(chunk);
        open.push(text.slice(chunk.start, chunk.end));
      }
    }
  }
  return kept;
}
