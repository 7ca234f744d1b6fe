"""SandboxFusion's SDK, unmodified: ``sandbox-fusion-sdk.py <checkout of bytedance/SandboxFusion> <service URL>``."""

import asyncio
import sys

from hollow import Checks, fenced, load

sys.path.insert(0, f"{sys.argv[1]}/scripts/client/src")
sdk = load("sandbox_fusion")
client = load("sandbox_fusion.client")
asynchronous = load("sandbox_fusion.async_client")
models = load("sandbox_fusion.models")
url = sys.argv[2]
sdk.set_endpoint(url)
checks = Checks("SandboxFusion SDK")


def run(code, **fields):
    return client.run_code(models.RunCodeRequest(code=code, language="python", **fields), client_timeout=60)


def summary(code, **fields):
    words = {"Success": "good", "Failed": "bad", "RunTimeout": "slow", "RunFailed": "failed"}
    return client.summary_run_code_result(run(code, **fields), models.SummaryMapping(**words))


checks.equal("stdout", run("print(input())", stdin="x").run_result.stdout, "x\n")
checks.equal("files", run("open('o', 'w').write('1')", fetch_files=["o"]).files, {"o": "MQ=="})
checks.equal("good", summary("pass"), "good")
checks.equal("failed", summary("1 / 0"), "failed")
checks.equal("slow", summary("while True: pass", run_timeout=0.5), "slow")
one = models.RunCodeRequest(code="print(1)", language="python")
answer = asyncio.run(asynchronous.run_code(one, client_timeout=60))
checks.equal("asynchronous", answer.run_result.stdout, "1\n")

try:
    client.run_code(models.RunCodeRequest(code="", language="verilog"), max_attempts=1)
    checks.equal("a language that is missing", "an answer", "an error")
except Exception as error:
    checks.equal("a language that is missing", "Sandbox responded with error" in str(error), True)

CASES = [{"input": {"stdin": str(n)}, "output": {"stdout": str(n * n)}} for n in range(4)]
CONFIG = models.TestConfig(
    dataset_type="CommonOJDataset", language="python", run_timeout=2, provided_data={"id": 1, "test": CASES}
)


def submit(code, config=CONFIG, dataset="mine"):
    request = models.SubmitRequest(dataset=dataset, id=1, completion=fenced(code), config=config)
    return client.submit_safe(request, max_attempts=1)


checks.equal("submit", submit("print(int(input()) ** 2)").accepted, True)
checks.equal("a wrong submission", submit("print(1)").accepted, False)
prompts = client.get_prompts(models.GetPromptsRequest(dataset="humaneval", config=models.TestConfig(), limit=2))
checks.equal("prompts of a loaded set", [type(prompt.prompt) for prompt in prompts], [str, str])
checks.finish()
