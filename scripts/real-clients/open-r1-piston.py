"""open-r1's ``PistonClient``, unmodified: ``open-r1-piston.py <checkout of huggingface/open-r1> <service URL>``."""

import asyncio
import sys

from hollow import Checks, hollow, load

hollow(sys.argv[1] + "/src", "open_r1", "open_r1.utils", "open_r1.utils.competitive_programming")
PistonClient = load("open_r1.utils.competitive_programming.piston_client").PistonClient


async def main():
    checks = Checks("open-r1")
    client = PistonClient([f"{sys.argv[2]}/api/v2"], max_requests_per_endpoint=8)

    async def execute(program, **rest):
        answer = await client.send_execute({"files": [{"name": "main.py", "content": program}], **rest}, language="python")
        return answer["run"]["code"], answer["run"]["stdout"], answer["run"]["signal"]

    (runtimes,) = await client.get_supported_runtimes()
    checks.equal("runtimes", [one["language"] for one in runtimes if one["language"] == "python"], ["python"])
    checks.equal("a right program", await execute("print(1)", run_timeout=12_000), (0, "1\n", None))
    checks.equal("a broken one", await execute("def f(:"), (1, "", None))
    checks.equal("an exit status", await execute("import sys; sys.exit(7)"), (7, "", None))
    checks.equal("a slow one", await execute("while True: pass", run_timeout=500), (None, "", "SIGKILL"))
    many = await asyncio.gather(*(execute(f"print({i})") for i in range(200)))
    checks.equal("200 at once", many, [(0, f"{i}\n", None) for i in range(200)])
    if any("c++17" in one["aliases"] for one in runtimes):
        source = {"name": "main.cpp", "content": "#include <cstdio>\nint main() { puts(\"ok\"); }"}
        answer = await client.send_execute({"files": [source]}, language="c++17")
        checks.equal("a program in C++", (answer["compile"]["code"], answer["run"]["stdout"]), (0, "ok\n"))
        broken = await client.send_execute({"files": [{**source, "content": "int main() {"}]}, language="c++17")
        checks.equal("one that does not compile", broken["compile"]["code"], 1)
    await client.session.close()
    checks.finish()


asyncio.run(main())
