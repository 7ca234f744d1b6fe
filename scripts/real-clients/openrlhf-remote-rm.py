"""OpenRLHF's remote reward call, unmodified: ``openrlhf-remote-rm.py <checkout of OpenRLHF/OpenRLHF> <service URL>``.

The whole of ``SingleTurnAgentExecutor.execute`` runs; the tokenizer and the engine around it are small stand-ins.
"""

import asyncio
import json
import logging
import sys
from types import SimpleNamespace

from hollow import Checks, fenced, hollow, load, stub

hollow(sys.argv[1], "openrlhf", "openrlhf.utils")
stub("openrlhf.utils.logging_utils", init_logger=logging.getLogger)
executor_class = load("openrlhf.utils.agent").SingleTurnAgentExecutor
url = sys.argv[2]

PROMPT = "<|im_start|>user\nSquare a number.<|im_end|>\n<|im_start|>assistant\n"
LABEL = json.dumps({"inputs": ["2\n", "3\n"], "outputs": ["4\n", "9\n"]})


class Tokenizer:
    """A token is a character."""

    def __call__(self, text, **_):
        codes = [ord(character) for character in text]
        return {"input_ids": [SimpleNamespace(tolist=lambda: codes)]}

    def decode(self, tokens, skip_special_tokens):
        assert skip_special_tokens is False
        return "".join(map(chr, tokens))


class Engine:
    def __init__(self, response):
        self.response = response

    async def generate(self, *_, **__):
        tokens = [ord(character) for character in self.response + "<|im_end|>"]
        return SimpleNamespace(outputs=[SimpleNamespace(token_ids=tokens, finish_reason="stop", logprobs=None)])


async def reward(endpoints, response, label=LABEL):
    sampling = SimpleNamespace(max_tokens=4096, logprobs=None)
    output = await executor_class(endpoints).execute(
        PROMPT, label, sampling, 100_000, Tokenizer(), Engine(response)
    )
    return output["reward"], output["scores"], output["extra_logs"]


async def main():
    checks = Checks("OpenRLHF")
    one = f"{url}/get_reward"
    rewards, scores, logs = await reward(one, fenced("print(int(input()) ** 2)"))
    checks.equal("a right answer", (rewards, scores), ([1], [1]))
    checks.equal("logs are lists of one number", {len(value) for value in logs.values()}, {1})
    for name, code in {"wrong": "print(4)", "syntax": "def f(:", "error": "1 / 0", "slow": "while True: pass"}.items():
        got = await reward(f"{one}?timeout=0.5", fenced(code))
        checks.equal(name, got[0], [0])
        checks.equal(f"{name}: the same keys", got[2].keys(), logs.keys())
    checks.equal("the share of tests", (await reward(f"{one}?rule=fraction", fenced("print(4)")))[0], [0.5])
    checks.equal("several URLs, one sample", (await reward([one, one, one], fenced("print(4)")))[0], [0])
    checks.equal("a task of a loaded set", (await reward(one, "no code", "HumanEval/nowhere"))[0], None)
    batch = await asyncio.gather(*(reward(one, fenced(f"print(int(input()) ** {2 + i % 2})")) for i in range(200)))
    checks.equal("200 at once", [got[0] for got in batch], [[1 - i % 2] for i in range(200)])
    checks.finish()


asyncio.run(main())
