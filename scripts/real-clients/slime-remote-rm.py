"""slime's ``remote_rm``, unmodified: ``slime-remote-rm.py <checkout of THUDM/slime> <service URL>``."""

import asyncio
import sys
from types import SimpleNamespace

from hollow import Checks, fenced, hollow, load, stub

hollow(sys.argv[1], "slime", "slime.utils", "slime.rollout")
stub("torch", **{name: type(name, (), {}) for name in ("Tensor", "dtype", "Size")})
stub("slime.utils.misc", load_function=None, decode_int32_meta_array=None)
for name in ("deepscaler", "f1", "gpqa", "math_dapo_utils", "math_utils"):
    wanted = ("get_deepscaler_rule_based_reward", "f1_score", "compute_gpqa_reward", "compute_score")
    wanted += ("extract_answer", "grade_answer_verl")
    stub(f"slime.rollout.rm_hub.{name}", **dict.fromkeys(wanted))
# The stand-ins above made an empty parent, which is the module under test.
del sys.modules["slime.rollout.rm_hub"]
hub = load("slime.rollout.rm_hub")
Sample = load("slime.utils.types").Sample
url = sys.argv[2]
LABEL = {"inputs": ["2\n", "3\n"], "outputs": ["4\n", "9\n"]}


async def reward(code, label=LABEL, query="", reward_key=None):
    args = SimpleNamespace(
        rm_type="remote_rm", rm_url=f"{url}/reward{query}", custom_rm_path=None, reward_key=reward_key
    )
    sample = Sample(prompt=[{"role": "user", "content": "Square."}], response=fenced(code), label=label)
    sample.reward = await hub.async_rm(args, sample)
    return sample.get_reward_value(args)


async def main():
    checks = Checks("slime")
    checks.equal("a right answer", await reward("print(int(input()) ** 2)"), 1)
    checks.equal("a wrong one", await reward("print(4)"), 0)
    checks.equal("a syntax error", await reward("def f(:"), 0)
    checks.equal("an endless loop", await reward("while True: pass", query="?timeout=0.5"), 0)
    checks.equal("the share of tests", await reward("print(4)", query="?rule=fraction"), 0.5)
    by_key = await reward("print(4)", query="?answer=object&rule=fraction", reward_key="pass_rate")
    checks.equal("a reward key", by_key, 0.5)
    many = await asyncio.gather(*(reward(f"print(int(input()) ** {2 + i % 2})") for i in range(200)))
    checks.equal("200 at once", many, [1 - i % 2 for i in range(200)])
    await hub._get_shared_session().close()
    checks.finish()


asyncio.run(main())
