"""Servers below HTTP, for answers that no proper server gives."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server below HTTP: `talk` gets each connection after the request came in."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with closing(connection):
            try:
                connection.recv(65536)
                talk(connection)
            except OSError:
                return  # the client has had enough, as it should

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # the test is over
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def trickle(connection: socket.socket, text: bytes) -> None:
    """Send `text` a little later again, until the client hangs up."""
    while True:
        connection.sendall(text)
        threading.Event().wait(0.02)
