"""pyston, a Piston client, unmodified: ``pyston.py <checkout of ffaanngg/pyston> <service URL>``."""

import asyncio
import importlib
import sys
import warnings

# This file has the name of the package that it tests.
here = sys.path.pop(0)
sys.path.insert(0, sys.argv[1])
client_package = importlib.import_module("pyston")
sys.path.append(here)
from hollow import Checks  # noqa: E402

warnings.simplefilter("ignore")
File = client_package.File


async def main():
    checks = Checks("pyston")
    client = client_package.PystonClient(base_url=f"{sys.argv[2]}/api/v2/")
    checks.equal("languages", "python" in await client.languages(), True)
    checks.equal("an alias", [str(one) for one in await client.get_runtimes("py3")], ["python"])
    good = await client.execute("python", [File("print('Hello', input())")], stdin="x")
    checks.equal("a right program", (str(good), good.run_stage.code, good.success), ("Hello x\n", 0, True))
    broken = await client.execute("python", [File("def f(:")])
    checks.equal("a broken one", (broken.run_stage.code, broken.success), (1, False))
    slow = await client.execute("py", [File("import time; time.sleep(9)")], run_timeout=300)
    checks.equal("a slow one", (slow.run_stage.code, slow.run_stage.signal), (None, "SIGKILL"))
    try:
        await client.execute("cobol", [File("x")])
    except Exception as error:
        checks.equal("an unknown language", str(error), "cobol-* runtime is unknown")
    else:
        checks.equal("an unknown language", "an answer", "an ExecutionError")
    await client.close_session()
    checks.finish()


asyncio.run(main())
