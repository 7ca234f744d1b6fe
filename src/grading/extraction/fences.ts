import { readLanguage } from "./language.js";
import { PythonLexer } from "./python-lines.js";

/** A fenced code block, as offsets into the text it was found in. */
export interface Block {
  /** "" for a block without a tag. */
  readonly language: string;
  /** Offset of the line with the opening fence. */
  readonly open: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Indentation of the opening fence, which each line of the body may have too. */
  readonly indent: number;
  readonly closed: boolean;
}

interface Fence {
  readonly mark: string;
  readonly indent: number;
  readonly info: string;
}

/** Behind a list marker a fence stands as far in as the text of the list item. */
const FENCE = /^([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}|~{3,})([^]*)$/;
/** "Here it is: ```python": not CommonMark, but nothing else can be meant. */
const LATE_FENCE = /[\s:](`{3,})((?:python|py)[\d.]*)[ \t]*$/i;

/** How often a text may make the reader go back. Bounds the work on hostile texts; real ones need one or two. */
const MOST_REWINDS = 4;

/** Reads `line` as a fence, opening (with or without info) or closing, or null. */
export function readFence(line: string): Fence | null {
  if (!line.includes("```") && !line.includes("~~~")) return null;
  const match = FENCE.exec(line);
  if (match === null) {
    const late = LATE_FENCE.exec(line);
    return late === null ? null : { mark: late[1] ?? "", indent: 0, info: late[2] ?? "" };
  }
  const [, lead = "", mark = "", info = ""] = match;
  if (mark.startsWith("`") && info.includes("`")) return null;
  return { mark, indent: lead.length, info: info.trim() };
}

/**
 * Finds the fenced code blocks of `text` (LF line ends) after CommonMark, with these differences: a fence may be
 * indented as far as a list wants it; a fence inside a triple-quoted string of a Python block does not close it when
 * the string ends before a later fence; and in Python a fence at the end of a line of code closes as well, since
 * backticks mean nothing there. Blocks come in order; a block without an end reaches to the end of the text.
 */
export function findBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  if (!text.includes("```") && !text.includes("~~~")) return blocks;
  let rewinds = 0;
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const fence = readFence(text.slice(at, end));
    if (fence === null) {
      at = end + 1;
      continue;
    }
    const { block, next, rewound } = readBlock(text, at, end + 1, fence, rewinds < MOST_REWINDS);
    blocks.push(block);
    if (rewound) rewinds++;
    at = next;
  }
  return blocks;
}

/** The code in `block`: its lines without the indentation of the fence. */
export function readBody(text: string, block: Block): string {
  const body = text.slice(block.bodyStart, block.bodyEnd);
  if (block.indent === 0) return body;
  return body
    .split("\n")
    .map((line) => line.slice(Math.min(block.indent, line.length - line.trimStart().length)))
    .join("\n");
}

function readBlock(text: string, open: number, bodyStart: number, opening: Fence, mayDefer: boolean) {
  let language = readLanguage(opening.info);
  const firstLine = text.slice(bodyStart, lineEnd(text, bodyStart));
  if (language === "" && /^[ \t]*[a-z]+[ \t]*$/i.test(firstLine) && readLanguage(firstLine) === "python") {
    // The tag slipped below the fence.
    language = "python";
    bodyStart += firstLine.length + 1;
  }
  const finish = (bodyEnd: number, next: number, closed = true, rewound = false) => ({
    block: { language, open, bodyStart, bodyEnd: Math.max(bodyStart, bodyEnd), indent: opening.indent, closed },
    next,
    rewound,
  });
  const lexer = language === "python" || language === "" ? new PythonLexer() : null;
  // Fences inside a triple-quoted string. Should the string never end, the first of them was the block's end after all.
  let deferred: { start: number; end: number } | null = null;
  let odd = false;
  let nested = false;
  for (let at = bodyStart; at < text.length;) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const fence = readFence(line);
    const closes = fence !== null && canClose(fence, opening);
    const near = fence !== null && fence.indent <= opening.indent + 3;
    if (lexer?.inTripleQuotes !== true) {
      if (closes && (near || lexer !== null)) return finish(at, end + 1);
      deferred = null;
      odd = nested = false;
    } else if (closes && near) {
      if (!mayDefer) return finish(at, end + 1);
      if (nested) nested = false;
      else {
        deferred ??= { start: at, end };
        odd = !odd;
      }
    } else if (near && fence.info !== "") {
      // A tagged block begins where only a closing fence could come next: the string is broken.
      if (deferred !== null && odd) return finish(deferred.start, deferred.end + 1, true, true);
      nested = true;
    }
    const skeleton = lexer?.feed(line).trimEnd() ?? "";
    if (lexer?.inTripleQuotes === false && skeleton.endsWith(opening.mark) && line.trimEnd().endsWith(opening.mark)) {
      return finish(at + line.trimEnd().length - opening.mark.length, end + 1);
    }
    at = end + 1;
  }
  if (deferred !== null && lexer?.inTripleQuotes === true) return finish(deferred.start, deferred.end + 1, true, true);
  return finish(text.length, text.length, false);
}

function canClose(fence: Fence, opening: Fence): boolean {
  return fence.info === "" && fence.mark.startsWith(opening.mark);
}

function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed === -1 ? text.length : feed;
}
