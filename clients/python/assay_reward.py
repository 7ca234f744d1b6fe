"""Rewards from an assay service, for trainers. One file, Python 3.9 or later, nothing but the standard library.

    verl        compute_score, compute_score_batch     custom_reward_function
    OpenRLHF    reward_func                            --reward.remote_url <this file>
    TRL         trl_reward, trl_reward_async           reward_funcs=[...]
    ms-swift    AssayORM, AssayAsyncORM                --external_plugins <this file> --reward_funcs assay
    AReaL       areal_reward_fn                        reward_fn=...
    else        Client(...).grade([sample(label, completion), ...])

A label says how a completion is tested: the id of a problem that the service has loaded, or the tests themselves in one
of the shapes that `to_problem` lists. All of it goes to `POST /v1/reward`, many samples at a time.

A fault of the service's (it is busy, restarting, unreachable, or could not run a program) is tried again with growing
pauses for ASSAY_RETRY_SECONDS. If it is still there, it is never a 0: TRL and ms-swift get None for that sample, which
they leave out; the other trainers have no word for it, so `AssayFault` is raised. ASSAY_ON_FAULT set to a number gives
that number in both cases instead; a wrong address or token (`AssayConfigError`) is raised whatever is set.

Environment (each can also be an argument of `Client`, in lower case and without ASSAY_):
    ASSAY_URL             http://127.0.0.1:8080
    ASSAY_TOKEN           sent as a bearer token; none by default
    ASSAY_SET             the loaded set that ids are looked up in; all of them by default
    ASSAY_RULE            binary (default), fraction (of the tests), or the JSON of a rule of POST /v1/reward
    ASSAY_FORMAT_PENALTY  taken off where a completion has no complete code block; 0 by default
    ASSAY_OPTIONS         JSON, for instance {"comparator": "apps", "limits": {"cpu_ms": 10000}}
    ASSAY_LABEL           the column with the labels, for trainers that hand over columns; found by name by default
    ASSAY_ON_FAULT        raise (default; None for TRL and ms-swift), or a number
    ASSAY_TIMEOUT         seconds for one request, 300 by default
    ASSAY_RETRY_SECONDS   seconds for a call with all its tries, 600 by default; 12 at most for AReaL
    ASSAY_BATCH           samples in one request at most, 64 by default
    ASSAY_PARALLEL        requests of one call at a time, 8 by default
"""

import asyncio
import concurrent.futures
import http.client
import importlib
import json
import os
import random
import re
import ssl
import sys
import threading
import time
import urllib.parse
import weakref
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

__all__ = [
    "AssayAsyncORM",
    "AssayConfigError",
    "AssayFault",
    "AssayORM",
    "Client",
    "Outcome",
    "areal_reward_fn",
    "compute_score",
    "compute_score_batch",
    "make_trl_reward",
    "make_trl_reward_async",
    "reward_func",
    "sample",
    "to_problem",
    "trl_reward",
    "trl_reward_async",
]


class AssayFault(RuntimeError):
    """A sample could not be graded, by no fault of the program in it. `kind` is the service's word for why."""

    # No TimeoutError: AReaL takes that for a reward of 0. Both arguments are kept, so that it can cross processes.
    def __init__(self, message: str, kind: str = "fault"):
        super().__init__(message, kind)
        self.kind = kind

    def __str__(self) -> str:
        return "%s (%s)" % (self.args[0], self.kind)


class AssayConfigError(AssayFault):
    """The service will never take requests made like this: a wrong address, token, rule or set."""


class Outcome(NamedTuple):
    """What became of one sample: a reward and the verdict, or neither and the error."""

    reward: Optional[float]
    verdict: Optional[str]
    kind: Optional[str] = None
    message: str = ""


# ---------------------------------------------------------------------------------------------------------------- labels


def to_problem(label: Any) -> Union[str, Dict[str, Any]]:
    """The problem a label means: the id of a loaded one, or an inline problem for the service.

    Taken are, also as JSON text in a string:
        "HumanEval/0", {"task_id": ...}                            a problem the service has loaded
        {"inputs": [...], "outputs": [...], "fn_name": ...?}       verl, APPS, TACO, LiveCodeBench
        {"assert_case": [...]}, {"tests": ["assert ..."]}, [...]   assertions (verl, open-instruct)
        {"test_cases": [{"input", "output"}, ...]}, [{...}, ...]   open-r1's verification_info
        {"test_cases": {"type", "input", "output", "fn_name"}}     ScaleBox
        {"unit_tests": ...}, {"ground_truth": ...}                 any of these, one level down (NeMo-Gym, verl rows)
        {"tests": {"kind": ...}}, rows of HumanEval, EvalPlus,     as they are
        MBPP, APPS

    Raises ValueError for a label that is none of these.
    """
    if isinstance(label, bytes):
        label = label.decode("utf-8")
    if isinstance(label, str):
        text = label.strip()
        if text[:1] not in ("{", "["):
            if text == "":
                raise ValueError("the label is empty")
            return text
        return to_problem(json.loads(text))
    if hasattr(label, "tolist"):  # a numpy array, as parquet files give lists
        label = label.tolist()
    if isinstance(label, bool) or not isinstance(label, (int, dict, list, tuple)):
        raise ValueError("a label of type %s says no tests" % type(label).__name__)
    if isinstance(label, int):
        return str(label)
    if isinstance(label, dict):
        return _from_dict(label)
    if label and all(isinstance(item, str) for item in label):
        return _assertions(label)
    return _from_cases(label)


def _from_dict(label: Dict[str, Any]) -> Union[str, Dict[str, Any]]:
    has = label.get
    if has("inputs") is not None and has("outputs") is not None:
        return _from_inputs(list(has("inputs")), list(has("outputs")), has("fn_name"))
    if has("assert_case") is not None:
        return _assertions(has("assert_case"))
    cases = has("test_cases")
    if isinstance(cases, dict) and has("language", "python") == "python":
        if cases.get("type") == "assert":
            return _assertions(cases.get("test") or cases.get("input") or [])
        inputs, outputs = cases.get("input", cases.get("inputs")), cases.get("output", cases.get("outputs"))
        return _from_inputs(list(inputs or []), list(outputs or []), cases.get("fn_name"))
    if cases is not None:
        if has("language", "python") not in ("python", "py", "python3"):
            raise ValueError("tests for %s, not for python" % has("language"))
        return to_problem(cases)
    for inner in ("unit_tests", "verification_info", "ground_truth", "verifier_metadata"):
        if has(inner) is not None:
            return to_problem(has(inner))
    if isinstance(has("tests"), (list, tuple)):
        return to_problem(has("tests"))
    if has("input_output") is not None:
        return {"question": "", **label}  # which a row of the data set has, and a label may not
    if has("test_list") is not None and "task_id" not in label:
        problem = _assertions(has("test_list"))
        problem["tests"]["prelude"] = "\n".join([*(has("test_imports") or []), has("test_setup_code") or ""])
        return problem
    if has("tests") is not None or set(label) & {"test", "test_list", "base_input"}:
        return label
    for name in ("task_id", "problem_id", "id", "problem"):
        if has(name) is not None:
            return to_problem(has(name)) if name == "problem" else str(has(name))
    raise ValueError("a label with %s says no tests" % (", ".join(sorted(map(str, label))) or "no fields"))


def _assertions(lines: Iterable[Any]) -> Dict[str, Any]:
    return {"tests": {"kind": "assertions", "checks": [str(line) for line in lines]}}


def _from_cases(cases: Sequence[Any]) -> Dict[str, Any]:
    if not all(isinstance(case, dict) and "input" in case and "output" in case for case in cases):
        raise ValueError("a list of tests must be of assertions, or of objects with input and output")
    names = {case.get("fn_name") for case in cases if case.get("fn_name")}
    if len(names) > 1:
        raise ValueError("tests of one problem call %s" % " and ".join(sorted(names)))
    return _from_inputs([c["input"] for c in cases], [c["output"] for c in cases], names.pop() if names else None)


def _from_inputs(inputs: List[Any], outputs: List[Any], function: Optional[str]) -> Dict[str, Any]:
    if len(inputs) != len(outputs):
        raise ValueError("there are %d inputs and %d outputs" % (len(inputs), len(outputs)))
    if all(isinstance(text, str) for text in inputs + outputs):
        if not function:
            cases = [{"input": i, "output": o} for i, o in zip(inputs, outputs)]
            return {"tests": {"kind": "stdin", "cases": cases}}
        # verl's form: a line of JSON for each argument.
        calls = [
            {"args": [json.loads(line) for line in i.strip("\n").split("\n") if line.strip()], "expected": _value(o)}
            for i, o in zip(inputs, outputs)
        ]
        return {"tests": {"kind": "calls", "function_name": function, "cases": calls}}
    # APPS' own form, with lists of arguments and results in lists, which the service reads as the data set's.
    body = {"inputs": inputs, "outputs": outputs}
    if function:
        body["fn_name"] = function
    return {"question": "", "input_output": json.dumps(body)}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.rstrip("\n")


def sample(label: Any, completion: Any) -> Dict[str, Any]:
    """A sample of POST /v1/reward. Raises ValueError for a label that says no tests."""
    problem = to_problem(label)
    named = "task_id" if isinstance(problem, str) else "problem"
    return {named: problem, "completion": text_of(completion)}


def text_of(completion: Any) -> str:
    """The text of a completion: a string, a message, or messages, of which the last of the assistant's counts."""
    if completion is None:
        return ""
    if isinstance(completion, str):
        return completion
    if isinstance(completion, dict):
        return text_of(completion.get("content", completion.get("text")))
    items = list(completion)
    if items and isinstance(items[0], dict) and "role" in items[0]:
        spoken = [item for item in items if item.get("role") == "assistant"]
        return text_of(spoken[-1] if spoken else None)
    return "".join(text_of(item) for item in items)


_ENDS = re.compile(r"(?:\s*(?:<\|[A-Za-z0-9_]{1,40}\|>|<｜[^｜<>]{1,40}｜>|</s>|<s>|<eos>|<pad>|<end_of_turn>))+\s*\Z")


def answer_of(query: str, prompt: Optional[str]) -> str:
    """What follows the prompt in a query of OpenRLHF's, without special tokens at its end."""
    if prompt:
        at = query.find(prompt)
        if at != -1:
            query = query[at + len(prompt) :]
    # Only the end can match; cutting first keeps the search short.
    head, tail = query[:-2000], query[-2000:]
    return head + _ENDS.sub("", tail)


# ---------------------------------------------------------------------------------------------------------------- client

_TRANSIENT_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504))
_TRANSIENT_KINDS = frozenset(("busy", "late", "stopping", "gone", "internal", "infrastructure_error", "unreachable"))
_CHUNK_BYTES = 8 << 20
_FAILURES = 3


class _Again(Exception):
    """This try came to nothing; another may not. `after` is what the service asked to wait, seconds."""

    def __init__(self, kind: str, message: str, after: float = 0.0):
        super().__init__(message)
        self.kind, self.after = kind, after


class Client:
    """A service's clients share its connections between threads; a forked process opens its own. See the module for
    the settings; `backoff` is the first pause before another try, in seconds (0.5), which doubles up to 30."""

    def __init__(
        self,
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        set: Optional[str] = None,
        rule: Union[None, str, Dict[str, Any]] = None,
        format_penalty: Optional[float] = None,
        options: Optional[Dict[str, Any]] = None,
        timeout: Optional[float] = None,
        retry_seconds: Optional[float] = None,
        batch: Optional[int] = None,
        parallel: Optional[int] = None,
        backoff: Optional[float] = None,
    ):
        address = urllib.parse.urlsplit(url or _setting("URL", "http://127.0.0.1:8080"))
        if address.scheme not in ("http", "https") or not address.hostname:
            raise AssayConfigError("ASSAY_URL must be http://host:port", "config")
        self._secure, self._host, self._port = address.scheme == "https", address.hostname, address.port
        self._path = address.path.rstrip("/") + "/v1/reward"
        token = token if token is not None else _setting("TOKEN", "")
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = "Bearer " + token
        self._set = set or _setting("SET", "") or None
        self._timeout = float(timeout or _setting("TIMEOUT", "300"))
        self._retry_seconds = float(retry_seconds if retry_seconds is not None else _setting("RETRY_SECONDS", "600"))
        self._batch = max(1, int(batch or _setting("BATCH", "64")))
        self._parallel = max(1, int(parallel or _setting("PARALLEL", "8")))
        self._backoff = float(backoff if backoff is not None else _setting("BACKOFF", "0.5"))
        self._options = options if options is not None else json.loads(_setting("OPTIONS", "{}"))
        rule = rule or _setting("RULE", "binary")
        if isinstance(rule, str):
            rule = json.loads(rule) if rule.lstrip().startswith("{") else {"kind": rule}
        request: Dict[str, Any] = {"rule": rule}
        penalty = float(format_penalty if format_penalty is not None else _setting("FORMAT_PENALTY", "0"))
        if penalty:
            request["format_penalty"] = penalty
        self._head = json.dumps(request)[:-1]
        self._forget()
        _clients.add(self)

    def grade(self, samples: Sequence[Any], *, retry_seconds: Optional[float] = None) -> List[Outcome]:
        """An outcome for each sample, in order. A sample is a dict of POST /v1/reward, or a ValueError for one whose
        label says no tests. Raises AssayConfigError only."""
        until = time.monotonic() + (self._retry_seconds if retry_seconds is None else retry_seconds)
        outcomes: List[Optional[Outcome]] = [None] * len(samples)
        texts: Dict[int, str] = {}
        for index, one in enumerate(samples):
            try:
                if isinstance(one, Exception):
                    raise one
                texts[index] = json.dumps(self._complete(one), allow_nan=False)
            except (TypeError, ValueError) as error:
                outcomes[index] = Outcome(None, None, "bad_label", str(error))
        chunks = list(self._chunk(texts))
        work = [lambda chunk=chunk: self._grade_chunk(chunk, texts, until) for chunk in chunks]
        if len(work) == 1:
            found = [work[0]()]
        else:
            found = [future.result() for future in [self._threads().submit(one) for one in work]]
        for chunk, results in zip(chunks, found):
            for index, outcome in zip(chunk, results):
                outcomes[index] = outcome
        return [outcome or Outcome(None, None, "unreachable", "no answer") for outcome in outcomes]

    async def grade_async(self, samples: Sequence[Any]) -> List[Outcome]:
        """`grade` in a thread, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(None, self.grade, samples)

    def close(self) -> None:
        """Closes idle connections. The client can be used again afterwards."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _complete(self, one: Dict[str, Any]) -> Dict[str, Any]:
        extra: Dict[str, Any] = {}
        if self._options and "options" not in one:
            extra["options"] = self._options
        if self._set is not None and "task_id" in one:
            extra["set"] = self._set
        return {**one, **extra}

    def _chunk(self, texts: Dict[int, str]) -> Iterable[List[int]]:
        # Small enough that every request of the call has some.
        most = min(self._batch, max(1, -(-len(texts) // self._parallel)) if len(texts) > self._batch else self._batch)
        chunk: List[int] = []
        size = 0
        for index, text in texts.items():
            if chunk and (len(chunk) >= most or size + len(text) > _CHUNK_BYTES):
                yield chunk
                chunk, size = [], 0
            chunk.append(index)
            size += len(text)
        if chunk:
            yield chunk

    def _grade_chunk(self, chunk: List[int], texts: Dict[int, str], until: float) -> List[Outcome]:
        """Asks until every sample has a final answer or the time is over; only what has none is sent again."""
        outcomes: Dict[int, Outcome] = {}
        left, pause, failures = list(chunk), self._backoff, 0
        while True:
            after = 0.0
            try:
                outcomes.update(self._ask(left, texts, until))
                left = [index for index in left if outcomes[index].kind in _TRANSIENT_KINDS]
                # The service has tried such a sample on several cells already.
                failures += any(outcomes[index].kind == "infrastructure_error" for index in left)
                if failures >= _FAILURES:
                    left = [index for index in left if outcomes[index].kind != "infrastructure_error"]
                if not left:
                    break
            except _Again as fault:
                after = fault.after
                for index in left:
                    outcomes[index] = Outcome(None, None, fault.kind, str(fault))
            # Not all clients at the same moment: they would only be refused together again.
            wait = max(after, min(pause, 30.0) * (0.5 + random.random()))
            if time.monotonic() + wait >= until:
                break
            time.sleep(wait)
            pause *= 2
        return [outcomes[index] for index in chunk]

    def _ask(self, indices: List[int], texts: Dict[int, str], until: float) -> Dict[int, Outcome]:
        """One request, or several where the service says that one sample or the size is at fault."""
        body = '%s, "samples": [%s]}' % (self._head, ",".join(texts[index] for index in indices))
        status, headers, text = self._post(body.encode("utf-8"), until)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        error = answer.get("error") if isinstance(answer, dict) else None
        kind = str(error.get("kind")) if isinstance(error, dict) else "http_%d" % status
        message = str(error.get("message")) if isinstance(error, dict) else "HTTP %d" % status
        if status == 200 and isinstance(answer, dict):
            return self._read(indices, answer)
        if status in _TRANSIENT_STATUS or status == 200:
            raise _Again(kind if kind in _TRANSIENT_KINDS else "unreachable", message, _retry_after(headers))
        if status == 413 and len(indices) > 1:
            half = len(indices) // 2
            return {**self._ask(indices[:half], texts, until), **self._ask(indices[half:], texts, until)}
        field = str(error.get("field") or "") if isinstance(error, dict) else ""
        blamed = re.match(r"samples\[(\d+)\]\.?(.*)", field)
        if status == 413 or (blamed and int(blamed.group(1)) < len(indices)):
            at = 0 if status == 413 else int(blamed.group(1))  # type: ignore[union-attr]
            where = "" if status == 413 else blamed.group(2) + ": "  # type: ignore[union-attr]
            rest = indices[:at] + indices[at + 1 :]
            outcomes = self._ask(rest, texts, until) if rest else {}
            outcomes[indices[at]] = Outcome(None, None, "bad_request", where + message)
            return outcomes
        raise AssayConfigError("%s answered %d: %s %s" % (self._path, status, field, message), kind)

    def _read(self, indices: List[int], answer: Dict[str, Any]) -> Dict[int, Outcome]:
        rewards, verdicts, errors = (answer.get(name) for name in ("rewards", "verdicts", "errors"))
        if not (isinstance(rewards, list) and len(rewards) == len(indices)):
            raise _Again("unreachable", "the answer is not for these samples")
        verdicts = verdicts if isinstance(verdicts, list) else [None] * len(rewards)
        errors = errors if isinstance(errors, list) else [None] * len(rewards)
        outcomes = {}
        for index, reward, verdict, error in zip(indices, rewards, verdicts, errors):
            if isinstance(reward, (int, float)) and not isinstance(reward, bool):
                outcomes[index] = Outcome(float(reward), verdict)
            else:
                error = error if isinstance(error, dict) else {}
                kind = str(error.get("kind") or "infrastructure_error")
                outcomes[index] = Outcome(None, verdict, kind, str(error.get("message") or ""))
        return outcomes

    # -- connections

    def _post(self, body: bytes, until: float) -> Tuple[int, Any, bytes]:
        """One request over a kept connection; one that the service has closed meanwhile is replaced at once."""
        while True:
            kept = self._take()
            timeout = max(1.0, min(self._timeout, until - time.monotonic()))
            connection = kept or self._connect(timeout)
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            # The service is to answer, if only that it is late, while somebody listens.
            headers = {**self._headers, "X-Assay-Deadline-Ms": str(int(900 * timeout))}
            try:
                connection.request("POST", self._path, body, headers)
                response = connection.getresponse()
                text = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                stale = isinstance(error, (ConnectionError, http.client.NotConnected, http.client.RemoteDisconnected))
                if kept is not None and stale:
                    continue
                raise _Again("unreachable", "%s: %s" % (type(error).__name__, error)) from None
            except BaseException:
                connection.close()
                raise
            if response.will_close:
                connection.close()
            else:
                with self._lock:
                    self._idle.append(connection)
            return response.status, response.headers, text

    def _take(self) -> Optional[http.client.HTTPConnection]:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def _threads(self) -> concurrent.futures.ThreadPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = concurrent.futures.ThreadPoolExecutor(self._parallel, "assay")
            return self._executor

    def _forget(self) -> None:
        """Neither connections nor threads nor a lock can be shared with the process that this one was forked from."""
        self._lock = threading.Lock()
        self._idle: List[http.client.HTTPConnection] = []
        self._executor: Optional[concurrent.futures.ThreadPoolExecutor] = None


_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()
_shared: Dict[Any, Client] = {}


def _after_fork() -> None:
    for client in list(_clients):
        client._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _setting(name: str, default: str) -> str:
    return os.environ.get("ASSAY_" + name, "") or default


def _retry_after(headers: Any) -> float:
    """Seconds; the form with a date is taken for a second."""
    value = headers.get("Retry-After")
    if value is None:
        return 0.0
    return min(float(value), 120.0) if re.fullmatch(r"\d{1,6}", value.strip()) else 1.0


# What verl hands to every reward function where a reward model is there too.
_OF_VERL = ("reward_router_address", "reward_model_tokenizer")


def _client(**settings: Any) -> Client:
    """The client of these settings and of the environment as it is now; one for all threads of a process."""
    for name in _OF_VERL:
        settings.pop(name, None)
    environment = tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith("ASSAY_")))
    key = (environment, json.dumps(settings, sort_keys=True))
    client = _shared.get(key)
    if client is None:
        client = _shared.setdefault(key, Client(**settings))
    return client


def _samples(labels: Iterable[Any], completions: Iterable[Any]) -> List[Any]:
    made: List[Any] = []
    for label, completion in zip(labels, completions):
        try:
            made.append(sample(label, completion))
        except (TypeError, ValueError, KeyError) as error:
            made.append(ValueError(str(error)))
    return made


def _number(outcome: Outcome, on_fault: Union[None, str, float]) -> float:
    if outcome.reward is not None:
        return outcome.reward
    on_fault = on_fault if on_fault is not None else _setting("ON_FAULT", "raise")
    if on_fault == "raise":
        raise AssayFault(outcome.message or "the sample could not be graded", outcome.kind or "fault")
    return float(on_fault)


def _number_or_none(outcome: Outcome) -> Optional[float]:
    if outcome.reward is not None:
        return outcome.reward
    on_fault = _setting("ON_FAULT", "")
    return None if on_fault in ("", "raise", "none") else float(on_fault)


# ------------------------------------------------------------------------------------------------------------------ verl


def compute_score(
    data_source: Any,
    solution_str: str,
    ground_truth: Any,
    extra_info: Any = None,
    *,
    detail: bool = False,
    on_fault: Union[None, str, float] = None,
    **settings: Any,
) -> Union[float, Dict[str, Any]]:
    """verl's custom_reward_function for one sample. `reward_kwargs` may hold the settings of `Client`; with
    `detail` the answer is a dict, whose `accepted` becomes a metric. Raises AssayFault for what could not be graded."""
    (outcome,) = _client(**settings).grade(_samples([ground_truth], [solution_str]))
    score = _number(outcome, on_fault)
    if not detail:
        return score
    return {"score": score, "accepted": float(outcome.verdict == "accepted"), "fault": float(outcome.reward is None)}


def compute_score_batch(
    data_sources: Sequence[Any],
    solution_strs: Sequence[str],
    ground_truths: Sequence[Any],
    extra_infos: Any = None,
    *,
    on_fault: Union[None, str, float] = None,
    **settings: Any,
) -> List[float]:
    """The same for verl's batch reward manager: all samples in a few requests."""
    return [_number(one, on_fault) for one in _client(**settings).grade(_samples(ground_truths, solution_strs))]


# -------------------------------------------------------------------------------------------------------------- OpenRLHF


def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_: Any) -> Dict[str, Any]:
    """OpenRLHF's local reward function: tensors where torch is there. Raises AssayFault for what could not be graded."""
    answers = [answer_of(query, prompt) for query, prompt in zip(queries, prompts)]
    outcomes = _client().grade(_samples(labels, answers))
    rewards = [_number(outcome, None) for outcome in outcomes]
    return {
        "rewards": _tensor(rewards),
        "scores": _tensor([min(1.0, max(0.0, reward)) for reward in rewards]),
        "extra_logs": {"accepted": _tensor([float(outcome.verdict == "accepted") for outcome in outcomes])},
    }


def _tensor(values: List[float]) -> Any:
    try:
        import torch
    except ImportError:
        return values
    return torch.tensor(values, dtype=torch.float32)


# ------------------------------------------------------------------------------------------------------- TRL and ms-swift

_LABEL_COLUMNS = (
    "ground_truth reward_model verification_info verifier_metadata unit_tests test_cases tests input_output label labels "
    "task_id problem_id"
).split()


def _labels(columns: Dict[str, Any], count: int, column: Optional[str]) -> List[Any]:
    """The labels of a batch, out of the data set's columns."""
    wanted = column or _setting("LABEL", "")
    names = [wanted] if wanted else [name for name in _LABEL_COLUMNS if columns.get(name) is not None]
    if not names or columns.get(names[0]) is None:
        looked = wanted or ", ".join(_LABEL_COLUMNS)
        found = ", ".join(sorted(columns)) or "none"
        raise AssayConfigError("no column of labels: looked for %s, found %s. Set ASSAY_LABEL" % (looked, found), "config")
    labels = columns[names[0]]
    if isinstance(labels, (str, dict)) or len(labels) != count:
        raise AssayConfigError("column %s is not aligned with the completions" % names[0], "config")
    if names[0] == "input_output":
        return [json.loads(one) if isinstance(one, str) else one for one in labels]
    return list(labels)


def make_trl_reward(label: Optional[str] = None, name: str = "assay_reward", **settings: Any) -> Any:
    """A reward function for TRL's GRPOTrainer: `label` is the column with the labels, the rest settings of `Client`."""

    def reward(
        prompts: Any = None, completions: Sequence[Any] = (), completion_ids: Any = None, **columns: Any
    ) -> List[Optional[float]]:
        samples = _samples(_labels(columns, len(completions), label), completions)
        return [_number_or_none(outcome) for outcome in _client(**settings).grade(samples)]

    reward.__name__ = reward.__qualname__ = name
    return reward


def make_trl_reward_async(label: Optional[str] = None, name: str = "assay_reward", **settings: Any) -> Any:
    """The same as an `async def`, which TRL runs beside the other reward functions."""

    async def reward(
        prompts: Any = None, completions: Sequence[Any] = (), completion_ids: Any = None, **columns: Any
    ) -> List[Optional[float]]:
        samples = _samples(_labels(columns, len(completions), label), completions)
        return [_number_or_none(outcome) for outcome in await _client(**settings).grade_async(samples)]

    reward.__name__ = reward.__qualname__ = name
    return reward


trl_reward = make_trl_reward(name="trl_reward")
trl_reward_async = make_trl_reward_async(name="trl_reward_async")

_ORM: Any = object
_AsyncORM: Any = object
_orms: Optional[Dict[str, Any]] = None
if "swift" in sys.modules:  # it is ms-swift that loads this file as a plugin; no other trainer is to wait for its import
    for _module in ("swift.rewards", "swift.plugin"):  # version 4, version 3
        try:
            _swift = importlib.import_module(_module)
            _ORM, _orms = _swift.ORM, _swift.orms
        except (ImportError, AttributeError):
            continue
        _AsyncORM = getattr(_swift, "AsyncORM", object)
        break


def _begin(base: Any, orm: Any, args: Any, kwargs: Any) -> None:
    """Some versions of ms-swift hand their arguments to the constructor of the base, in others it takes none."""
    if base.__init__ is not object.__init__:
        base.__init__(orm, *args, **kwargs)


class AssayORM(_ORM):  # type: ignore[misc,valid-type]
    """ms-swift's outcome reward model; None for what could not be graded."""

    def __init__(self, *args: Any, **kwargs: Any):
        _begin(_ORM, self, args, kwargs)

    def __call__(self, completions: Sequence[Any], **columns: Any) -> List[Optional[float]]:
        return trl_reward(completions=completions, **columns)


class AssayAsyncORM(_AsyncORM):  # type: ignore[misc,valid-type]
    """The same for ms-swift's asynchronous rewards."""

    def __init__(self, *args: Any, **kwargs: Any):
        _begin(_AsyncORM, self, args, kwargs)

    async def __call__(self, completions: Sequence[Any], **columns: Any) -> List[Optional[float]]:
        return await trl_reward_async(completions=completions, **columns)


if _orms is not None:
    _orms["assay"] = AssayORM
    if _AsyncORM is not object:
        _orms["assay_async"] = AssayAsyncORM

# ----------------------------------------------------------------------------------------------------------------- AReaL

# AsyncRewardWrapper takes a function that has not answered after 15 s for a reward of 0.
_AREAL_SECONDS = 12.0


def areal_reward_fn(prompt: Any, completions: Any, prompt_ids: Any = None, completion_ids: Any = None, **columns: Any) -> float:
    """AReaL's reward function. Raises AssayFault, which AReaL tries again, before its wrapper would call it a 0."""
    (label,) = _labels({name: [value] for name, value in columns.items() if value is not None}, 1, None)
    seconds = min(_AREAL_SECONDS, float(_setting("RETRY_SECONDS", "600")))
    client = _client(timeout=min(_AREAL_SECONDS, float(_setting("TIMEOUT", "300"))))
    (outcome,) = client.grade(_samples([label], [completions]), retry_seconds=seconds)
    return _number(outcome, None)
