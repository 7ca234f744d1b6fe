"""verl's ``compute_score`` over SandboxFusion, unmodified: ``verl-score.py <checkout of volcengine/verl> <service URL>``."""

import sys
import threading

from hollow import Checks, fenced, hollow, load

hollow(sys.argv[1], "verl", "verl.utils", "verl.utils.reward_score")
compute_score = load("verl.utils.reward_score.sandbox_fusion").compute_score
url = f"{sys.argv[2]}/run_code"
slots = threading.Semaphore(64)


def score(code, cases, timeout=10):
    return compute_score(url, slots, 1024, fenced(code), cases, continuous=True, timeout=timeout)[0]


checks = Checks("verl compute_score")
PAIRS = {"inputs": [str(n) for n in range(12)], "outputs": [str(n * n) for n in range(12)]}
checks.equal("a right answer", score("print(int(input()) ** 2)", PAIRS), 1.0)
checks.equal("six of the first ten", score("n = int(input())\nprint(n * n if n < 6 else 0)", PAIRS), 0.6)
checks.equal("a syntax error", score("def f(:", PAIRS), 0.0)
checks.equal("an endless loop", score("while True: pass", PAIRS, timeout=0.5), 0.0)
CALLS = {"inputs": ["1\n2", "[1]\n[2]"], "outputs": ["3", "[1, 2]"], "fn_name": "add"}
checks.equal("calls of a method", score("class Solution:\n    def add(self, a, b):\n        return a + b", CALLS), 1.0)
ASSERTS = {"assert_case": ["assert add(1, 2) == 3", "assert add(1, 1) == 3"]}
checks.equal("assertions", score("def add(a, b):\n    return a + b", ASSERTS), 0.5)
checks.finish()
