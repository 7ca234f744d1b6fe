"""What stands in the judge's namespace where the candidate's functions and objects would."""

from . import values


class Stub:
    """Stands in the judge's namespace where the candidate's function would."""

    def __init__(self, session, target, receiver=None):
        object.__setattr__(self, "_assay", (session, target, receiver))

    def __call__(self, *arguments, **keywords):
        session, target, receiver = object.__getattribute__(self, "_assay")
        arguments = [_close(argument) for argument in arguments]
        keywords = {name: _close(value) for name, value in keywords.items()}
        session.last_value = None
        value = session.request("call", target, receiver, arguments, keywords)
        session.last_value = (value,)
        return value

    def __repr__(self):
        return f"<stub of {object.__getattribute__(self, '_assay')[1]}>"


class Instance(Stub):
    """An object that stayed in the candidate's process: its attributes are reached by name. Equal to itself alone."""

    def __getattr__(self, name):
        session, target, _ = object.__getattribute__(self, "_assay")
        if name.startswith("__"):
            raise AttributeError(name)
        return session.request("get", target, None, [name], {})

    def __setattr__(self, name, value):
        session, target, _ = object.__getattribute__(self, "_assay")
        session.request("set", target, None, [name, _close(value)], {})

    def __reduce_ex__(self, protocol):
        # A copy would have a session of its own, on the same channel.
        raise TypeError("an object of the program's cannot be copied")

    def __bool__(self):
        return bool(_close(self))

    def __repr__(self):
        return repr(_close(self))


def _close(value):
    if isinstance(value, Instance):
        return object.__getattribute__(value, "_assay")[1]
    if type(value) in (list, tuple) and any(isinstance(item, (Instance, list, tuple)) for item in value):
        closed = [_close(item) for item in value]
        # Only a list that holds instances is copied: a plain one is written back to when the candidate changes it.
        if any(new is not old for new, old in zip(closed, value)):
            return type(value)(closed)
    return value
