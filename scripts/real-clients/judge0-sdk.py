"""Judge0's own SDK, unmodified: ``judge0-sdk.py <checkout of judge0/judge0-python> <service URL>``."""

import importlib.metadata
import sys

from hollow import Checks

try:
    import httpx
    import pydantic

    if pydantic.VERSION < "2":
        raise ImportError("pydantic 2")
    del httpx
except ImportError as error:
    print(f"judge0-python: not run, it needs httpx and pydantic 2 ({error})")
    sys.exit(0)

sys.path.insert(0, sys.argv[1] + "/src")
# The SDK asks for its own version, which only an installed package has.
installed = importlib.metadata.version
importlib.metadata.version = lambda name: "0" if name == "judge0" else installed(name)
import judge0  # noqa: E402

PYTHON = judge0.LanguageAlias.PYTHON
checks = Checks("judge0-python")
client = judge0.Client(sys.argv[2])


def run(program, **rest):
    answer = judge0.run(client=client, source_code=program, language=PYTHON, **rest)
    return [one.status.name for one in answer] if isinstance(answer, list) else (answer.status.name, answer.stdout)


checks.equal("the language by its name", client.get_language_id(PYTHON), 71)
checks.equal("the statuses", len(client.get_statuses()), 14)
cases = [("1", "2"), ("2", "5"), ("3", "6")]
checks.equal("test cases", run("print(int(input()) * 2)", test_cases=cases), ["ACCEPTED", "WRONG_ANSWER", "ACCEPTED"])
checks.equal("a slow one", run("while True: pass", cpu_time_limit=0.5), ("TIME_LIMIT_EXCEEDED", None))
checks.equal("a broken one", run("def f(:"), ("RUNTIME_ERROR_NZEC", None))
checks.equal("bytes", run("import sys; sys.stdout.buffer.write(bytes([255]))"), ("ACCEPTED", "\\xff"))
many = [judge0.Submission(source_code=f"print({i})", language=PYTHON, expected_output=str(i)) for i in range(250)]
statuses = [one.status.name for one in judge0.run(client=client, submissions=many)]
checks.equal("250 in batches", statuses, ["ACCEPTED"] * 250)
checks.finish()
