"""Running a practice server: a port, one event loop, an end."""

import contextlib
import errno
import resource
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arena_pipeline.errors import ArenaError
from arena_pipeline.practice.server import PracticeGateway, application

if TYPE_CHECKING:
    from uvicorn import Server

BACKLOG = 4096
"""Connections that may wait to be taken."""

_KEEP_ALIVE_S = 120
_END_S = 1


class PortTaken(ArenaError):
    """Somebody else listens where the practice server should."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a practice server is."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The server itself."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a gateway's `base_url` says."""
        return f"{self.url}/api/v1"

    @property
    def catalog_url(self) -> str:
        """What ARENA_CATALOG_URL says."""
        return f"{self.base_url}/models"


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[tuple[socket.socket, Address]]:
    """A socket that listens already, so that whoever is told of it may call at once. Port 0: any
    that is free. Raises PortTaken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"Port {port} on {host} is taken; choose another with --port"
                ) from error
            raise PortTaken(
                f"The practice server can't listen on {host}:{port}: {error.strerror}"
            ) from error
        bound.listen(BACKLOG)
        yield bound, Address(host, bound.getsockname()[1])


def serve(gateway: PracticeGateway, bound: socket.socket) -> None:
    """Answer calls in this process until it is stopped (Ctrl-C, SIGTERM)."""
    allow_many_connections()
    _server(gateway).run(sockets=[bound])


@contextlib.contextmanager
def served(gateway: PracticeGateway, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """A practice server in a thread of this process, for as long as the block lasts."""
    allow_many_connections()
    server = _server(gateway)
    with listening(host, port) as (bound, address):
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [bound]}, name="practice-server", daemon=True
        )
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def allow_many_connections() -> None:
    """Raise this process's limit of open files to what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _server(gateway: PracticeGateway) -> "Server":
    import uvicorn

    settings: dict[str, Any] = {
        "access_log": False,
        "log_config": None,
        "log_level": "critical",
        "lifespan": "off",
        "backlog": BACKLOG,
        "timeout_keep_alive": _KEEP_ALIVE_S,
        "timeout_graceful_shutdown": _END_S,
        "server_header": False,
    }
    return uvicorn.Server(uvicorn.Config(application(gateway), **settings))
