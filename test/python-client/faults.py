"""What the client does when the service does not do what it should."""

import asyncio
import os
import socket
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

import common
from assay_reward import (
    AssayConfigError,
    AssayFault,
    AssayORM,
    Client,
    areal_reward_fn,
    compute_score,
    compute_score_batch,
    reward_func,
    trl_reward,
    trl_reward_async,
)
from common import environment, flaky, log_of

QUICK = {"BACKOFF": 0.01, "RETRY_SECONDS": 20}
OVER = {"BACKOFF": 0.01, "RETRY_SECONDS": 0}


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "http://127.0.0.1:%d" % probe.getsockname()[1]


class Faults(unittest.TestCase):
    def test_what_passes_is_tried_again(self):
        for step in ("503", "429", "504", "502", "500", "408", "reset", "half", "garbage", "short"):
            url = flaky(step + "-ok", "again")
            with environment(URL=url, **QUICK):
                self.assertEqual(compute_score("x", "0.25", "id"), 0.25, step)
            self.assertEqual(log_of(url)["requests"], 2, step)

    def test_only_samples_without_an_answer_are_sent_again(self):
        url = flaky("odd-ok", "part")
        got = Client(url, backoff=0.01).grade([{"task_id": "x", "completion": str(n)} for n in range(5)])
        self.assertEqual([one.reward for one in got], [0, 1, 2, 3, 4])
        self.assertEqual(log_of(url)["sizes"], [5, 2])

    def test_a_sample_the_sandbox_fails_on_is_given_up_and_the_others_are_not(self):
        url = flaky("infra", "sandbox")
        got = Client(url, backoff=0.01).grade([{"task_id": "x", "completion": str(n)} for n in range(3)])
        self.assertEqual([(one.reward, one.kind) for one in got], [(None, "infrastructure_error"), (1, None), (2, None)])
        self.assertEqual(log_of(url)["sizes"], [3, 1, 1])

    def test_a_problem_that_cannot_be_graded_is_not_tried_again(self):
        url = flaky("invalid", "problem")
        with environment(URL=url, **QUICK):
            self.assertEqual(trl_reward(completions=["0", "1"], tests=["id", "id"]), [None, 1.0])
        self.assertEqual(log_of(url)["requests"], 1)

    def test_a_bad_sample_or_a_large_body_does_not_take_the_others_along(self):
        got = Client(flaky("blame", "x")).grade([{"task_id": "x", "completion": str(n)} for n in range(3)])
        self.assertEqual([(one.reward, one.kind) for one in got][0], (0, None))
        self.assertEqual(got[1].kind, "bad_request")
        self.assertIn("problem", got[1].message)
        got = Client(flaky("large", "x")).grade([{"task_id": "x", "completion": str(n)} for n in range(9)])
        self.assertEqual([one.reward for one in got], list(range(9)))

    def test_none_where_the_trainer_knows_it(self):
        for url in (flaky("503", "none"), closed_port()):
            with environment(URL=url, **OVER):
                self.assertEqual(trl_reward(completions=["1", "2"], tests=["id"] * 2), [None, None])
                self.assertEqual(asyncio.run(trl_reward_async(completions=["1"], tests=["id"])), [None])
                self.assertEqual(AssayORM()(["1"], tests=["id"]), [None])

    def test_an_error_where_it_does_not_and_never_a_silent_zero(self):
        calls = [
            lambda: compute_score("x", "1", "id"),
            lambda: compute_score("x", "1", "id", detail=True),
            lambda: compute_score_batch(["x"], ["1"], ["id"]),
            lambda: reward_func(["1"], [""], ["id"]),
            lambda: areal_reward_fn("p", "1", [], [], task_id="id"),
            lambda: compute_score("x", "1", {"no": "tests"}),
        ]
        for call in calls:
            with environment(URL=flaky("503", "raise"), **OVER):
                self.assertRaises(AssayFault, call)
            with environment(URL=closed_port(), **OVER):
                self.assertRaises(AssayFault, call)

    def test_the_switch_gives_a_number_instead(self):
        with environment(URL=flaky("503", "switch"), ON_FAULT="-1", **OVER):
            self.assertEqual(compute_score("x", "1", "id"), -1)
            self.assertEqual([float(x) for x in reward_func(["1"], [""], ["id"])["rewards"]], [-1])
            self.assertEqual(trl_reward(completions=["1"], tests=["id"]), [-1])
        with environment(URL=flaky("503", "switch"), **OVER):
            self.assertEqual(compute_score("x", "1", "id", on_fault=0), 0)
            got = compute_score("x", "1", "id", on_fault=0, detail=True)
            self.assertEqual(got, {"score": 0, "accepted": 0, "fault": 1})

    def test_a_wrong_token_or_address_is_told_at_once_to_every_trainer(self):
        for step in ("401", "403", "404", "400"):
            url = flaky(step, "config")
            with environment(URL=url, ON_FAULT="0", **QUICK):
                self.assertRaises(AssayConfigError, compute_score, "x", "1", "id")
                self.assertRaises(AssayConfigError, trl_reward, completions=["1"], tests=["id"])
            self.assertEqual(log_of(url)["requests"], 2, step)
        with environment(URL="localhost:8080"):
            self.assertRaises(AssayConfigError, compute_score, "x", "1", "id")

    def test_a_silent_service_is_given_up(self):
        with environment(URL=flaky("silent", "x"), TIMEOUT="1", **OVER):
            self.assertEqual(trl_reward(completions=["1"], tests=["id"]), [None])

    def test_what_the_service_asks_to_wait_is_waited(self):
        import assay_reward

        waits = []
        real, assay_reward.time.sleep = assay_reward.time.sleep, waits.append
        try:
            with environment(URL=flaky("429-503-ok", "wait"), **QUICK):
                compute_score("x", "1", "id")
        finally:
            assay_reward.time.sleep = real
        self.assertEqual(waits[0], 1.0)
        self.assertLess(waits[1], 1.0)


class Connections(unittest.TestCase):
    def test_are_kept_and_replaced_when_the_service_closes_them(self):
        url = flaky("ok", "kept")
        client = Client(url, token="secret")
        for _ in range(5):
            client.grade([{"task_id": "x", "completion": "1"}])
        log = log_of(url)
        self.assertEqual(len(log["ports"]), 1)
        self.assertEqual(log["headers"][0]["authorization"], "Bearer secret")
        self.assertTrue(0 < int(log["headers"][0]["x-assay-deadline-ms"]) < 300_000)
        url = flaky("last", "closed")
        client = Client(url)
        for _ in range(3):
            self.assertEqual(client.grade([{"task_id": "x", "completion": "1"}])[0].reward, 1)
        self.assertEqual(len(log_of(url)["ports"]), 3)

    def test_one_that_died_while_idle_costs_no_try(self):
        url = flaky("ok-reset-ok", "idle")
        client = Client(url, retry_seconds=0)
        for _ in range(2):
            self.assertEqual(client.grade([{"task_id": "x", "completion": "1"}])[0].reward, 1)

    def test_many_samples_go_in_few_requests_side_by_side(self):
        url = flaky("ok", "batch")
        samples = [{"task_id": "x", "completion": str(n)} for n in range(1000)]
        got = Client(url, batch=64, parallel=4).grade(samples)
        self.assertEqual([one.reward for one in got], list(range(1000)))
        log = log_of(url)
        self.assertEqual(sum(log["sizes"]), 1000)
        self.assertLessEqual(max(log["sizes"]), 64)
        self.assertLessEqual(log["requests"], 20)
        self.assertLessEqual(len(log["ports"]), 4)

    def test_many_threads_share_one_client(self):
        url = flaky("ok-ok-503-ok-reset-ok", "threads")
        with environment(URL=url, **QUICK), ThreadPoolExecutor(16) as pool:
            got = list(pool.map(lambda n: compute_score("x", str(n), "id"), range(200)))
        self.assertEqual(got, [float(n) for n in range(200)])
        self.assertLessEqual(len(log_of(url)["ports"]), 20)

    def test_many_tasks_of_one_event_loop(self):
        async def many():
            calls = [trl_reward_async(completions=[str(n)], tests=["id"]) for n in range(50)]
            return await asyncio.gather(*calls)

        with environment(URL=flaky("ok-503-ok", "tasks"), **QUICK):
            self.assertEqual(asyncio.run(many()), [[float(n)] for n in range(50)])

    def test_a_forked_process_opens_its_own(self):
        url = flaky("ok", "fork")
        with environment(URL=url, **QUICK):
            compute_score("x", "1", "id")
            holds = threading.Event()
            release = threading.Event()

            def hold():
                import assay_reward

                (client,) = [c for c in assay_reward._shared.values() if c._path.endswith("/fork/v1/reward")]
                with client._lock:
                    holds.set()
                    release.wait(30)

            # The lock is held by a thread that the child does not have.
            thread = threading.Thread(target=hold)
            thread.start()
            holds.wait(30)
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = 0 if compute_score("x", "2", "id") == 2 else 2
                finally:
                    os._exit(status)
            release.set()
            thread.join(30)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            self.assertEqual(compute_score("x", "3", "id"), 3)
        self.assertEqual(len(log_of(url)["ports"]), 2)


if __name__ == "__main__":
    common.main()
