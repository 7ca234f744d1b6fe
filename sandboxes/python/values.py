"""Values as data: what crosses between a judge and a candidate's process.

Plain values travel as JSON. What JSON has no form for is an object with one key that names the type:
{"t": [...]} tuple, {"d": [[k, v], ...]} dict, {"s": [...]} set, {"f": [...]} frozenset, {"b": "..."} bytes,
{"B": "..."} bytearray, {"c": [re, im]} complex, {"i": "0x..."} large int, {"g": [...]} an iterator's items,
{"n": [type, text]} Decimal and Fraction, {"T": "int"} a built-in type, {"a": [...]} numpy array, {"h": [id, truth, type]} anything else: a handle
that the receiver can pass back but not look into. Subclasses of plain types arrive as the plain type, so that no
method of a candidate's ever runs outside its own process. Reading never executes anything.
"""

import builtins
import json

# As in candidate.py: a program may replace the interpreter's own.
__builtins__ = dict(builtins.__dict__)

LARGEST_ITERATOR = 1_000_000
LARGEST_EXPONENT = 10_000
_NONE = type(None)
_SCALARS = frozenset((int, str, bool, float, _NONE))
_LARGE = 1 << 64
_TYPES = {
    kind.__name__: kind
    for kind in (int, str, float, bool, list, tuple, dict, set, frozenset, bytes, bytearray, complex, object, _NONE)
}



def _make_encode():
    """A value of JSON's own types to its text, as `JSONEncoder.encode` does it, but for what that makes anew each time."""
    usual = json.JSONEncoder(check_circular=False, separators=(",", ":"))
    try:
        escape = json.encoder.encode_basestring_ascii
        chunks = json.encoder.c_make_encoder(None, usual.default, escape, None, ":", ",", False, False, True)
    except TypeError:
        # An interpreter without it, or with another form of it.
        return usual.encode
    return lambda value: "".join(chunks(value, 0))


_encode = _make_encode()


class Unreadable(Exception):
    """Bytes that are no value."""


class Handle:
    """Something that stayed in the candidate's process. Equal to itself alone."""

    __slots__ = ("number", "truth", "type_name")

    def __init__(self, number, truth, type_name):
        self.number = number
        self.truth = truth
        self.type_name = type_name

    def __bool__(self):
        if self.truth is None:
            raise TypeError(f"{self.type_name} has no truth value")
        return self.truth

    def __repr__(self):
        return f"<{self.type_name} object>"


def pack(value, keep=None):
    """The JSON-able form of a value. `keep(value)` turns what is no plain value into [id, truth, type]."""
    kind = type(value)
    if kind is str or kind is bool or kind is float or value is None:
        return value
    if kind is int:
        return value if -_LARGE < value < _LARGE else {"i": hex(value)}
    if kind is list:
        # A look at the types at C speed saves a copy of the long lists of numbers that are common here.
        if _SCALARS.issuperset(map(type, value)) and not _has_large(value):
            return value
        return [pack(item, keep) for item in value]
    if kind is tuple:
        return {"t": [pack(item, keep) for item in value]}
    if kind is dict:
        return {"d": [[pack(key, keep), pack(item, keep)] for key, item in value.items()]}
    if kind is set:
        return {"s": [pack(item, keep) for item in value]}
    return _pack_unusual(value, kind, keep)


def _has_large(values):
    for value in values:
        if type(value) is int and not -_LARGE < value < _LARGE:
            return True
    return False


def _pack_unusual(value, kind, keep):
    if kind is Handle:
        return {"h": [value.number, None, ""]}
    if kind is frozenset:
        return {"f": [pack(item, keep) for item in value]}
    if kind is bytes:
        return {"b": value.decode("latin-1")}
    if kind is bytearray:
        return {"B": value.decode("latin-1")}
    if kind is complex:
        return {"c": [value.real, value.imag]}
    if kind is type and _TYPES.get(value.__name__) is value:
        return {"T": value.__name__}
    for plain, rebuild in _PLAIN_BASES:
        if issubclass(kind, plain):
            return pack(rebuild(value), keep)
    module, name = kind.__module__, kind.__name__
    if module == "numpy":
        if name == "ndarray":
            return {"a": pack(value.tolist(), keep)}
        if hasattr(kind, "item"):
            return pack(value.item(), keep)
    if (module, name) in (("decimal", "Decimal"), ("fractions", "Fraction")):
        return {"n": [name, str(value)]}
    if kind is range or hasattr(kind, "__next__") or name in ("dict_keys", "dict_values", "dict_items", "deque"):
        items = []
        for item in value:
            items.append(pack(item, keep))
            if len(items) > LARGEST_ITERATOR:
                raise ValueError(f"an iterator with more than {LARGEST_ITERATOR} items is no answer")
        return {"g": items}
    if keep is None:
        raise TypeError(f"{name} is no plain value")
    return {"h": keep(value)}


# Each rebuilds through the base type's own methods: a subclass may have replaced any of its own.
_PLAIN_BASES = (
    (int, lambda value: int.__add__(value, 0)),
    (float, lambda value: float.__add__(value, 0.0)),
    (str, lambda value: str.__str__(value)[:]),
    (list, lambda value: list.__getitem__(value, slice(None))),
    (tuple, lambda value: tuple.__getitem__(value, slice(None)) if type(value) is tuple else tuple(tuple.__iter__(value))),
    (dict, lambda value: dict(dict.items(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
)


def dumps(value, keep=None):
    """The value as JSON text. RecursionError or ValueError where it nests too deep or refers to itself."""
    return _encode(pack(value, keep))


def make_loads(resolve=None):
    """A reader of JSON text; `resolve([id, truth, type])` turns a handle into what it stands for."""

    def read_tagged(tagged):
        if len(tagged) != 1:
            raise Unreadable("an object must have one key")
        ((tag, content),) = tagged.items()
        if tag == "t":
            return tuple(content)
        if tag == "d":
            return {key: item for key, item in content}
        if tag == "s":
            # By way of a frozenset, as Python makes a set from a literal: it then iterates in the same order.
            rebuilt = set()
            rebuilt.update(frozenset(content))
            return rebuilt
        if tag == "f":
            return frozenset(content)
        if tag == "b":
            return content.encode("latin-1")
        if tag == "B":
            return bytearray(content.encode("latin-1"))
        if tag == "c":
            return complex(*content)
        if tag == "i":
            return int(content, 16)
        if tag == "g":
            return iter(content)
        if tag == "T":
            return _TYPES[content]
        if tag == "n":
            return _read_number(*content)
        if tag == "a":
            return _read_array(content)
        if tag == "h" and resolve is not None:
            number, truth, name = content
            if type(number) is int and (truth is None or type(truth) is bool) and type(name) is str:
                return resolve(number, truth, name[:100])
        raise Unreadable(f"unknown tag {tag!r}")

    # Without the search for white space at both ends that `decode` begins and ends with.
    scan = json.JSONDecoder(object_hook=read_tagged).scan_once

    def loads(text):
        try:
            value, end = scan(text, 0)
        except (Unreadable, RecursionError, MemoryError):
            raise
        except Exception as error:
            raise Unreadable(str(error)) from None
        if end != len(text):
            raise Unreadable("more than one value")
        return value

    return loads


def _read_number(name, text):
    if name == "Decimal":
        import decimal

        number = decimal.Decimal(text)
        # "1e999999999" is a short text, and the end of whoever makes an int of it.
        if number.is_finite() and abs(number.adjusted()) > LARGEST_EXPONENT:
            raise Unreadable("a Decimal with an exponent that large is no answer")
        return number
    import fractions

    # The reader of the class takes "1e999999999" too, and writes all of it out.
    numerator, _, denominator = text.partition("/")
    return fractions.Fraction(int(numerator), int(denominator or "1"))


def _read_array(items):
    try:
        import numpy
    except ImportError:
        return items
    return numpy.array(items)
