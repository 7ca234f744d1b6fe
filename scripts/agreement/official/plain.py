"""Runs one program as a script of its own on every test and writes as JSON where its tokens equal the expected ones.

usage: plain.py <job.json> <result.json>, jobs as in driver.py. 1: equal, 0: not, -1: it failed or took over 10 s.
"""

import json
import subprocess
import sys

job_path, result_path = sys.argv[1:3]
with open(job_path) as file:
    job = json.load(file)
with open("program.py", "w") as file:
    file.write(job["program"])


def run(given, expected):
    try:
        done = subprocess.run([sys.executable, "program.py"], input=given, capture_output=True, text=True, timeout=10)
    except subprocess.TimeoutExpired:
        return -1
    return -1 if done.returncode != 0 else int(done.stdout.split() == expected.split())


tests = job["problem"]["input_output"]
outcomes = [run(given, expected) for given, expected in zip(tests["inputs"], tests["outputs"])]
with open(result_path, "w") as file:
    json.dump(outcomes, file)
