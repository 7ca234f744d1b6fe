import { z } from "zod";
import type { Sandbox } from "../../sandbox/contract.js";
import { resolveLimits } from "../../sandbox/limits.js";

/**
 * Python that reads a program on stdin and writes a JSON list of programs, each of which differs from it in one small
 * point: a comparison, an operator, a constant, a condition, a call of `min` for `max`. The first argument says how many at
 * most; they are spread evenly over the program. A program that does not parse has none.
 */
const MUTATE = `
import ast, json, sys

COMPARISONS = {"Lt": "LtE", "LtE": "Lt", "Gt": "GtE", "GtE": "Gt", "Eq": "NotEq", "NotEq": "Eq",
               "In": "NotIn", "NotIn": "In", "Is": "IsNot", "IsNot": "Is"}
OPERATORS = {"Add": "Sub", "Sub": "Add", "Mult": "Add", "Div": "Mult", "FloorDiv": "Mult", "Mod": "FloorDiv",
             "Pow": "Mult", "BitAnd": "BitOr", "BitOr": "BitAnd", "BitXor": "BitOr", "LShift": "RShift", "RShift": "LShift"}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "set": "list", "abs": "int"}


def other(name):
    return getattr(ast, name)()


class Mutator(ast.NodeTransformer):
    """Counts the places that can be changed, and changes the one with the number that is wanted."""

    def __init__(self, wanted):
        self.wanted, self.seen = wanted, 0

    def here(self):
        self.seen += 1
        return self.seen - 1 == self.wanted

    def visit_JoinedStr(self, node):
        return node

    def visit_Expr(self, node):
        # A docstring, or another value that nobody looks at.
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_arguments(self, node):
        node.defaults = [self.visit(value) for value in node.defaults]
        return node

    def visit_AnnAssign(self, node):
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node):
        self.visit(node.args)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        for at, kind in enumerate(node.ops):
            name = COMPARISONS.get(type(kind).__name__)
            if name and self.here():
                node.ops[at] = other(name)
        return node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        name = OPERATORS.get(type(node.op).__name__)
        if name and self.here():
            node.op = other(name)
        return node

    visit_AugAssign = visit_BinOp

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        if self.here():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        return node.operand if isinstance(node.op, (ast.Not, ast.USub)) and self.here() else node

    def visit_If(self, node):
        self.generic_visit(node)
        if isinstance(node.test, (ast.Name, ast.Call, ast.Attribute)) and self.here():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node

    def visit_Constant(self, node):
        kind = type(node.value)
        if kind not in (bool, int, float, str) or not self.here():
            return node
        value = not node.value if kind is bool else "" if kind is str and node.value else "x" if kind is str else node.value + 1
        return ast.copy_location(ast.Constant(value), node)

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in CALLS and self.here():
            node.func = ast.Name(CALLS[node.func.id], ast.Load())
        return node


def mutants(source, most):
    counting = Mutator(None)
    whole = ast.unparse(counting.visit(ast.parse(source)))
    step = max(1, counting.seen / most)
    found = []
    for number in range(min(most, counting.seen)):
        mutator = Mutator(int(number * step))
        text = ast.unparse(ast.fix_missing_locations(mutator.visit(ast.parse(source))))
        if text != whole and text not in found:
            found.append(text)
    return found


try:
    print(json.dumps(mutants(sys.stdin.read(), int(sys.argv[1]))))
except (SyntaxError, ValueError, RecursionError):
    print("[]")
`;

const LIMITS = resolveLimits({ cpuMs: 10_000 });
const answer = z.array(z.string());

/**
 * Programs that differ from `source`, a Python program, in one small point each; at most `most` of them, the same ones
 * each time. Most are wrong; some do the same in another way. Empty where the program cannot be parsed.
 *
 * @throws Error when the sandbox fails
 */
export async function makeMutants(sandbox: Sandbox, source: string, most: number): Promise<string[]> {
  const stdin = Buffer.from(source.toWellFormed(), "utf8");
  const program = { language: "python", source: MUTATE };
  const result = await sandbox.withProgram(program, (lease) =>
    lease.run({ limits: LIMITS, stdin, args: [String(most)], again: true }),
  );
  if (result.ending === "infrastructure_error") throw new Error(`no variants could be made: ${result.detail}`);
  if (result.ending !== "finished") return [];
  return answer.parse(JSON.parse(result.stdout.toString("utf8")));
}
