"""What a service can be asked, here or on a server: signatures and help, once for both."""

from __future__ import annotations

from csserv.many_requests import ManyRequests
from csserv.methods.data_methods import DataMethods
from csserv.methods.request_methods import RequestMethods, Sender
from csserv.methods.task_methods import TaskMethods


class ServiceMethods(DataMethods, RequestMethods, TaskMethods, ManyRequests):
    """All of them; a method that says nothing of itself has the help of the one it stands for."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, method in vars(cls).items():
            if callable(method) and method.__doc__ is None and not name.startswith("_"):
                method.__doc__ = getattr(getattr(super(cls, cls), name, None), "__doc__", None)


__all__ = ["Sender", "ServiceMethods"]
