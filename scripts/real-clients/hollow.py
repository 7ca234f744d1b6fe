"""What lets one file of a trainer be imported, unmodified, without the trainer's dependencies.

A client's file sits in a package whose ``__init__`` imports torch, ray and the like. ``hollow`` registers the package
without executing that, and ``stub`` stands in for a module that the file imports but its HTTP client does not need.
"""

import importlib
import sys
import types


def hollow(checkout, *names):
    """Registers packages of a checkout so that their modules can be imported but their ``__init__`` is not executed."""
    for name in names:
        module = types.ModuleType(name)
        module.__path__ = ["/".join([str(checkout), *name.split(".")])]
        _register(name, module)


def stub(name, **attributes):
    """Registers an empty module with these attributes, and the packages around it where there are none."""
    parts = name.split(".")
    for end in range(1, len(parts)):
        package = ".".join(parts[:end])
        if package not in sys.modules:
            module = types.ModuleType(package)
            module.__path__ = []
            _register(package, module)
    module = types.ModuleType(name)
    module.__path__ = []
    vars(module).update(attributes)
    _register(name, module)
    return module


def load(name):
    """The client's module itself, as it stands in the checkout."""
    return importlib.import_module(name)


def _register(name, module):
    sys.modules[name] = module
    package, _, leaf = name.rpartition(".")
    if package in sys.modules:
        setattr(sys.modules[package], leaf, module)


class Checks:
    """Compares what a client made of the answers with what it should have, and ends with 1 if anything differs."""

    def __init__(self, client):
        self.client = client
        self.failed = 0
        self.count = 0

    def equal(self, what, got, expected):
        self.count += 1
        if got != expected:
            self.failed += 1
            print(f"{self.client}: {what}: expected {expected!r}, got {got!r}")

    def finish(self):
        print(f"{self.client}: {self.count - self.failed} checks passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def fenced(code):
    return f"Here you are:\n```python\n{code}\n```"
