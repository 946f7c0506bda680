"""``UDFBuilder``: the two calls that templates of ``registerCode`` and ``predictCode`` make."""

from __future__ import annotations

from typing import Any

import ray

from pyjava.udf.master import NAMESPACE, UDFMaster, count
from pyjava.udf.worker import Packed


class UDFBuilder:
    """``build`` in registerCode, ``apply`` in predictCode."""

    @staticmethod
    def build(ray_context: Any, init_func: Any, apply_func: Any) -> None:
        """Make the pool of this function, or renew it: the old one serves until the new one is ready.

        ``init_func(model_refs, conf)`` gives the model, once for each worker; ``apply_func(model, v)``
        answers one call. A function marked ``batch = True`` gets the values of many calls at once.
        """
        conf = dict(ray_context.conf())
        if "UDF_CLIENT" not in conf:
            raise KeyError("UDF_CLIENT: UDFBuilder.build belongs into registerCode of register Ray")
        connect()
        functions = packed(init_func), packed(apply_func)
        master = _master(conf["UDF_CLIENT"])
        try:
            ray.get(master.load.remote(count(conf), conf, *functions, model_part(conf)))
        except Exception:
            if not ray.get(master.workers.remote()):
                ray.kill(master)
            raise
        ray_context.build_result([])

    @staticmethod
    def apply(ray_context: Any) -> None:
        """One call to the pool: the rows of the context are its argument, its answer is the result."""
        v = [row["value"] for row in ray_context.python_context.fetch_once_as_rows()]
        ray_context.build_result([call(ray_context.conf()["UDF_CLIENT"], v)])

    @staticmethod
    async def async_apply(ray_context: Any) -> None:
        """The same for code that awaits it."""
        UDFBuilder.apply(ray_context)


def call(name: str, v: Any) -> Any:
    """Apply the pool's function to one argument, on a worker that is free."""
    master = ray.get_actor(name, namespace=NAMESPACE)
    index, worker = ray.get(master.get.remote())
    try:
        return ray.get(worker.apply.remote(v))
    finally:
        master.give_back.remote(index)


def packed(function: Any) -> Packed:
    """A function of the running cell."""
    from pybyzer_worker import state

    if state.current is None:
        return Packed(function)
    return Packed(function, state.current.filename, state.current.code)


def connect() -> None:
    """Be connected to the cell's Ray."""
    from pybyzer_worker import state

    if state.current is not None:
        state.current.cluster.connect()
    elif not ray.is_initialized():
        ray.init(address="auto", namespace=NAMESPACE)


def model_part(conf: Any) -> Any:
    """The model table of this run, readable from every worker; None when there is none."""
    from pybyzer_worker import state

    from pyjava.api.mlsql import RayContext

    servers = RayContext.parse_servers(conf.get("modelServers", ""))
    if not servers or conf.get("standalone", "false").lower() == "true":
        return None
    part = servers[0].part()
    return part if state.current is None else state.current.cluster.shared(part)


def _master(name: str) -> Any:
    """The actor of that name; made if there is none."""
    return UDFMaster.options(
        name=name, namespace=NAMESPACE, lifetime="detached", get_if_exists=True, num_cpus=0
    ).remote()
