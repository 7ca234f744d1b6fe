import json
import unittest

import common
from assay_reward import AssayFault, answer_of, sample, text_of, to_problem

ADD = {"tests": {"kind": "calls", "function_name": "add", "cases": [{"args": [1, 2], "expected": 3}]}}
ASSERT = {"tests": {"kind": "assertions", "checks": ["assert f() == 1"]}}
STDIN = {"tests": {"kind": "stdin", "cases": [{"input": "1", "output": "2"}]}}


class Labels(unittest.TestCase):
    def test_shapes_of_trainers_and_data_sets(self):
        for label, problem in [
            ("HumanEval/0", "HumanEval/0"),
            (7, "7"),
            ({"task_id": "Mbpp/2"}, "Mbpp/2"),
            ({"inputs": ["1"], "outputs": ["2"]}, STDIN),
            ({"inputs": ["1\n2"], "outputs": ["3"], "fn_name": "add"}, ADD),
            ({"assert_case": ["assert f() == 1"]}, ASSERT),
            (["assert f() == 1"], ASSERT),
            ({"tests": ["assert f() == 1"]}, ASSERT),
            ([{"input": "1", "output": "2"}], STDIN),
            ({"language": "python", "test_cases": [{"input": "1", "output": "2", "type": "stdin_stdout"}]}, STDIN),
            ({"test_cases": {"type": "function_call", "input": ["1\n2"], "output": ["3"], "fn_name": "add"}}, ADD),
            ({"unit_tests": {"inputs": ["1"], "outputs": ["2"]}}, STDIN),
            ({"style": "rule", "ground_truth": json.dumps({"inputs": ["1"], "outputs": ["2"]})}, STDIN),
            (ASSERT, ASSERT),
        ]:
            self.assertEqual(to_problem(label), problem, label)
            if not isinstance(label, (str, int)):
                self.assertEqual(to_problem(json.dumps(label)), problem, label)

    def test_apps_lists_go_as_a_row_of_the_data_set(self):
        row = to_problem({"fn_name": "add", "inputs": [[1, 2]], "outputs": [[3]]})
        self.assertEqual(json.loads(row["input_output"]), {"inputs": [[1, 2]], "outputs": [[3]], "fn_name": "add"})

    def test_rows_that_lack_what_no_test_needs(self):
        row = to_problem({"input_output": '{"inputs": ["1"], "outputs": ["2"]}'})
        self.assertEqual(row["question"], "")
        tests = to_problem({"test_list": ["assert f() == 1"], "test_imports": ["import math"]})["tests"]
        self.assertEqual((tests["checks"], tests["prelude"]), (["assert f() == 1"], "import math\n"))

    def test_expected_values_of_calls_are_json_or_else_text(self):
        cases = to_problem({"inputs": ["1"] * 4, "outputs": ["[1, 2]\n", "abc\n", "1.0", str(2**70)], "fn_name": "f"})
        expected = [case["expected"] for case in cases["tests"]["cases"]]
        self.assertEqual(expected, [[1, 2], "abc", 1.0, 2**70])
        self.assertIs(type(expected[2]), float)

    def test_what_says_no_tests_is_an_error_that_names_it(self):
        for label in [None, "", True, 1.5, {}, {"x": 1}, [1], {"inputs": ["1"], "outputs": []}]:
            with self.assertRaises(ValueError, msg=repr(label)):
                to_problem(label)
        with self.assertRaisesRegex(ValueError, "cpp"):
            to_problem({"language": "cpp", "test_cases": [{"input": "", "output": ""}]})

    def test_the_text_of_a_completion(self):
        said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
        for completion in ["a", said, said[1], [{"type": "text", "text": "a"}]]:
            self.assertEqual(text_of(completion), "a")
        self.assertEqual(text_of(None), "")
        self.assertEqual(sample("x", said), {"task_id": "x", "completion": "a"})

    def test_a_query_loses_its_prompt_and_its_end_tokens(self):
        for query, prompt, answer in [
            ("<s>hi there<|im_end|>", "hi", " there"),
            ("hi there</s>\n<|endoftext|><|eot_id|>", "hi ", "there"),
            ("there<｜end▁of▁sentence｜>", None, "there"),
            ("hi a <|im_end|> b", "hi", " a <|im_end|> b"),
            ("other", "hi", "other"),
        ]:
            self.assertEqual(answer_of(query, prompt), answer)

    def test_a_fault_crosses_processes(self):
        import pickle

        fault = pickle.loads(pickle.dumps(AssayFault("no", "late")))
        self.assertEqual((str(fault), fault.kind), ("no (late)", "late"))
        self.assertNotIsInstance(fault, (TimeoutError, OSError))


if __name__ == "__main__":
    common.main()
