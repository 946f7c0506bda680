"""The session's end of a pool: batches of SQL rows go out to the workers, answers come back in order.

It lives in the process that ran registerCode; ``offer`` is the line that ``register Ray`` adds to that code.
"""

from __future__ import annotations

import ast
import itertools
import time
import uuid
from typing import Any, Dict, Iterator, List, Optional, Tuple

import ray
from pybyzer_worker.tracebacks import RemoteFailure

from pyjava.udf.builder import call, connect
from pyjava.udf.master import NAMESPACE, count
from pyjava.udf.worker import UDFWorker

LARGEST_CHUNK = 256
"""Rows in one message to a worker, at most: what can be stopped only as a whole is kept short."""
GRACE = 1.0
"""Seconds in which a worker may end the row it is at when its caller has been stopped."""
AHEAD = 2
"""Messages that wait at one worker, so that it is never idle between two."""


def offer(
    context: Any, name: str, predict: str = "", debug: bool = False, token: str = "", stop: str = ""
) -> None:
    """Let the session call the pool of function ``name``; ``predict`` is code that is run for each call.

    ``token`` marks this caller's batches; those marked ``stop`` are given up.
    """
    from pybyzer_worker import service

    connect()
    conf = dict(context.conf, UDF_CLIENT=name)
    custom = predict and not is_template(predict)
    workers = _predictors(predict, conf) if custom else _workers(name)
    if stop:
        give_up(workers, stop)
    service.offer(Pool(name, workers, token or uuid.uuid4().hex, debug).answer)


def give_up(workers: List[Any], token: str) -> None:
    """Stop a caller's batches. A worker that is still at a row of one after a while is started again."""
    busy = workers
    deadline = time.monotonic() + GRACE
    while busy:
        told = {worker.stop.remote(token): worker for worker in busy}
        answered, silent = ray.wait(list(told), num_returns=len(told), timeout=GRACE)
        busy = [told[reference] for reference in silent]
        busy += [told[reference] for reference in answered if _says_yes(reference)]
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for worker in busy:
        ray.kill(worker, no_restart=False)


def _says_yes(reference: Any) -> bool:
    try:
        return bool(ray.get(reference))
    except ray.exceptions.RayActorError:
        return False  # it died, and with it what it was at


class Pool:
    """The workers of one function."""

    def __init__(self, name: str, workers: List[Any], token: str, debug: bool) -> None:
        self._name = name
        self._workers = workers
        self._tokens = ("%s:%d" % (token, number) for number in itertools.count())
        self._debug = debug

    def answer(self, batch: Any) -> Any:
        """Column 0 has the arguments, the type of column ``result`` is wanted; one answer for each row."""
        import pyarrow as pa

        begin = time.perf_counter()
        kind = batch.schema.field("result").type
        answers = self._all(batch) if batch.num_rows else [pa.nulls(0, kind)]
        if self._debug:
            seconds = time.perf_counter() - begin
            print("%s: %d rows in %.3f s" % (self._name, batch.num_rows, seconds), flush=True)
        return pa.RecordBatch.from_arrays([pa.concat_arrays(answers)], names=["result"])

    def _all(self, batch: Any) -> List[Any]:
        """Deal out the chunks of a batch, each to the worker that has least to do."""
        chunks = list(self._chunks(batch))
        waiting = iter(range(len(chunks)))
        running: Dict[Any, Tuple[int, int]] = {}
        load = [0] * len(self._workers)
        answers: List[Any] = [None] * len(chunks)
        token = next(self._tokens)
        try:
            while True:
                for index in itertools.islice(waiting, max(0, AHEAD * len(load) - len(running))):
                    chosen = min(range(len(load)), key=load.__getitem__)
                    load[chosen] += 1
                    running[self._send(chosen, chunks[index][2], token)] = (index, chosen)
                if not running:
                    return answers
                ready, _ = ray.wait(list(running), num_returns=1)
                index, chosen = running.pop(ready[0])
                load[chosen] -= 1
                answers[index] = self._received(ready[0], *chunks[index][:2])
        except BaseException:
            for worker in self._workers:
                worker.stop.remote(token)
            raise

    def _chunks(self, batch: Any) -> Iterator[Tuple[int, int, Any]]:
        from pybyzer_worker.script import pack

        share = -(-batch.num_rows // (AHEAD * len(self._workers)))
        size = max(1, min(LARGEST_CHUNK, share))
        for first in range(0, batch.num_rows, size):
            part = batch.slice(first, size)
            yield first, part.num_rows, pack(part.columns, batch.schema.names).obj

    def _send(self, worker: int, data: Any, token: str) -> Any:
        return self._workers[worker].apply_batch.remote(data, self._name, token)

    def _received(self, reference: Any, first: int, rows: int) -> Any:
        import pyarrow as pa

        try:
            answer = ray.get(reference)
        except ray.exceptions.RayActorError as error:
            what = "%s: its workers died on rows %d to %d of a batch, also after they were started again"
            raise RemoteFailure(what % (self._name, first + 1, first + rows), "") from error
        if "failed" in answer:
            failed = answer["failed"]
            message = "%s failed: %s" % (self._name, failed["message"])
            if failed["row"] is not None:
                place = (self._name, first + failed["row"] + 1, failed["message"], failed["shown"])
                message = "%s failed on row %d of its batch: %s\nthe argument was %s" % place
            raise RemoteFailure(message, failed["traceback"], failed["module"])
        if "stopped" in answer:
            raise RemoteFailure("%s was stopped" % self._name, "")
        return pa.ipc.open_stream(answer["rows"]).read_next_batch().column(0)


def _workers(name: str) -> List[Any]:
    try:
        master = ray.get_actor(name, namespace=NAMESPACE)
    except ValueError:
        raise RemoteFailure(
            "there is no pool of the name %s: registerCode makes it with UDFBuilder.build" % name, ""
        ) from None
    workers = ray.get(master.workers.remote())
    if not workers:
        raise RemoteFailure("the pool %s has no workers; register it again" % name, "")
    return list(workers)


# -- predictCode ---------------------------------------------------------------------------------


def is_template(code: str) -> bool:
    """Whether the code only connects and calls ``UDFBuilder.apply``, as nearly all predictCode does."""
    body = [node for node in ast.parse(code).body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    if len(body) != 2 or not isinstance(body[0], ast.Assign) or not isinstance(body[1], ast.Expr):
        return False
    connected, applied = ast.unparse(body[0].value), ast.unparse(body[1].value)
    target = ast.unparse(body[0].targets[0])
    return connected.startswith("RayContext.connect(globals(),") and applied in (
        "UDFBuilder.apply(%s)" % target,
        "await UDFBuilder.async_apply(%s)" % target,
    )


def _predictors(code: str, conf: Dict[str, str]) -> List[Any]:
    """Workers that run predictCode for each row, once it compiles."""
    compile(code, PREDICT, "exec")
    options = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": 2}
    return [
        UDFWorker.options(**options).remote([], conf, prepared(code), predicted) for _ in range(count(conf))
    ]


PREDICT = "predictCode"


class prepared:
    """``init_func`` of such a worker: the compiled code and the conf."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __call__(self, model_refs: Any, conf: Dict[str, str]) -> Any:
        from pybyzer_worker import state
        from pybyzer_worker.tracebacks import remember

        remember(PREDICT, self._code)
        state.current = _Inside()
        return compile(self._code, PREDICT, "exec"), conf


def predicted(model: Any, v: List[Any]) -> Optional[Dict[str, Any]]:
    """``apply_func`` of such a worker: the first row that the code hands to ``build_result``."""
    from pyjava.api.context import PythonContext

    code, conf = model
    rows = [{"value": value} for value in v]
    context = PythonContext(None, rows, dict(conf))
    context.rayContext.mock_data = rows
    context.rayContext.is_in_mlsql = False
    exec(code, {"context": context, "data_manager": context, "__name__": "builtins"})
    items = context.output_data
    if hasattr(items, "to_dict"):
        items = items.to_dict("records")
    row = next(iter(items), None) if items is not None else None
    if row is None:
        raise ValueError("predictCode gave no row to build_result")
    return dict(row)


class _Inside:
    """What user code finds as its cell in a Ray worker: it is connected already."""

    class cluster:
        @staticmethod
        def join(url: str, options: Dict[str, Any]) -> None:
            """Any address is this cluster."""

        @staticmethod
        def connect() -> None:
            """Already done."""

        @staticmethod
        def announce() -> None:
            """Already done."""

        @staticmethod
        def installed() -> bool:
            """It is running."""
            return True


__all__ = ["Pool", "call", "is_template", "offer"]
