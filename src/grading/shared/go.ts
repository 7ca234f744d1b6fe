import { findBraceTo, maskText } from "../languages/syntax.js";
import type { Driver } from "./driver.js";
import { FAILED } from "./secret.js";

/** Packages that the published harnesses import where a program uses them without saying so. */
const USUAL_PACKAGES = [
  "math",
  "strings",
  "fmt",
  "strconv",
  "time",
  "bytes",
  "regexp",
  "sort",
  "math/rand",
  "crypto/md5",
];
const IMPORT = /^[ \t]*import\s*(?:\(([^)]*)\)|((?:[\w.]+[ \t]+)?"[^"\n]*"))[ \t]*;?/gm;
const SPEC = /(?:([\w.]+)[ \t]+)?"([^"\n]+)"/g;

/**
 * One file of `package main`. The few methods of `testing.T` and of testify's `assert` that the data sets use are ours,
 * so nothing but the standard library is needed.
 */
export const go: Driver = {
  assemble({ program, tests, setup, secret }) {
    const { suffix } = secret;
    const parts = [dropTests(program), tests].map(dropHead);
    const body = `${parts[0] ?? ""}\n${(parts[1] ?? "").replaceAll("*testing.T", `*assayT_${suffix}`)}`;
    const names = [...tests.matchAll(/^func\s+(Test\w*)\s*\(/gm)].map(([, name]) => name ?? "");
    return [
      "package main",
      "import (",
      ...listImports([setup, program, tests], body).map((spec) => `\t${spec}`),
      `\tassayFmt_${suffix} "fmt"`,
      `\tassayOs_${suffix} "os"`,
      `\tassayReflect_${suffix} "reflect"`,
      ")",
      body,
      harness(suffix),
      "func main() {",
      `\tt := &assayT_${suffix}{}`,
      ...names.map((name) => `\t${name}(t)`),
      "\tif t.failed {",
      `\t\tassayOs_${suffix}.Stderr.WriteString("${FAILED}\\n")`,
      `\t\tassayOs_${suffix}.Exit(1)`,
      "\t}",
      `\tleft, right := []byte{${secret.left.join(",")}}, []byte{${secret.right.join(",")}}`,
      "\tfor at := range left {",
      "\t\tleft[at] ^= right[at]",
      "\t}",
      `\tassayOs_${suffix}.Stdout.WriteString("\\n" + string(left) + "\\n")`,
      "}",
      "",
    ].join("\n");
  },
};

const OWN_TEST = /^func\s+\w+\s*\(\s*\w+\s+\*testing\.\w+\s*\)\s*(?=\{)/gm;

/** The program without tests of its own, which models like to add: only the problem's are run. */
function dropTests(program: string): string {
  const masked = maskText(program, "go");
  let kept = "";
  let from = 0;
  for (const { 0: head, index } of masked.matchAll(OWN_TEST)) {
    const end = index < from ? -1 : findBraceTo(masked, 0, index + head.length);
    if (end === -1) continue;
    kept += program.slice(from, index);
    from = end;
  }
  return kept + program.slice(from);
}

function dropHead(text: string): string {
  return text.replace(/^[ \t]*package[ \t]+\w+[ \t]*;?[ \t]*$/gm, "").replace(IMPORT, "");
}

/** What the parts import and `body` uses: Go takes no import that is not used. */
function listImports(parts: readonly string[], body: string): string[] {
  const masked = maskText(body, "go");
  const wanted = new Map<string, string>();
  for (const part of parts) {
    for (const [, group, single] of part.matchAll(IMPORT)) {
      for (const [, alias, path = ""] of (group ?? single ?? "").matchAll(SPEC)) {
        if (path !== "testing" && !path.endsWith("/testify/assert"))
          wanted.set(alias ?? lastPart(path), spec(path, alias));
      }
    }
  }
  for (const path of USUAL_PACKAGES) if (!wanted.has(lastPart(path))) wanted.set(lastPart(path), spec(path));
  const uses = (name: string): boolean =>
    name === "_" || name === "." || new RegExp(String.raw`(?<![\w.])${name}\s*\.`).test(masked);
  return [...wanted].filter(([name]) => uses(name)).map(([, text]) => text);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function spec(path: string, alias?: string): string {
  return `${alias === undefined ? "" : `${alias} `}"${path}"`;
}

/** `assert.New(t).Equal(…)` of testify; `Errorf`, `Run` and their like of `testing.T`. */
function harness(suffix: string): string {
  const T = `assayT_${suffix}`;
  return `
type ${T} struct{ failed bool }

func (t *${T}) Fail()    { t.failed = true }
func (t *${T}) FailNow() { t.failed = true; panic("${FAILED}") }
func (t *${T}) Helper()  {}
func (t *${T}) Log(arguments ...interface{})                  {}
func (t *${T}) Logf(format string, arguments ...interface{})  {}
func (t *${T}) Error(arguments ...interface{})                { t.Fail() }
func (t *${T}) Errorf(format string, arguments ...interface{}) { t.Fail() }
func (t *${T}) Fatal(arguments ...interface{})                { t.FailNow() }
func (t *${T}) Fatalf(format string, arguments ...interface{}) { t.FailNow() }
func (t *${T}) Run(name string, test func(t *${T})) bool {
	before := t.failed
	test(t)
	return t.failed == before
}

type assayAssertions_${suffix} struct{ t *${T} }
type assayAssert_${suffix} struct{}

var assert assayAssert_${suffix}

func (assayAssert_${suffix}) New(t *${T}) assayAssertions_${suffix} { return assayAssertions_${suffix}{t} }
func (a assayAssertions_${suffix}) Equal(expected, actual interface{}, message ...interface{}) bool {
	same := assayReflect_${suffix}.DeepEqual(expected, actual)
	if !same {
		assayFmt_${suffix}.Fprintf(assayOs_${suffix}.Stderr, "expected %#v, got %#v\\n", expected, actual)
		a.t.Fail()
	}
	return same
}
`;
}
