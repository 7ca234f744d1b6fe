# A program that speaks the judge's language badly. SEED, set above, decides how. Only ever run in a sandbox.
import json
import os
import random
import struct
import threading

rng = random.Random(SEED)
NAMES = ["t", "d", "s", "f", "b", "B", "c", "i", "g", "n", "T", "a", "h", "__proto__", "x", ""]
ATOMS = [
    "0", "-1", "1e308", "1e999", "NaN", "-Infinity", "true", "null", '""', '"0x10"', '"0x"', '"int"', '"eval"', '"a\\ud800"', "12345678901234567890",
    '"Decimal"', '"1/0"', '"nan"', '"0xzz"', "[]", "{}", "[[1,2],[1,2]]", "[[[],1]]", "[0,null,\"x\"]",
]
# What each tag may hold that its reader goes far into.
FITTING = {
    "n": ['["Fraction","1/3"]', '["Fraction","1/0"]', '["Fraction","1e999999999"]', '["Decimal","1e999999"]', '["Decimal","sNaN"]', '["Decimal","9e999999999999999999"]', '["Fraction",1.5]', '["x","1"]'],
    "i": ['"0x10"', '"-0x1"', '"0x' + "f" * 99999 + '"', "1", '"0x"'],
    "c": ["[1,2]", '["1j"]', "[1e999,0]", "[]", "[1,2,3]"],
    "h": ["[0,true,\"x\"]", "[1,null,\"x\"]", "[1e3,true,\"x\"]", "[0,1,\"x\"]", "[-1,true,7]", "[]", '[99999999999999999999,false,"f"]'],
    "a": ["[[1,2],[3]]", "[1e999,null]", "[" * 40 + "]" * 40, '[{"t":[]}]', '["a",1]'],
    "s": ["[[]]", "[1,1.0,true]", '[{"h":[0,true,"x"]}]', '[{"n":["Decimal","sNaN"]}]', "[" + ",".join(str(k * ((1 << 61) - 1)) for k in range(4000)) + "]"],
    "d": ["[[1,2],[1,3]]", "[[[],1]]", "[[1]]", "{}", '[["__class__",1]]'],
    "b": ['"\\u00ff"', '"\\u0100"', "[1]"],
    "g": ["[1,2]", '"abc"', "5"],
    "T": ['"int"', '"eval"', "[]", '"NoneType"'],
    "t": ['"abc"', "5", "{}"],
}


def value(depth=0):
    kind = rng.randrange(9 if depth < 6 else 2)
    if kind < 2:
        return rng.choice(ATOMS)
    if kind == 2:
        return "[" + ",".join(value(depth + 1) for _ in range(rng.randrange(4))) + "]"
    if kind == 3:
        n = rng.choice([10, 900, 5000, 60000])
        return "[" * n + "]" * rng.choice([n, n, n - 1])
    if kind == 4:
        return json.dumps("x" * rng.choice([1, 1000, 100000]))
    if rng.random() < 0.5:
        tag = rng.choice(list(FITTING))
        return f'{{"{tag}":{rng.choice(FITTING[tag])}}}'
    members = [f'"{rng.choice(NAMES)}":{value(depth + 1)}' for _ in range(1 if rng.random() < 0.9 else rng.randrange(3))]
    return "{" + ",".join(members) + "}"


def answer():
    kind = rng.choice([b"v", b"v", b"v", b"v", b"x", b"r", b"l", b"", b"V", bytes([rng.randrange(256)])])
    if kind == b"x" or kind == b"l":
        families = json.dumps(rng.choice([["ValueError"], ["Odd", "AssertionError"], ["SystemExit"], ["KeyboardInterrupt"], [], ["NameError"], "x", [[1]], 7, ["StopIteration"]]))
        body = rng.choice([f'[{families},"m","t"]', f"[{families}]", "[]", "{", value(), f'[{families},{value()},{value()}]'])
    else:
        body = value()
    data = kind + body.encode("utf-8", "replace")
    if rng.random() < 0.2:
        data += b"\n" + rng.choice([b"[]", b"[[1,2,3]]", b"[[9,9],{}]", value().encode("utf-8", "replace")])
    if rng.random() < 0.1:
        data = bytearray(data)
        for _ in range(rng.randrange(1, 9)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def frame(data):
    size = len(data)
    if rng.random() < 0.06:
        size = rng.choice([0, 1, size + 1, size - 1, 1 << 31, (1 << 32) - 1, 16 << 20, (16 << 20) + 1])
    return struct.pack("<I", size & 0xFFFFFFFF) + data


def say(channel, data):
    try:
        while data:
            data = data[os.write(channel, data) :]
    except OSError:
        pass


def hear(channel):
    head = b""
    while len(head) < 4:
        more = os.read(channel, 4 - len(head))
        if not more:
            os._exit(0)
        head += more
    left = struct.unpack("<I", head)[0]
    while left:
        data = os.read(channel, min(left, 65536))
        if not data:
            os._exit(0)
        left -= len(data)


def serve():
    """Takes the place of what loaded it: says that it is loaded, and answers each call with something."""
    say(3, frame(b"r"))
    for _ in range(rng.choice([1, 3, 400])):
        hear(3)
        for _ in range(1 if rng.random() < 0.9 else rng.randrange(4)):
            say(3, frame(answer()))
    os._exit(rng.randrange(2))


def shout():
    for _ in range(rng.randrange(60)):
        channel = 3 if rng.random() < 0.6 else rng.randrange(64)
        say(channel, rng.choice([frame(answer()), frame(b"r"), rng.randbytes(rng.randrange(200)), b"run:" + rng.randbytes(72), struct.pack("<BI", rng.randrange(9), 30) + bytes(30)]))
    if rng.random() < 0.2:
        os.close(3)
    if rng.random() < 0.2:
        os._exit(rng.randrange(3))


def candidate(*arguments, **keywords):
    shout()
    return rng.choice([None, 0, [], "x", arguments, candidate, 1j, float("nan")])


class Solution:
    candidate = candidate


mode = rng.randrange(4)
if mode == 0:
    serve()
elif mode == 1:
    shout()
elif mode == 2:
    threading.Thread(target=shout, daemon=True).start()
