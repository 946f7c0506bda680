"""``rayfix.last`` and ``RayWrapper``: what code written for several Ray releases imports."""

from __future__ import annotations

from typing import Any, Callable


def last(func: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function to be pickled by value; goes under ``@ray.remote``. Our workers need no mark."""
    func.__module__ = "pyjava.rayfix.functions"
    return func


class RayWrapper:
    """Ray behind one name; what it does not define is Ray's own."""

    def __init__(self) -> None:
        import ray

        self.ray_instance = ray
        self.ray_version = ray.__version__

    def get_address(self) -> str:
        """The address of the cluster this process is connected to."""
        return str(self.ray_instance.get_runtime_context().gcs_address)

    def init(self, address: str, **kwargs: Any) -> Any:
        """Connect to a cluster."""
        kwargs.setdefault("namespace", "default")
        return self.ray_instance.init(address=address, ignore_reinit_error=True, **kwargs)

    def shutdown(self) -> None:
        """Disconnect."""
        self.ray_instance.shutdown()

    def options(self, actor: Any, **kwargs: Any) -> Any:
        """Options of an actor class; ``detached=True`` is today's ``lifetime="detached"``."""
        if kwargs.pop("detached", False):
            kwargs["lifetime"] = "detached"
        return actor.options(**kwargs)

    def get_actor(self, name: str) -> Any:
        """A named actor."""
        return self.ray_instance.get_actor(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ray_instance, name)
