"""An archive that is not what was written is refused, and the message names what is wrong."""

import hashlib
import random
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arena_pipeline.operations.backup import BackupError, check_backup
from arena_pipeline.operations.backup.manifest import format_line
from arena_pipeline.operations.backup.tar import BLOCK, END, Header, padding
from arena_pipeline_tests.operations.backup.filled import small_backup

Damage = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_backup(tmp_path_factory.mktemp("sound"))


def complaint(file: Path, content: bytes) -> str:
    """What is said of a backup with this content."""
    file.write_bytes(content)
    with pytest.raises(BackupError) as refused:
        check_backup(file)
    assert str(file) in str(refused.value)
    return str(refused.value)


def members(content: bytes) -> Iterator[tuple[Header, int, int]]:
    """Each member's header, and where the member begins and ends."""
    start = 0
    while any(block := content[start : start + BLOCK]):
        header = Header.of(block)
        end = start + BLOCK + header.size + padding(header.size)
        yield header, start, end
        start = end


def rebuilt(content: bytes, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> bytes:
    """The archive with other names and contents of members; None leaves one out."""
    made = b""
    for header, start, _ in members(content):
        body = content[start + BLOCK : start + BLOCK + header.size]
        changed = change(header.name, body)
        if changed is not None:
            name, body = changed
            made += Header(name, len(body), header.time).to_bytes() + body
            made += bytes(padding(len(body)))
    return made + END


def test_a_sound_backup_is_read_to_its_end(sound: Path) -> None:
    seen: list[tuple[int, int | None]] = []

    manifest = check_backup(sound, lambda done, total: seen.append((done, total)))

    assert manifest.store.matches == 3
    assert manifest.members["replays"] == 3
    assert manifest.left_out == 0
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {sound.stat().st_size}


def test_other_programs_read_it_and_its_sums(sound: Path, tmp_path: Path) -> None:
    with tarfile.open(sound) as opened:
        opened.extractall(tmp_path, filter="data")

    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert len(lines) == sum(check_backup(sound).members.values())


def test_a_backup_cut_anywhere_is_refused(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    chance = random.Random(1)
    borders = [end for _, _, end in members(content)]
    lengths = {
        1, 100, BLOCK - 1, BLOCK, *borders, *(border - 1 for border in borders),
        *(border + 1 for border in borders), len(content) - 1, len(content) - BLOCK,
        *(chance.randrange(1, len(content)) for _ in range(60)),
    }  # fmt: skip

    for length in lengths:
        assert re.search("cut short|no backup", complaint(tmp_path / "cut.tar", content[:length]))


def test_a_cut_backup_says_within_which_member(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    for header, start, _ in members(content):
        cut = content[: start + BLOCK + header.size // 2]
        assert f"cut short within {header.name};" in complaint(tmp_path / "cut.tar", cut)


def test_a_changed_byte_anywhere_is_refused(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    chance = random.Random(2)
    positions = [
        *(chance.randrange(len(content)) for _ in range(120)),
        *(start + chance.randrange(BLOCK) for _, start, _ in members(content) for _ in range(3)),
        *(end - 1 for _, _, end in members(content)),
        *(len(content) - 1 - chance.randrange(2 * BLOCK) for _ in range(5)),
    ]
    for position in positions:
        changed = bytearray(content)
        changed[position] ^= 1 << chance.randrange(8)
        complaint(tmp_path / "changed.tar", bytes(changed))


def test_a_changed_member_is_named(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    for header, start, _ in members(content):
        changed = bytearray(content)
        changed[start + BLOCK + header.size // 2] ^= 1
        assert header.name in complaint(tmp_path / "changed.tar", bytes(changed))


def test_members_that_changed_places_are_named(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    (a, a_start, a_end), (b, b_start, b_end) = [
        one for one in members(content) if one[0].name.startswith("replays/")
    ][:2]
    first, second = content[a_start:a_end], content[b_start:b_end]
    swapped = content[:a_start] + second + first + content[b_end:]

    assert f"{a.name} comes after {b.name}" in complaint(tmp_path / "swapped.tar", swapped)


def test_contents_that_changed_places_are_named(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    bodies = {
        header.name: content[start + BLOCK : start + BLOCK + header.size]
        for header, start, _ in members(content)
    }
    a, b, *_ = [name for name in bodies if name.startswith("replays/")]
    swap = {a: b, b: a}

    changed = rebuilt(content, lambda name, _: (name, bodies[swap.get(name, name)]))

    assert f"the content of {a}" in complaint(tmp_path / "swapped.tar", changed)


def test_a_member_that_is_gone_or_too_many_is_noticed(sound: Path, tmp_path: Path) -> None:
    content = sound.read_bytes()
    for gone in [header.name for header, _, _ in members(content)]:
        without = rebuilt(content, lambda name, body: None if name == gone else (name, body))  # noqa: B023
        complaint(tmp_path / "gone.tar", without)

    twice = b""
    for header, start, end in members(content):
        twice += content[start:end] * (2 if header.name == "models.yaml" else 1)
    assert "models.yaml comes after models.yaml" in complaint(tmp_path / "t.tar", twice + END)


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x", "/etc/passwd", "replays/../../x", "replays/./x", "arena.toml"],
)
def test_a_member_that_leads_out_or_does_not_belong_is_refused(
    sound: Path, tmp_path: Path, name: str
) -> None:
    evil = rebuilt(
        sound.read_bytes(),
        lambda old, body: (name, body) if old == "models.yaml" else (old, body),
    )

    assert f"holds {name!r}" in complaint(tmp_path / "evil.tar", evil)


def test_what_is_behind_the_end_is_refused(sound: Path, tmp_path: Path) -> None:
    assert "after its end" in complaint(tmp_path / "more.tar", sound.read_bytes() + b"\0")


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04" * 300, b"\x1f\x8b" * 900])
def test_another_file_is_no_backup(tmp_path: Path, content: bytes) -> None:
    assert "is no backup of an arena" in complaint(tmp_path / "other.zip", content)


def test_a_backup_of_another_format_says_so(sound: Path, tmp_path: Path) -> None:
    newer = rebuilt(
        sound.read_bytes(),
        lambda name, body: (name, format_line(2) if name == "FORMAT" else body),
    )

    said = complaint(tmp_path / "newer.tar", newer)

    assert "is in format 2, this program reads 1" in said


def test_what_is_not_there_or_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"There is no backup .*gone\.tar"):
        check_backup(tmp_path / "gone.tar")
    with pytest.raises(BackupError, match="can't be read"):
        check_backup(tmp_path)
