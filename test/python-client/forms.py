"""Every trainer's way of calling, against a running service, called as the trainer calls it."""

import asyncio
import importlib.util
import json
import os
import sys
import types
import unittest

import common
from common import BROKEN, DOUBLE, GOOD, HALF, LOOP, SERVICE, WRONG, environment

FILE = os.path.join(common.CLIENT, "assay_reward.py")
ALL = [GOOD, WRONG, HALF, BROKEN, "no code at all"]


def load(name="loaded"):
    """As trainers load a file by its path."""
    spec = importlib.util.spec_from_file_location(name, FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Forms(unittest.TestCase):
    def test_verl_calls_by_keyword_with_one_sample(self):
        score = load().compute_score
        with environment(URL=SERVICE):
            for completion, expected in zip(ALL, [1, 0, 0, 0, 0]):
                for truth in (DOUBLE, json.dumps(DOUBLE)):
                    got = score(data_source="taco", solution_str=completion, ground_truth=truth, extra_info={"i": 1})
                    self.assertEqual((got, type(got)), (expected, float))
            fraction = score("apps", HALF, DOUBLE, None, rule="fraction", reward_model_tokenizer=object())
            self.assertEqual(fraction, 0.5)
            detail = score("apps", GOOD, DOUBLE, {}, detail=True)
            self.assertEqual(detail, {"score": 1.0, "accepted": 1.0, "fault": 0.0})
            slow = score("apps", LOOP, DOUBLE, options={"limits": {"cpu_ms": 200}})
            self.assertEqual(slow, 0)
            called = {"inputs": ["1\n[2, 3]"], "outputs": ["[1, 2, 3]"], "fn_name": "f"}
            self.assertEqual(score("x", common.fenced("def f(a, b):\n    return [a] + b"), called), 1)
            asserted = {"assert_case": ["assert f(1) == 2", "assert f(5) == 6"]}
            self.assertEqual(score("x", common.fenced("def f(a):\n    return a + 1"), asserted), 1)
            self.assertEqual(score("x", common.fenced("def f(a):\n    return 2"), asserted), 0)
            listed = {"test_list": ["assert f(4) == 2"], "test_imports": ["import math"]}
            self.assertEqual(score("x", common.fenced("def f(a):\n    return 2"), listed), 1)
            lists = {"input_output": json.dumps({"inputs": ["2\n"], "outputs": ["4\n"]})}
            self.assertEqual([score("x", one, lists) for one in (GOOD, WRONG)], [1, 0])
            lists = {"fn_name": "add", "inputs": [[1, 2]], "outputs": [[3]]}
            self.assertEqual(score("x", common.fenced("def add(a, b):\n    return a + b"), lists), 1)

    def test_verl_calls_with_a_batch(self):
        with environment(URL=SERVICE):
            got = load().compute_score_batch(
                data_sources=["x"] * 5, solution_strs=ALL, ground_truths=[DOUBLE] * 5, extra_infos=[{}] * 5
            )
        self.assertEqual(got, [1, 0, 0, 0, 0])

    def test_openrlhf_calls_with_lists_of_one_and_of_many(self):
        reward_func = load("reward_func").reward_func
        label = json.dumps(DOUBLE)
        with environment(URL=SERVICE, RULE="fraction"):
            one = reward_func(["<s>Double it." + GOOD + "<|im_end|>"], ["Double it."], [label], action=None)
            many = reward_func(["Q" + text for text in ALL], ["Q"] * 5, [label] * 5)
        self.assertEqual([float(x) for x in one["rewards"]], [1.0])
        self.assertEqual([float(x) for x in many["rewards"]], [1, 0, 0.5, 0, 0])
        self.assertEqual([float(x) for x in many["scores"]], [1, 0, 0.5, 0, 0])
        self.assertEqual(list(one["extra_logs"]), list(many["extra_logs"]))
        self.assertEqual([float(x) for x in many["extra_logs"]["accepted"]], [1, 0, 0, 0, 0])

    def test_trl_calls_with_columns(self):
        module = load()
        chat = [[{"role": "assistant", "content": text}] for text in ALL]
        given = dict(prompts=["p"] * 5, completion_ids=[[1]] * 5, trainer_state=None, log_metric=print)
        with environment(URL=SERVICE):
            for completions in (ALL, chat):
                got = module.trl_reward(completions=completions, ground_truth=[DOUBLE] * 5, **given)
                self.assertEqual(got, [1, 0, 0, 0, 0])
                got = asyncio.run(module.trl_reward_async(completions=completions, tests=[json.dumps(DOUBLE)] * 5, **given))
                self.assertEqual(got, [1, 0, 0, 0, 0])
            mine = module.make_trl_reward(label="answer", name="half", rule="fraction")
            self.assertEqual(mine(completions=[HALF], answer=[DOUBLE], **given), [0.5])
            self.assertEqual(mine.__name__, "half")
            with self.assertRaisesRegex(module.AssayConfigError, "found other"):
                module.trl_reward(prompts=["p"], completions=[GOOD], other=[1])
            # One bad row of a data set is no 0 and does not end the training either.
            self.assertEqual(module.trl_reward(completions=[GOOD, GOOD], tests=[{"x": 1}, DOUBLE]), [None, 1.0])
        self.assertTrue(asyncio.iscoroutinefunction(module.trl_reward_async))

    def test_ms_swift_calls_an_object_with_and_without_ms_swift(self):
        bare = load()
        with environment(URL=SERVICE):
            self.assertEqual(bare.AssayORM()(ALL, ground_truth=[DOUBLE] * 5, solution=[""] * 5), [1, 0, 0, 0, 0])
            self.assertEqual(asyncio.run(bare.AssayAsyncORM()([GOOD], tests=[DOUBLE])), [1])
        for name, takes_arguments in (("swift.rewards", True), ("swift.plugin", False)):
            swift, module = types.ModuleType("swift"), types.ModuleType(name)

            class ORM:
                pass

            if takes_arguments:

                def begin(self, args=None, **kwargs):
                    self.args = args

                ORM.__init__ = begin
                module.AsyncORM = type("AsyncORM", (), {})
            module.ORM, module.orms = ORM, {}
            sys.modules.update({"swift": swift, name: module})
            try:
                plugin = load("plugin_" + name)
            finally:
                del sys.modules["swift"], sys.modules[name]
            self.assertIs(module.orms["assay"], plugin.AssayORM)
            self.assertEqual("assay_async" in module.orms, takes_arguments)
            self.assertTrue(issubclass(plugin.AssayORM, ORM))
            orm = plugin.AssayORM(args="settings")
            self.assertEqual(getattr(orm, "args", None), "settings" if takes_arguments else None)
            with environment(URL=SERVICE):
                self.assertEqual(orm([GOOD], tests=[DOUBLE], trainer_state=None), [1])

    def test_areal_calls_in_another_process(self):
        from concurrent.futures import ProcessPoolExecutor

        import assay_reward

        with environment(URL=SERVICE), ProcessPoolExecutor(2) as pool:
            futures = [
                pool.submit(assay_reward.areal_reward_fn, "p", text, [1], [2], ground_truth=json.dumps(DOUBLE), extra=None)
                for text in ALL
            ]
            self.assertEqual([future.result(60) for future in futures], [1, 0, 0, 0, 0])

    def test_problems_of_a_loaded_set_go_by_id(self):
        module = load()
        solution = common.fenced(os.environ["TEST_SOLUTION"])
        task = os.environ["TEST_TASK_ID"]
        with environment(URL=SERVICE):
            self.assertEqual(module.compute_score("humaneval", solution, task), 1)
            self.assertEqual(module.trl_reward(completions=[solution], task_id=[task]), [1])
            with self.assertRaisesRegex(module.AssayFault, "no problem"):
                module.compute_score("humaneval", solution, "Nothing/1")


if __name__ == "__main__":
    common.main()
