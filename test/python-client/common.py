"""What the tests of the Python client share. Run by test/python-client.test.ts, which sets the addresses."""

import contextlib
import json
import os
import sys
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = os.path.join(HERE, "..", "..", "clients", "python")
sys.dont_write_bytecode = True
sys.path.insert(0, CLIENT)

SERVICE = os.environ.get("TEST_SERVICE_URL", "")
FLAKY = os.environ.get("TEST_FLAKY_URL", "")


@contextlib.contextmanager
def environment(**settings):
    """ASSAY_ variables as given, and no others, for as long as the block lasts."""
    before = {name: value for name, value in os.environ.items() if name.startswith("ASSAY_")}
    for name in before:
        del os.environ[name]
    os.environ.update({"ASSAY_" + name: str(value) for name, value in settings.items()})
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("ASSAY_")]:
            del os.environ[name]
        os.environ.update(before)


def flaky(script, name):
    """The address of a service that fails as `script` says; `name` keeps tests apart."""
    return "%s/%s/%s" % (FLAKY, script, name)


def log_of(url):
    with urllib.request.urlopen(url + "/log", timeout=10) as response:
        return json.loads(response.read())


def fenced(program):
    return "Here you are:\n```python\n%s\n```\n" % program


DOUBLE = {"inputs": ["2\n", "5\n"], "outputs": ["4\n", "10\n"]}
GOOD = fenced("print(int(input()) * 2)")
HALF = fenced("print(4)")
WRONG = fenced("print('no')")
LOOP = fenced("while True: pass")
BROKEN = fenced("def f(:")

main = unittest.main
