"""One actor of a pool: it holds a model and applies the user's function, to a call or to a batch of them."""

from __future__ import annotations

import asyncio
import collections
import inspect
import threading
from typing import Any, Callable, Deque, Dict, List, Optional, Sequence

import ray
from ray import cloudpickle

SHOWN = 120
"""Characters of a value in a message."""


class NotReady(RuntimeError):
    """A worker was asked before its model was there."""


class Stopped(Exception):
    """The caller of a batch does not want it any more."""


class FailedRow(Exception):
    """The user's function failed on one row of a batch."""

    def __init__(self, row: int, shown: str) -> None:
        super().__init__("row %d" % row)
        self.row = row
        self.shown = shown


class Worker:
    """``init_func(model_refs, conf)`` gives the model, ``apply_func(model, v)`` an answer ``{"value": ...}``.

    The functions may be pickled already: then they are only opened here, not where they pass through.
    ``model_refs`` is a list of references, or what gives it.
    """

    def __init__(self, model_refs: Any, conf: Dict[str, str], init_func: Any, apply_func: Any) -> None:
        self._model_refs = model_refs
        self._conf = conf
        self._init = init_func
        self._apply = apply_func
        self._model: Any = None
        self._ready = False
        self._active = 0
        self._token = ""
        self._building = threading.Lock()
        self._stopped: Deque[str] = collections.deque(maxlen=1000)

    # -- the model -----------------------------------------------------------------------------

    def build_model(self) -> None:
        """Call ``init_func``, once. A worker that Ray restarted does it at its first call."""
        with self._building:
            if self._ready:
                return
            self._init, self._apply = opened(self._init), opened(self._apply)
            refs = self._model_refs() if callable(self._model_refs) else self._model_refs
            self._model = self._init(refs, self._conf)
            self._ready = True

    def is_coroutine(self) -> bool:
        """Whether the user's function is an ``async def``."""
        return inspect.iscoroutinefunction(opened(self._apply))

    def stat(self) -> Dict[str, Any]:
        """``active_task`` and ``ready``."""
        return {"active_task": self._active, "ready": self._ready}

    def shutdown(self) -> None:
        """End this actor, after the calls that came before."""
        ray.actor.exit_actor()

    # -- calls ---------------------------------------------------------------------------------

    def apply(self, v: Sequence[Any]) -> Any:
        """One call: the user's function on a list of values."""
        self.build_model()
        self._active += 1
        try:
            return self._call(v)
        finally:
            self._active -= 1

    def async_apply(self, v: Sequence[Any]) -> Any:
        """The same; the caller awaits the reference."""
        return self.apply(v)

    def apply_batch(self, data: Any, name: str, token: str) -> Dict[str, Any]:
        """Many calls: an Arrow IPC stream with the arguments of each; the answers, or what failed."""
        from pybyzer_worker.script import pack
        from pybyzer_worker.tracebacks import describe

        self._active += 1
        self._token = token
        try:
            self.build_model()
            return {"rows": pack([self._answers(data, name, token)], ["result"]).obj}
        except Stopped:
            return {"stopped": True}
        except FailedRow as failed:
            cause = failed.__cause__
            assert cause is not None
            return {"failed": dict(describe(cause), row=failed.row, shown=failed.shown)}
        except Exception as error:
            return {"failed": dict(describe(error), row=None, shown="")}
        finally:
            self._active -= 1
            self._token = ""

    def stop(self, token: str) -> bool:
        """Give up a batch between two of its rows: that of this token, or all of a caller.

        True while such a batch is still running.
        """
        self._stopped.append(token)
        running = self._token
        return bool(running) and token in (running, running.partition(":")[0])

    def _is_stopped(self, token: str) -> bool:
        return bool(self._stopped) and (token in self._stopped or token.partition(":")[0] in self._stopped)

    def _answers(self, data: Any, name: str, token: str) -> Any:
        import pyarrow as pa
        from pybyzer_worker.columns import converted

        reader = pa.ipc.open_stream(data)
        batch = reader.read_next_batch()
        calls = arguments(batch.column(0))
        if getattr(self._apply, "batch", False):
            answers = self._at_once(calls)
        elif inspect.iscoroutinefunction(self._apply):
            answers = asyncio.run(self._concurrent(calls, token))
        else:
            answers = [self._row(number, v, token) for number, v in enumerate(calls)]
        return converted(answers, pa.field(name, reader.schema.field("result").type))

    def _row(self, number: int, v: Optional[List[Any]], token: str) -> Any:
        if self._is_stopped(token):
            raise Stopped()
        if v is None:
            return None
        try:
            return value_of(self._call(v))
        except Exception as error:
            raise FailedRow(number, shown(v)) from error

    def _at_once(self, calls: List[Optional[List[Any]]]) -> List[Any]:
        """One call for the values of all rows, for a function marked ``batch = True``."""
        joined = [item for v in calls if v is not None for item in v]
        if not joined:
            return [None if v is None else [] for v in calls]
        found = list(value_of(self._call(joined)))
        if len(found) != len(joined):
            raise ValueError("the function got %d values and answered %d" % (len(joined), len(found)))
        answers: List[Any] = []
        first = 0
        for v in calls:
            answers.append(None if v is None else found[first : first + len(v)])
            first += 0 if v is None else len(v)
        return answers

    def _concurrent(self, calls: List[Optional[List[Any]]], token: str) -> Any:
        """The answers of an ``async def`` function: ``workerMaxConcurrency`` calls run at a time."""
        slots = asyncio.Semaphore(int(self._conf.get("workerMaxConcurrency", "1")))
        # Functions in here, not methods: a class with an async method is another kind of actor.

        async def answer(number: int, v: Optional[List[Any]]) -> Any:
            async with slots:
                if self._is_stopped(token):
                    raise Stopped()
                if v is None:
                    return None
                try:
                    return value_of(await self._apply(self._model, v))
                except Exception as error:
                    raise FailedRow(number, shown(v)) from error

        async def answers() -> List[Any]:
            return list(await asyncio.gather(*(answer(number, v) for number, v in enumerate(calls))))

        return answers()

    def _call(self, v: Sequence[Any]) -> Any:
        if not self._ready:
            raise NotReady("UDFWorker is not ready")
        found = self._apply(self._model, v)
        return asyncio.run(found) if inspect.isawaitable(found) else found


def arguments(column: Any) -> List[Optional[List[Any]]]:
    """The argument of each SQL row: a list with one numpy array (or text) for each inner value."""
    from pybyzer_worker.rows import values

    inner = list(values(column.flatten()))
    found: List[Optional[List[Any]]] = []
    first = 0
    for length in column.value_lengths().to_pylist():
        found.append(None if length is None else inner[first : first + length])
        first += length or 0
    return found


def value_of(answer: Any) -> Any:
    """What counts of an answer: ``value``, else the first entry."""
    if not isinstance(answer, dict):
        kind = type(answer).__name__
        raise TypeError('the function must return {"value": ...}, not a %s: %s' % (kind, shown(answer)))
    if not answer:
        raise ValueError('the function returned {}, it must return {"value": ...}')
    found = answer["value"] if "value" in answer else next(iter(answer.values()))
    return found.tolist() if hasattr(found, "tolist") else found


class Packed:
    """A user's function on its way to a worker, with the code that its tracebacks show."""

    def __init__(self, function: Any, filename: str = "", code: str = "") -> None:
        self._data = cloudpickle.dumps(function)
        self._filename = filename
        self._code = code

    def open(self) -> Callable[..., Any]:
        """The function."""
        from pybyzer_worker.tracebacks import remember

        if self._code:
            remember(self._filename, self._code)
        return cloudpickle.loads(self._data)  # type: ignore[no-any-return]


def opened(function: Any) -> Callable[..., Any]:
    """A function, unpacked if need be."""
    return function.open() if isinstance(function, Packed) else function  # type: ignore[no-any-return]


def shown(value: Any) -> str:
    """A value for a message, cut to a readable length."""
    text = (
        repr([item.tolist()[:8] if hasattr(item, "tolist") else item for item in value][:4])
        if isinstance(value, list)
        else repr(value)
    )
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


# ``stop`` must get through while a batch runs.
Worker.stop = ray.method(concurrency_group="control")(Worker.stop)  # type: ignore[method-assign]
UDFWorker = ray.remote(concurrency_groups={"control": 1})(Worker)
