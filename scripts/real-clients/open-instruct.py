"""open-instruct's ``CodeVerifier``, unmodified: ``open-instruct.py <checkout of allenai/open-instruct> <service URL>``."""

import json
import logging
import sys

from hollow import Checks, fenced, hollow, load, stub

hollow(sys.argv[1], "open_instruct")
stub("numpy")
stub("open_instruct.context_window_checker")
stub("open_instruct.logger_utils", setup_logger=logging.getLogger)
stub("open_instruct.if_functions", IF_FUNCTIONS_MAP={})
stub("open_instruct.IFEvalG.instructions_registry")
judge = ("EXTRACTOR_MAP", "JUDGE_PROMPT_MAP", "PRICE_PER_MILLION_TOKENS", "build_messages")
stub("open_instruct.judge_utils", **dict.fromkeys(judge))
math = ("get_unnormalized_answer", "hendrycks_is_equiv", "is_equiv", "last_boxed_only_string")
stub("open_instruct.math_utils", **dict.fromkeys((*math, "normalize_final_answer", "remove_boxed")))
stub("open_instruct.rubrics.prompts", RUBRIC_SCORING_PROMPT="")
rubrics = ("extract_json_from_response", "run_litellm_async", "run_litellm_async_raw")
stub("open_instruct.rubrics.run_utils", **dict.fromkeys(rubrics))
stub("open_instruct.utils", extract_final_answer=None)
utils = load("open_instruct.ground_truth_utils")
url = sys.argv[2]


def verify(path, code, tests, seconds=1.0, penalty=False):
    config = utils.CodeVerifierConfig(
        code_api_url=url + path,
        code_max_execution_time=seconds,
        code_pass_rate_reward_threshold=0.0,
        code_apply_perf_penalty=penalty,
    )
    return utils.CodeVerifier(config)([], fenced(code), tests).score


checks = Checks("open-instruct")
ASSERTS = ["assert add(1, 2) == 3", "assert add(-1, 1) == 0", "assert add(0, 0) == 1"]
ADD = "def add(a, b):\n    return a + b"
checks.equal("assertions", verify("/test_program", ADD, ASSERTS), 2 / 3)
checks.equal("assertions as JSON", verify("/test_program", ADD, json.dumps(ASSERTS[:2])), 1.0)
checks.equal("a syntax error", verify("/test_program", "def add(:", ASSERTS), 0.0)
checks.equal("an endless loop", verify("/test_program", "while True: pass", ASSERTS, 0.3), 0.0)
PAIRS = [{"input": "5 3", "output": "8"}, {"input": "0 0", "output": "1"}]
SUM = "a, b = map(int, input().split())\nprint(a + b)"
checks.equal("stdin", verify("/test_program_stdio", SUM, PAIRS), 0.5)
share = verify("/test_program", ADD, ASSERTS[:2], penalty=True)
checks.equal("a penalty for time", 0 < share < 1, True)
checks.finish()
