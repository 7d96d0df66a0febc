"""The recorded host replays an archive as a machine would answer."""

import errno
from pathlib import Path

import pytest

from footprint.collectors.recorded_host import BadArchiveError, RecordedHost

HOSTS = Path(__file__).parent.parent / "hosts"

ARCHIVE = """# a machine for this test
# made by hand
== /sys/plain
one
two
== /sys/series series
1

!EIO
4
== /sys/timed timed
0 10
2.5 20
4 !ENOENT
== /sys/denied series
!EACCES
== /sys/folder/
== /sys/folder/inner/deep
x
== /empty
"""


@pytest.fixture
def host():
    return RecordedHost.from_text(ARCHIVE)


def test_a_plain_file_gives_its_lines_at_every_read(host):
    assert host.read_text("/sys/plain") == host.read_text("/sys/plain") == "one\ntwo"
    assert host.open("/sys/plain").read() == b"one\ntwo\n"


def test_a_series_gives_one_line_a_read_and_keeps_its_last(host):
    handle = host.open("/sys/series")
    assert [handle.read(), handle.read()] == [b"1\n", b""]
    with pytest.raises(OSError, match="Input/output error") as caught:
        handle.read()
    assert caught.value.errno == errno.EIO
    assert [handle.read(), handle.read()] == [b"4\n", b"4\n"]


def test_a_timed_file_follows_the_hosts_own_clock(host):
    handle = host.open("/sys/timed")
    assert handle.read() == b"10\n"
    host.sleep(2.5)
    assert handle.read() == b"20\n"
    host.sleep(2)
    with pytest.raises(FileNotFoundError):
        handle.read()
    assert not host.exists("/sys/timed")
    assert "timed" not in host.list_dir("/sys")


def test_the_clock_moves_by_sleep_alone(host):
    before_s = host.wall()
    assert host.monotonic() == host.monotonic() == 0
    host.sleep(1.5)
    assert (host.monotonic(), host.wall() - before_s) == (1.5, 1.5)


def test_denied_and_missing_files_fail_when_they_are_opened(host):
    with pytest.raises(PermissionError, match="Permission denied"):
        host.open("/sys/denied")
    with pytest.raises(FileNotFoundError):
        host.read_text("/sys/nothing")
    with pytest.raises(IsADirectoryError):
        host.open("/sys/folder")


def test_folders_list_what_lies_in_them_and_a_missing_one_is_empty(host):
    assert host.list_dir("/sys") == ["denied", "folder", "plain", "series", "timed"]
    assert host.list_dir("/sys/folder/") == host.list_proc("/sys/folder") == ["inner"]
    assert host.list_dir("/nothing") == []
    assert host.exists("/sys/folder")
    assert not host.exists("/sys/fold")


def test_an_empty_file_is_empty(host):
    assert host.read_head("/empty") == ""
    assert host.read_proc("/empty") == b""


@pytest.mark.parametrize(
    "text",
    ["== relative\nx\n", "== /a\n1\n== /a\n2\n", "== /a sometimes\n1\n", "== /a timed\nsoon 3\n", "== /a series\n"],
)
def test_a_broken_archive_is_refused(text):
    with pytest.raises(BadArchiveError):
        RecordedHost.from_text(text)


@pytest.mark.parametrize("path", sorted(HOSTS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_archive_reads_and_says_where_it_comes_from(path):
    what, origin = RecordedHost.from_archive(str(path)).provenance.splitlines()
    assert what.endswith(".")
    assert origin.startswith(("Hand-made after ", "Recorded on "))
