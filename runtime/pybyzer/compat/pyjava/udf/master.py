"""The master of a pool: makes its workers, lends them out, renews them without a pause."""

from __future__ import annotations

import threading
import time
from typing import Any, Dict, List, Optional, Tuple

import ray

from pyjava.udf.worker import UDFWorker

PIECE = 8 << 20
"""Bytes of a directory in one object of the store."""
DEFAULT_WORKERS = 3
NAMESPACE = "default"


class Master:
    """A detached actor with the name of the SQL function. It owns the model's objects and the workers."""

    def __init__(
        self,
        num: int = 0,
        conf: Optional[Dict[str, str]] = None,
        init_func: Any = None,
        apply_func: Any = None,
    ) -> None:
        self._conf: Dict[str, str] = dict(conf or {})
        self._functions = (init_func, apply_func)
        self._num = num
        self._refs: Dict[int, List[Any]] = {}
        self._version = 0
        self._workers: List[Any] = []
        self._busy: List[int] = []
        self._used: List[float] = []
        self._requests = 0
        self._change = threading.Condition()
        self._loading = threading.Lock()

    # -- making workers ------------------------------------------------------------------------

    def load(self, num: int, conf: Dict[str, str], init_func: Any, apply_func: Any, model: Any = None) -> int:
        """New workers with new functions and a new model (a part of a table); the old ones serve until
        the new are ready, and go on if those fail. Returns the number of workers."""
        with self._loading:
            version = self._version + 1
            self._refs[version] = [] if model is None else [ray.put(row) for row in pieces(model)]
            workers = [self._made(version, conf, init_func, apply_func) for _ in range(num)]
            try:
                ray.get([worker.build_model.remote() for worker in workers])
            except BaseException:
                for worker in workers:
                    ray.kill(worker)
                del self._refs[version]
                raise
            with self._change:
                old = self._workers
                self._conf, self._num = dict(conf), num
                self._functions = (init_func, apply_func)
                self._refs.pop(self._version, None)
                self._version, self._workers = version, workers
                self._busy, self._used = [0] * num, [0.0] * num
                self._change.notify_all()
            for worker in old:
                worker.shutdown.remote()
            return num

    def create_workers(self, conf: Dict[str, str]) -> None:
        """Workers for the functions this master was made with."""
        self.load(self._num or count(conf), conf, *self._functions)

    def create_worker(self, index: int, conf: Dict[str, str]) -> Any:
        """One more worker like the others; its model is being built."""
        worker = self._made(self._version, conf, *self._functions)
        worker.build_model.remote()
        with self._change:
            self._workers[index] = worker
        return worker

    def create_worker_conf(self, conf: Dict[str, str]) -> Dict[str, Any]:
        """Ray's options for a worker: ``num_cpus``, ``num_gpus``, ``resource.<name>``."""
        found: Dict[str, Any] = {"num_cpus": float(conf.get("num_cpus", 0))}
        if "num_gpus" in conf:
            found["num_gpus"] = float(conf["num_gpus"])
        custom = {k.split(".", 1)[1]: float(v) for k, v in conf.items() if k.startswith("resource.")}
        if custom:
            found["resources"] = custom
        return found

    def reload_worker(self, index: int) -> None:
        """A new worker in the place of one; the model is built again."""
        old = self._workers[index]
        ray.get(self.create_worker(index, self._conf).build_model.remote())
        old.shutdown.remote()

    def _made(self, version: int, conf: Dict[str, str], init_func: Any, apply_func: Any) -> Any:
        options = dict(
            self.create_worker_conf(conf),
            max_restarts=-1,
            max_task_retries=2,
            max_concurrency=max(1, int(conf.get("workerMaxConcurrency", 1))),
        )
        return UDFWorker.options(**options).remote(ModelOf(conf, version), conf, init_func, apply_func)

    # -- lending them out ----------------------------------------------------------------------

    def model_refs(self, version: int) -> List[Any]:
        """The references of the model's rows; its workers ask for them, also when they are restarted."""
        return self._refs[version]

    def workers(self) -> List[Any]:
        """All workers."""
        return list(self._workers)

    def get(self, index: int = -1) -> Tuple[int, Any]:
        """An idle worker (the one that rested longest) and its number; give it back after the call."""
        limit = self.get_worker_max_concurrency()
        until = time.monotonic() + float(self._conf.get("timeout", 600))
        with self._change:
            while True:
                free = [i for i, busy in enumerate(self._busy) if busy < limit and index in (-1, i)]
                if free:
                    break
                left = until - time.monotonic()
                if left <= 0 or not self._change.wait(left):
                    raise TimeoutError("No idle UDFWorker")
            chosen = min(free, key=self._used.__getitem__)
            self._busy[chosen] += 1
            self._used[chosen] = time.time()
            self._requests += 1
            return chosen, self._workers[chosen]

    def give_back(self, index: int) -> None:
        """End of a loan."""
        with self._change:
            if index < len(self._busy):
                self._busy[index] = max(0, self._busy[index] - 1)
            self._change.notify_all()

    def reset(self) -> None:
        """Forget all loans."""
        with self._change:
            self._busy = [0] * len(self._workers)
            self._change.notify_all()

    def get_worker_max_concurrency(self) -> int:
        """Calls that one worker takes at a time."""
        return max(1, int(self._conf.get("workerMaxConcurrency", 1)))

    def stat(self) -> Dict[str, Any]:
        """How busy the pool is; the keys are the original's."""
        busy = sum(1 for count in self._busy if count)
        return {
            "total_workers": len(self._workers),
            "busy_workers": busy,
            "idle_workers": len(self._workers) - busy,
            "load_balance_strategy": self._conf.get("load_balance", "lru"),
            "total_requests": self._requests,
            "state": list(self._busy),
            "worker_max_concurrency": self.get_worker_max_concurrency(),
            "workers_last_work_time": list(self._used),
            "worker_state": ray.get([worker.stat.remote() for worker in self._workers]),
        }

    def shutdown(self) -> None:
        """End the pool."""
        for worker in self._workers:
            ray.kill(worker)
        ray.actor.exit_actor()


class ModelOf:
    """The model of a version of a pool; calling it asks the master, who owns the objects."""

    def __init__(self, conf: Dict[str, str], version: int) -> None:
        self._name = conf["UDF_CLIENT"]
        self._version = version

    def __call__(self) -> List[Any]:
        master = ray.get_actor(self._name, namespace=NAMESPACE)
        return list(ray.get(master.model_refs.remote(self._version)))


def count(conf: Dict[str, str]) -> int:
    """Workers of a pool."""
    text = conf.get("maxConcurrency", str(DEFAULT_WORKERS))
    if not text.strip().isdigit() or int(text) < 1:
        raise ValueError('maxConcurrency must be a whole number from 1, not "%s"' % text)
    return int(text)


def pieces(part: Any) -> Any:
    """The rows of a model; those of a directory checked, and joined to fewer, larger ones."""
    from pyjava.storage import streaming_tar

    if list(part.names) != ["start", "offset", "value"]:
        for row in part.rows():
            yield row
        return
    gathered: List[bytes] = []
    start = size = 0
    for value in streaming_tar.checked(part.rows()):
        gathered.append(value)
        size += len(value)
        if size >= PIECE:
            yield {"start": start, "offset": size, "value": b"".join(gathered)}
            start, size, gathered = start + size, 0, []
    if gathered:
        yield {"start": start, "offset": size, "value": b"".join(gathered)}


UDFMaster = ray.remote(max_concurrency=64, num_cpus=0)(Master)
