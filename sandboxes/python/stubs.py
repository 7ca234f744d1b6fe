"""What stands in the judge's namespace where the candidate's functions and objects would."""

from . import values


class Stub:
    """Stands in the judge's namespace where the candidate's function would."""

    def __init__(self, session, target, receiver=None, opens=False):
        object.__setattr__(self, "_assay", (session, target, receiver, opens))

    def __call__(self, *arguments, **keywords):
        session, target, receiver, opens = object.__getattribute__(self, "_assay")
        arguments = [_close(argument) for argument in arguments]
        session.last_value = None
        value = session.request("call", target, receiver, arguments, keywords)
        session.last_value = (value,)
        return _open(session, value) if opens else value

    def __repr__(self):
        return f"<stub of {object.__getattribute__(self, '_assay')[1]}>"


class Instance(Stub):
    """An object of a class of the candidate's, made by the test code: its attributes are reached by name."""

    def __getattr__(self, name):
        session, target, _, _ = object.__getattribute__(self, "_assay")
        if name.startswith("__"):
            raise AttributeError(name)
        return _open(session, session.request("get", target, None, [name], {}))

    def __setattr__(self, name, value):
        session, target, _, _ = object.__getattribute__(self, "_assay")
        session.request("set", target, None, [name, _close(value)], {})


def _open(session, value):
    return Instance(session, value, None, True) if isinstance(value, values.Handle) else value


def _close(value):
    if isinstance(value, Instance):
        return object.__getattribute__(value, "_assay")[1]
    if type(value) in (list, tuple) and any(isinstance(item, (Instance, list, tuple)) for item in value):
        closed = [_close(item) for item in value]
        # Only a list that holds instances is copied: a plain one is written back to when the candidate changes it.
        if any(new is not old for new, old in zip(closed, value)):
            return type(value)(closed)
    return value
