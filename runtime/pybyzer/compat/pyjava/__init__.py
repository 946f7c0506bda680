"""The package that Byzer's Python cells import, on our own workers: tables come as shared Arrow memory."""

from pyjava.api.mlsql import PythonContext, RayContext

__version__ = "0.6.21"
__all__ = ["PythonContext", "RayContext"]
