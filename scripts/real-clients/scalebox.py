"""ScaleBox's reward function for verl, unmodified: ``scalebox.py <checkout of icip-cas/ScaleBox> <service URL>``."""

import importlib.util
import sys

from hollow import Checks, fenced

spec = importlib.util.spec_from_file_location("scalebox_client", f"{sys.argv[1]}/integrations/verl/scalebox.py")
client = importlib.util.module_from_spec(spec)
spec.loader.exec_module(client)
url = f"{sys.argv[2]}/common_evaluate_batch"


def score(code, cases, timeout=30):
    answer, metadata = client.compute_score("code", fenced(code), cases, sandbox_fusion_url=url, timeout=timeout)
    return answer, metadata[0]["status"]


checks = Checks("ScaleBox")
STDIN = {"type": "stdin_stdout", "input": ["1 2", "3 4"], "output": ["3", "7"], "fn_name": None}
CALLS = {"type": "function_call", "input": [[1, 2], [3, 4]], "output": [[3], [7]], "fn_name": "add"}
SUM = "a, b = map(int, input().split())\nprint(a + b)"
checks.equal("stdin", score(SUM, STDIN), (1.0, "success"))
checks.equal("half of the tests", score("print(3)", STDIN), (0.5, "wrong_answer"))
checks.equal("a syntax error", score("def f(:", STDIN), (0.0, "wrong_answer"))
checks.equal("an endless loop", score("while True: pass", STDIN, timeout=1), (0.0, "wrong_answer"))
checks.equal("calls", score("def add(a, b):\n    return a + b", CALLS), (1.0, "success"))
checks.equal("wrong calls", score("def add(a, b):\n    return a", CALLS), (0.0, "wrong_answer"))
CHECK = {"type": "assert", "input": [], "output": [], "entry_point": "inc"}
CHECK["test"] = "def check(candidate):\n    assert candidate(1) == 2\n"
checks.equal("as HumanEval has it", score("def inc(n):\n    return n + 1", CHECK), (1.0, "success"))
checks.finish()
