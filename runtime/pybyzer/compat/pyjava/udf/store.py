"""A model's rows in Ray's object store."""

from __future__ import annotations

from typing import Any, List


def transfer_to_ob(udf_name: str, model_servers: Any) -> List[Any]:
    """The references of a model's rows; ``model_servers`` as in ``conf["modelServers"]``, or servers."""
    import ray

    from pyjava.api.mlsql import RayContext
    from pyjava.udf.master import pieces

    servers = RayContext.parse_servers(model_servers) if isinstance(model_servers, str) else model_servers
    return [ray.put(row) for server in servers for row in pieces(server.part())]
