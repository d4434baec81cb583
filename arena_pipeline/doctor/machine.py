"""The machine around the arena: its data folder, free disk, the UI's port, files that killed
processes left behind.
"""

import errno
import http.client
import os
import shutil
import socket
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from arena_pipeline.doctor.findings import Finding
from arena_pipeline.settings import Settings

LITTLE_DISK = 2 * 10**9
NO_DISK = 200 * 10**6
"""Bytes free below which the disk is worth a look, and below which recording is about to fail."""

LEFTOVER_AGE = timedelta(hours=1)
"""A younger file may belong to a process at work."""

_PROBE_S = 2.0


class Port(StrEnum):
    """Who has the UI's port."""

    FREE = "free"
    DAGSTER = "dagster"
    STRANGER = "stranger"
    FORBIDDEN = "forbidden"
    NO_SUCH_HOST = "no_such_host"


def folder(settings: Settings) -> Finding:
    """Whether the data folder is there and can be written."""
    root = settings.root
    if not root.is_dir():
        return Finding.fail("data folder", f"{root} is not there", "arena up --no-serve makes it")
    if not os.access(root, os.W_OK | os.X_OK):
        return Finding.fail(
            "data folder",
            f"{root} can't be written",
            "give it the right permissions or set ARENA_DATA_DIR",
        )
    return Finding.ok("data folder", str(root))


def disk(settings: Settings) -> Finding:
    """Whether there is room for replays and the store."""
    there = next(path for path in (settings.root, *settings.root.parents) if path.exists())
    return judge_disk(shutil.disk_usage(there).free)


def judge_disk(free: int) -> Finding:
    """From the bytes that are free."""
    what = f"{free / 1e9:,.1f} GB free"
    if free < NO_DISK:
        return Finding.fail("disk", what, "free some space before anything is recorded")
    if free < LITTLE_DISK:
        return Finding.warn(
            "disk", what, "free some space, or move the data folder (ARENA_DATA_DIR)"
        )
    return Finding.ok("disk", what)


def port(settings: Settings) -> Finding:
    """Whether the UI can have its port, or has it."""
    return judge_port(who_has(settings.host, settings.port), settings.host, settings.port)


def judge_port(port: Port, host: str, number: int) -> Finding:
    """From who has it."""
    where = f"{host}:{number}"
    match port:
        case Port.FREE:
            return Finding.ok("port", f"{where} is free")
        case Port.DAGSTER:
            return Finding.ok("port", f"a Dagster UI answers at http://{where}")
        case Port.STRANGER:
            return Finding.warn(
                "port",
                f"{where} is taken by another program",
                "set ARENA_PORT, or arena up --port N",
            )
        case Port.FORBIDDEN:
            return Finding.fail(
                "port", f"{where} may not be used by this user", "set ARENA_PORT to one above 1023"
            )
        case Port.NO_SUCH_HOST:
            return Finding.fail(
                "port", f"{host} is no address of this machine", "set ARENA_HOST, such as 127.0.0.1"
            )


def who_has(host: str, number: int) -> Port:
    """Try to bind the address; where somebody sits on it, ask whether it is Dagster."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except socket.gaierror:
        return Port.NO_SUCH_HOST
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            return Port.NO_SUCH_HOST
        if error.errno in (errno.EACCES, errno.EPERM):
            return Port.FORBIDDEN
        return Port.DAGSTER if _is_dagster(host, number) else Port.STRANGER
    return Port.FREE


def leftovers(settings: Settings, now: datetime) -> Finding:
    """Whether killed processes left half-written files where catalogs, exports and archives are
    written.
    """
    oldest = (now - LEFTOVER_AGE).timestamp()
    files = [
        *settings.catalog_dir.glob(".catalog-*"),
        *settings.export_dir.glob("*/.*.part"),
        *settings.archive_dir.glob("*/*/.*.part"),
    ]
    return judge_leftovers(sorted(file for file in files if _is_older(file, oldest)))


def judge_leftovers(files: Iterable[Path]) -> Finding:
    """From the files found."""
    found = list(files)
    if not found:
        return Finding.ok("leftovers", "no half-written files")
    return Finding.warn(
        "leftovers",
        f"{len(found)} half-written files of killed processes, such as {found[0]}",
        "delete them; nothing refers to them",
    )


def _is_older(file: Path, moment: float) -> bool:
    try:
        return file.stat().st_mtime < moment
    except FileNotFoundError:  # its process was alive and has just put it into place
        return False


def _is_dagster(host: str, number: int) -> bool:
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(anywhere.get(host, host), number, timeout=_PROBE_S)
    try:
        connection.request("GET", "/server_info")
        return b"dagster" in connection.getresponse().read(10_000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
