"""judge0api, unmodified: ``judge0api.py <checkout of vCra/judge0api> <service URL>``."""

import importlib
import sys

# This file has the name of the package that it tests.
here = sys.path.pop(0)
sys.path.insert(0, sys.argv[1])
judge0api = importlib.import_module("judge0api")
sys.path.append(here)
from hollow import Checks  # noqa: E402

checks = Checks("judge0api")
client = judge0api.Client(sys.argv[2])


def submit(program, wait=True, **rest):
    client.wait = wait
    submission = judge0api.submission.submit(client, program.encode(), 71, **rest)
    submission.load(client)
    while submission.status["id"] <= 2:
        submission.load(client)
    return submission.status["description"], submission.stdout


for wait in (True, False):
    good = submit("print(input())", wait, stdin=b"hi", expected_output=b"hi\n")
    checks.equal("a right answer", good, ("Accepted", b"hi\n"))
    checks.equal("a wrong one", submit("print(1)", wait, expected_output=b"2"), ("Wrong Answer", b"1\n"))
    checks.equal("an exception", submit("1 / 0", wait), ("Runtime Error (NZEC)", None))
    slow = submit("while True: pass", wait, cpu_time_limit=0.5)
    checks.equal("a slow one", slow, ("Time Limit Exceeded", None))
checks.equal("bytes", submit("import sys; sys.stdout.buffer.write(bytes([255]))"), ("Accepted", b"\xff"))
checks.finish()
