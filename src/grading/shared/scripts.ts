import type { Driver, Parts } from "./driver.js";
import { FAILED } from "./secret.js";

/** Languages whose programs are carried out from top to bottom: the secret is printed by the last statement. */

const bashList = (numbers: readonly number[]): string => numbers.join(" ");

/** Conditions stand for themselves, as keywords do: `set`, `exit` and their like may be functions of the candidate's. */
export const bash: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
assay_failed_${suffix}=0
${tests.replace(/^[ \t]*set -e[ \t]*$/m, "").replace(/\]\]$/gm, `]] || assay_failed_${suffix}=1`)}
if [[ $assay_failed_${suffix} = 0 ]]; then
  assay_left=(${bashList(left)}) assay_right=(${bashList(right)}) assay_token=
  for assay_at in "\${!assay_left[@]}"; do
    builtin printf -v assay_code '\\\\%03o' $((assay_left[assay_at] ^ assay_right[assay_at]))
    builtin printf -v assay_code "$assay_code"
    assay_token+=$assay_code
  done
  builtin printf '\\n%s\\n' "$assay_token"
else
  builtin printf '%s\\n' '${FAILED}' >&2
  builtin exit 1
fi
`,
};

/** `eq_deeply` of Test::Deep, as far as plain values go. */
const PERL_DEEP = `
sub eq_deeply {
    my ($got, $wanted) = @_;
    return !defined $got && !defined $wanted if !defined $got || !defined $wanted;
    return 0 if CORE::ref($got) ne CORE::ref($wanted);
    if (CORE::ref($wanted) eq 'ARRAY') {
        return 0 if @$got != @$wanted;
        for my $at (0 .. $#$wanted) { return 0 if !eq_deeply($got->[$at], $wanted->[$at]); }
        return 1;
    }
    if (CORE::ref($wanted) eq 'HASH') {
        return 0 if CORE::keys(%$got) != CORE::keys(%$wanted);
        for my $key (CORE::keys %$wanted) { return 0 if !CORE::exists $got->{$key} || !eq_deeply($got->{$key}, $wanted->{$key}); }
        return 1;
    }
    return $got eq $wanted;
}
`;

export const perl: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
;package main;
${PERL_DEEP.replaceAll("eq_deeply", `assay_eq_${suffix}`)}
${tests
  .replace(/^use Test::Deep;$/m, "")
  .replaceAll("eq_deeply(", `assay_eq_${suffix}(`)
  .replace(/\bexit 1;/g, `CORE::die("${FAILED}\\n");`)}
{
    my @left = (${left.join(",")});
    my @right = (${right.join(",")});
    CORE::print("\\n", CORE::join("", CORE::map { CORE::chr($left[$_] ^ $right[$_]) } 0 .. $#left), "\\n");
}
`,
};

/** `assertEquals` of luaunit, as far as plain values go. */
const LUA_UNIT = (suffix: string): string => `
local assayEquals_${suffix}
do
  local type, next, rawequal, error = type, next, rawequal, error
  local function same(a, b)
    if type(a) ~= type(b) then return false end
    if type(a) ~= "table" then return a == b end
    if rawequal(a, b) then return true end
    for key, value in next, a do if not same(value, b[key]) then return false end end
    for key in next, b do if a[key] == nil then return false end end
    return true
  end
  function assayEquals_${suffix}(actual, expected)
    if not same(actual, expected) then error("${FAILED}", 0) end
  end
end
`;

/** The helpers are made before the candidate's code can put anything in the place of what they are made of. */
export const lua: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${LUA_UNIT(suffix)}
${program}
${tests
  .replace(/^lu = require\('luaunit'\)$/m, "")
  .replaceAll("lu.assertEquals(", `assayEquals_${suffix}(`)
  .replace(/^os\.exit\(lu\.LuaUnit\.run\(\)\)\s*$/m, "test_humaneval()")}
do
  local left, right, token = {${left.join(",")}}, {${right.join(",")}}, {}
  for at = 1, #left do token[at] = string.char(left[at] ~ right[at]) end
  io.write("\\n", table.concat(token), "\\n")
end
`,
};

/** The one assertion of test-unit that the tests use; their class is made and called by hand. */
export const ruby: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
class AssayCase_${suffix}
  def assert_equal(expected, actual)
    ::Kernel.raise(::RuntimeError, "${FAILED}") unless expected == actual
  end
end
${tests.replace(/^require 'test\/unit'$/m, "").replace("Test::Unit::TestCase", `AssayCase_${suffix}`)}
AssayCase_${suffix}.subclasses.each do |cases|
  cases.instance_methods(false).grep(/\\Atest_/).each { |name| cases.new.send(name) }
end
::STDOUT.write("\\n", [${left.join(",")}].zip([${right.join(",")}]).map { |a, b| (a ^ b).chr }.join, "\\n")
`,
};

export const php: Driver = {
  // What follows the closing mark would be printed instead of run.
  assemble: ({ program, tests, secret: { left, right } }) => `${program.replace(/\?>\s*$/, "")}
${tests}
\\fwrite(\\STDOUT, "\\n" . \\implode("", \\array_map(fn($a, $b) => \\chr($a ^ $b), [${left.join(",")}], [${right.join(",")}])) . "\\n");
`,
  failed: /Test failed!/,
};

export const r: Driver = {
  assemble: ({ program, tests, secret: { left, right } }) => `${program}
${tests}
base::cat("\\n", base::rawToChar(base::as.raw(base::bitwXor(c(${left.join(",")}), c(${right.join(",")})))), "\\n", sep = "")
`,
  failed: /is not TRUE/,
};

/** `console.assert` of Node prints and goes on; in tests it must end the run. */
function assembleScript({ program, tests, secret: { suffix, left, right } }: Parts, type = ""): string {
  return `${program}
;
function assayAssert_${suffix}(condition${type}) { if (!condition) throw new Error("${FAILED}"); }
${tests.replaceAll("console.assert(", `assayAssert_${suffix}(`)}
;
console.log("\\n" + [${left.join(",")}].map((code, at) => String.fromCharCode(code ^ [${right.join(",")}][at])).join(""));
`;
}

export const javascript: Driver = { assemble: assembleScript, failed: /AssertionError/ };

/** The same; without types, which may be checked, the condition would be an error. */
export const typescript: Driver = {
  assemble: (parts) => assembleScript(parts, ": unknown"),
  failed: /AssertionError/,
};

/** The main method of the tests is called by one of ours. */
export const csharp: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
${tests.replace(/Debug\.Assert\(/g, `Assay${suffix}.Check(`).replace("static void Main(", `static void Tests${suffix}(`)}
class Assay${suffix} {
    public static void Check(bool holds) { if (!holds) throw new System.Exception("${FAILED}"); }
    public static void Main(string[] arguments) {
        Problem.Tests${suffix}(arguments);
        int[] left = {${left.join(",")}}, right = {${right.join(",")}};
        System.Console.WriteLine();
        for (int at = 0; at < left.Length; at++) System.Console.Write((char)(left[at] ^ right[at]));
        System.Console.WriteLine();
    }
}
`,
};

export const scala: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
${tests.replace("def main(", `def tests${suffix}(`)}
object Main {
  def main(arguments: Array[String]): Unit = {
    Problem.tests${suffix}(arguments)
    val left = Array[Int](${left.join(",")})
    val right = Array[Int](${right.join(",")})
    println()
    println(left.indices.map(at => (left(at) ^ right(at)).toChar).mkString)
  }
}
`,
  failed: /assertion failed/,
};
