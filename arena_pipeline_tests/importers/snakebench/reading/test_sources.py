"""Every document below the paths named comes, in order; what can't be one comes with the reason."""

import gzip
import io
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard

from arena_pipeline.importers.snakebench.reading import archives, sources
from arena_pipeline.importers.snakebench.reading.sources import (
    Document,
    NothingToImport,
    Read,
    find_sources,
    named_from,
)


def documents(*paths: Path) -> list[Document]:
    return [found for found in find_sources(paths).read() if isinstance(found, Document)]


def told(found: Sequence[Document], root: Path) -> list[tuple[str, str | bytes]]:
    return [
        (one.path.removeprefix(f"{root}/"), one.refused if one.refused else one.content)
        for one in found
    ]


def tar_of(members: Sequence[tuple[str, bytes]], format_: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format_) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_a_folder_is_read_to_its_depths_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", "a/deep/y.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())

    assert told(documents(tmp_path), tmp_path) == [
        ("a/deep/y.json", b"a/deep/y.json"),
        ("a/z.json", b"a/z.json"),
        ("b.json", b"b.json"),
    ]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")

    assert len(documents(tmp_path, tmp_path / "a.json", tmp_path)) == 1


def test_a_path_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport, match=r"nowhere\.json"):
        find_sources([tmp_path / "nowhere.json"])


def test_a_path_that_leads_nowhere_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "there").symlink_to("back")
    (tmp_path / "back").symlink_to("there")

    for path in (tmp_path / "there", Path("~nobody-has-this-name/games")):
        with pytest.raises(NothingToImport, match=str(path)):
            find_sources([path])


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.json").write_bytes(b"{}")
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / "round").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.json")

    assert told(documents(folder), folder) == [
        ("link.json", "it is a link, and links are not followed"),
        ("pipe.json", "it is no plain file"),
        ("round", "it is a link, and links are not followed"),
    ]


def test_a_file_of_another_kind_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("models: []")

    assert "neither in .json" in str(documents(tmp_path)[0].refused)


def test_each_line_is_a_document_and_empty_ones_are_none(tmp_path: Path) -> None:
    (tmp_path / "headers.jsonl").write_bytes(b'{"a": 1}\r\n\r\n{"b": 2}\n   \n{"c": 3}')

    assert told(documents(tmp_path), tmp_path) == [
        ("headers.jsonl:1", b'{"a": 1}'),
        ("headers.jsonl:3", b'{"b": 2}'),
        ("headers.jsonl:5", b'{"c": 3}'),
    ]


def test_what_is_larger_than_any_game_is_refused_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LARGEST", 100)
    (tmp_path / "a.json").write_bytes(b"x" * 101)
    (tmp_path / "b.jsonl").write_bytes(b"y" * 1000 + b"\n{}\n")
    (tmp_path / "c.tar").write_bytes(tar_of([("big.json", b"z" * 700), ("small.json", b"{}")]))

    found = told(documents(tmp_path), tmp_path)

    assert [path for path, _ in found] == [
        "a.json", "b.jsonl:1", "b.jsonl:2", "c.tar::big.json", "c.tar::small.json",
    ]  # fmt: skip
    assert [isinstance(what, str) for _, what in found] == [True, True, False, True, False]


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz", ".tar.zst"])
@pytest.mark.parametrize("format_", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_an_archive_gives_its_members_whatever_packs_it(
    tmp_path: Path, suffix: str, format_: int
) -> None:
    long = "n" * (90 if format_ == tarfile.USTAR_FORMAT else 300) + ".json"
    members = [("rounds/a.json", b"{}"), (long, b"x" * 512), ("../../up.json", b"y" * 513)]
    plain = tar_of(members, format_)
    packed = {
        ".tar": plain,
        ".tar.zst": zstandard.compress(plain),
    }.get(suffix, gzip.compress(plain))
    (tmp_path / f"x{suffix}").write_bytes(packed)

    found = documents(tmp_path)

    assert told(found, tmp_path) == [(f"x{suffix}::{name}", content) for name, content in members]
    assert sorted(path.name for path in tmp_path.rglob("*")) == [f"x{suffix}"]


def test_two_packed_files_one_after_the_other_are_one(tmp_path: Path) -> None:
    plain = tar_of([("a.json", b"{}"), ("b.json", b"[]")])
    (tmp_path / "x.tar.zst").write_bytes(
        zstandard.compress(plain[:700]) + zstandard.compress(plain[700:])
    )

    assert len(documents(tmp_path)) == 2


def test_links_and_devices_in_an_archive_are_refused_by_name(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name, kind in (
            ("soft.json", tarfile.SYMTYPE),
            ("hard.json", tarfile.LNKTYPE),
            ("device.json", tarfile.CHRTYPE),
            ("folder", tarfile.DIRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("readme.txt"))

    assert told(documents(tmp_path), tmp_path) == [
        ("x.tar::soft.json", "it is a link, not a file"),
        ("x.tar::hard.json", "it is a link, not a file"),
        ("x.tar::device.json", "it is a device, not a file"),
        ("x.tar::readme.txt", "its name does not end in .json"),
    ]


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.zst"])
def test_of_an_archive_that_was_cut_off_what_came_before_counts(
    tmp_path: Path, suffix: str
) -> None:
    noise = [os.urandom(3000) for _ in range(20)]
    plain = tar_of([(f"{number}.json", content) for number, content in enumerate(noise)])
    packed = {".tar": plain, ".tar.gz": gzip.compress(plain)}.get(suffix, zstandard.compress(plain))
    (tmp_path / f"x{suffix}").write_bytes(packed[: len(packed) * 2 // 3])

    *whole, last = documents(tmp_path)

    assert [one.content for one in whole] == noise[: len(whole)]
    assert last.path == str(tmp_path / f"x{suffix}")
    assert "cut off" in str(last.refused)
    assert "what came before counts" in str(last.refused)


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.zst"])
def test_what_is_no_archive_is_one_refused_document(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"x{suffix}").write_bytes(b"no archive at all" * 100)

    [one] = documents(tmp_path)

    assert "damaged" in str(one.refused)


def test_a_file_that_unpacks_without_end_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "BOMB_BYTES", 2**20)
    plain = tar_of([("a.json", b"{}"), ("b.json", b"\0" * 2**24), ("c.json", b"{}")])
    (tmp_path / "x.tar.zst").write_bytes(zstandard.compress(plain))

    *_, last = documents(tmp_path)

    assert "unpacks to more than" in str(last.refused)


def test_a_name_of_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**30
    (tmp_path / "x.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096)

    [one] = documents(tmp_path)

    assert "a name of 1,073,741,824 bytes" in str(one.refused)


@pytest.mark.parametrize("key", ["path", "size"])
def test_a_number_of_thousands_of_digits_breaks_only_its_archive(tmp_path: Path, key: str) -> None:
    value = "9" * 5_000
    length = value if key == "path" else str(len(value) + 11)
    record = f"{length} {key}={value}\n".encode()
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, len(record)
    header = info.tobuf(tarfile.USTAR_FORMAT) + record + b"\0" * (-len(record) % 512)
    (tmp_path / "a.tar").write_bytes(header + tar_of([("lost.json", b"{}")]))
    (tmp_path / "b.json").write_bytes(b"{}")

    damaged, whole = documents(tmp_path)

    assert "it is damaged" in str(damaged.refused)
    assert whole.refused is None


def test_a_name_that_is_no_text_is_told_as_far_as_it_is(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a\udcff.json")
    (tmp_path / "x.tar").write_bytes(
        info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape") + b"\0" * 1024
    )

    [one] = documents(tmp_path)

    assert one.path.endswith("x.tar::a\ufffd.json")
    assert one.path.encode()


def test_progress_goes_by_the_bytes_of_the_files_to_their_end(tmp_path: Path) -> None:
    plain = tar_of([(f"{number}.json", os.urandom(5000)) for number in range(20)])
    (tmp_path / "x.tar.zst").write_bytes(zstandard.compress(plain))
    (tmp_path / "y.jsonl").write_bytes(b"{}\n" * 50)
    found = find_sources([tmp_path])

    done = [one.done for one in found.read() if isinstance(one, Read)]

    assert done == sorted(done)
    assert done[-1] == found.size == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert len(set(done)) > 40


def test_documents_are_told_from_the_one_folder_named_or_as_they_were_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    alone, archive = named_from([Path("a")]), named_from([Path("./b.tar.gz")])
    several = named_from([Path("a"), Path("b.jsonl"), tmp_path / "a" / "b"])

    assert alone(f"{tmp_path}/a/b/c.json") == "b/c.json"
    assert alone(f"{tmp_path}/a") == "a"
    assert alone(f"{tmp_path}/ab/c.json") == f"{tmp_path}/ab/c.json"
    assert archive(f"{tmp_path}/b.tar.gz::c.json") == "b.tar.gz::c.json"
    assert several(f"{tmp_path}/a/c.json") == "a/c.json"
    assert several(f"{tmp_path}/a/b/c.json") == f"{tmp_path}/a/b/c.json"
    assert several(f"{tmp_path}/b.jsonl:7") == "b.jsonl:7"


def test_the_list_of_models_is_told_to_be_that(tmp_path: Path) -> None:
    for name in ("model_list.yaml", "other.yaml"):
        (tmp_path / name).touch()

    read = find_sources([tmp_path], tmp_path / "model_list.yaml").read()

    assert [one.refused[:25] for one in read if isinstance(one, Document) and one.refused] == [
        "it is the list of models,",
        "its name ends neither in ",
    ]
