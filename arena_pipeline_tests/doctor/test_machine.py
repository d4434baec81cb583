"""Judgements about the machine, and the port and the files as they really are."""

import http.server
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena_pipeline.doctor.findings import Health
from arena_pipeline.doctor.machine import (
    LITTLE_DISK,
    NO_DISK,
    Port,
    folder,
    judge_disk,
    judge_port,
    leftovers,
    who_has,
)
from arena_pipeline.settings import Settings

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@contextmanager
def web_server(answer: bytes) -> Iterator[int]:
    """A server that gives `answer` to every question; yields its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Keep quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def hang_up(server: socket.socket) -> None:
    """Accept one caller and say nothing."""
    server.accept()[0].close()


@pytest.mark.parametrize(
    ("free", "health"),
    [
        (0, Health.FAIL),
        (NO_DISK - 1, Health.FAIL),
        (NO_DISK, Health.WARN),
        (LITTLE_DISK - 1, Health.WARN),
        (LITTLE_DISK, Health.OK),
    ],
)
def test_disk_space_is_judged_by_what_is_free(free: int, health: Health) -> None:
    assert judge_disk(free).health is health


@pytest.mark.parametrize("port", Port)
def test_every_answer_about_the_port_is_judged_and_what_is_wrong_has_advice(port: Port) -> None:
    finding = judge_port(port, "127.0.0.1", 3000)

    assert (finding.advice is None) == (finding.health is Health.OK)


def test_a_port_nobody_has_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]

    assert who_has("127.0.0.1", number) is Port.FREE


def test_dagster_is_told_from_other_servers() -> None:
    with web_server(b'{"dagster_webserver_version": "1.13"}') as number:
        assert who_has("127.0.0.1", number) is Port.DAGSTER
    with web_server(b"hello") as number:
        assert who_has("127.0.0.1", number) is Port.STRANGER


def test_a_server_that_talks_no_http_is_a_stranger() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        answering = threading.Thread(target=hang_up, args=(server,))
        answering.start()

        assert who_has("127.0.0.1", number) is Port.STRANGER
        answering.join()


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_this_machine_s_is_told(host: str) -> None:
    assert who_has(host, 3000) is Port.NO_SUCH_HOST


def test_the_data_folder_must_be_there(tmp_path: Path) -> None:
    assert folder(Settings.load(data_dir=tmp_path)).health is Health.OK
    assert folder(Settings.load(data_dir=tmp_path / "none")).health is Health.FAIL


def test_old_half_written_files_are_found_and_young_ones_left_alone(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    old, young = tmp_path / "catalog" / ".catalog-a1", tmp_path / "exports" / "snake" / ".x.1.part"
    for file, age in ((old, 7200), (young, 60)):
        file.parent.mkdir(parents=True)
        file.touch()
        os.utime(file, (NOW.timestamp() - age,) * 2)

    finding = leftovers(settings, NOW)

    assert finding.health is Health.WARN
    assert finding.what.startswith("1 half-written files")
    assert str(old) in finding.what


def test_an_arena_without_catalog_or_exports_has_no_leftovers(tmp_path: Path) -> None:
    assert leftovers(Settings.load(data_dir=tmp_path), NOW).health is Health.OK
