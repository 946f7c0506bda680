"""Functions served by a pool of actors that hold a model: what ``register Ray`` builds and calls.

``UDFBuilder.build`` makes (or renews) the pool, ``UDFBuilder.apply`` makes one call to it. The pool's
master is a detached actor named like the SQL function, in the namespace ``default``.
"""

from pyjava.udf.builder import UDFBuilder
from pyjava.udf.builtin import UDFBuildInFunc
from pyjava.udf.master import UDFMaster
from pyjava.udf.worker import UDFWorker

__all__ = ["UDFBuildInFunc", "UDFBuilder", "UDFMaster", "UDFWorker"]
