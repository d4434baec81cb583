import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.operations.backup.tar import BLOCK, BadHeader, Header, NameTooLong, padding

names = st.lists(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20), min_size=1, max_size=6
).map("/".join)
headers = st.builds(Header, names, st.integers(0, 2**60), st.integers(0, 2**32))


@given(headers)
def test_a_header_says_what_it_was_made_of(header: Header) -> None:
    assert Header.of(header.to_bytes()) == header
    assert len(header.to_bytes()) == BLOCK


@given(headers)
def test_every_tar_reads_it(header: Header) -> None:
    found = tarfile.TarInfo.frombuf(header.to_bytes(), "utf-8", "strict")

    assert (found.name, found.size, found.mtime) == (header.name, header.size, header.time)
    assert found.isreg()
    assert (found.uid, found.gid, found.mode) == (0, 0, 0o644)


@given(headers, st.integers(0, BLOCK * 8 - 1))
def test_any_other_bit_makes_it_no_header(header: Header, bit: int) -> None:
    block = bytearray(header.to_bytes())
    block[bit // 8] ^= 1 << bit % 8

    with pytest.raises(BadHeader):
        Header.of(bytes(block))


def test_links_and_devices_are_no_headers() -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
        info = tarfile.TarInfo("replays/x")
        info.type, info.linkname = kind, "/etc/passwd"

        with pytest.raises(BadHeader):
            Header.of(info.tobuf(tarfile.USTAR_FORMAT))


def test_a_name_of_a_hundred_bytes_is_cut_at_a_slash_and_a_longer_part_refused() -> None:
    long = "replays/" + "x" * 100
    assert Header.of(Header(long, 1, 0).to_bytes()).name == long

    with pytest.raises(NameTooLong):
        Header("replays/" + "x" * 101, 1, 0).to_bytes()


def test_python_lists_a_member_and_its_content() -> None:
    content = b"hello"
    archive = Header("FORMAT", len(content), 0).to_bytes() + content
    archive += bytes(padding(len(content)) + 2 * BLOCK)

    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        [member] = opened.getmembers()
        extracted = opened.extractfile(member)
        assert extracted is not None
        assert extracted.read() == content
