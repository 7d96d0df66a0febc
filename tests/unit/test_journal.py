"""A run's journal: what is written is read again; what is cut is closed with the newest whole frame."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from footprint import journal
from footprint import journal_form as form
from footprint.collectors.channel import Channel, Refusal
from footprint.records.raw import (
    Allocation,
    Edge,
    Event,
    Frame,
    GpuShare,
    HeldUse,
    HostInfo,
    IdlePower,
    RegionRef,
    RunEnd,
    RunHead,
    Settings,
    SpanName,
)

HEAD = RunHead(
    "01JFPTEST00000000000000000", 1_764_000_000.123,
    HostInfo("abc", "Linux", "Some CPU", 8, 1, 4, 16.0, False, None, True, ("Some GPU",)),
    RegionRef("FR", "flag", "aws:eu-west-3", "note"),
    Settings("all", 1.2, 0.5),
    name="été ✓", project="p", tags={"k": "v"}, group="g", rank=1, parent="P", continues="C",
    channels=(Channel("cpu", "package-0", "rapl_powercap", "rapl-counter", "counter", "rapl:package-0", range_j=1e3),),
    refusals=(Refusal("dram", "dram-0", "rapl_powercap", "why", "fix"),),
    allocation=Allocation(4.0, 8.0, True, ("gpu-0",), "cpuset"),
    idle={"package-0": IdlePower(3.0, "lowest-seen")},
    notes=("a note",), program="0.1.0", catalogue="2026.11",
)  # fmt: skip


def frame(t):
    return Frame(t, (t * 1.5, None), 100.0 + t, t / 3, 2, 1.0, (GpuShare(0.5, None, 2, 1),), ((0, 0.25),), 0.01, False)


def test_a_closed_run_is_read_as_it_was_written(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    frames = [frame(float(t)) for t in range(4)]
    for one in frames:
        log.frame(one)
        log.newest(one)
    edge, event = Edge("gpu-0", "stop", 3.0, 2.9, 1.0, 3.1, 2.0), Event(1.0, "gpu-0", "failed", "why")
    log.edge(edge)
    log.event(event)
    end = RunEnd(3.0, "completed", 7, "ValueError", {"images": 5.0}, (SpanName(0, "a", None, 2),), None)
    log.close(end)
    raw = journal.read(log.path)
    assert raw.head == HEAD
    assert raw.frames == tuple(frames)
    assert (raw.edges, raw.events, raw.end, raw.crashed) == ((edge,), (event,), end, False)


def test_a_run_is_live_until_its_writer_lets_go(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    assert journal.is_live(log.path)
    assert not journal.read(log.path).crashed
    log.abandon()
    assert not journal.is_live(log.path)
    assert journal.read(log.path).crashed


def test_a_run_that_was_cut_off_ends_with_its_newest_frame(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    log.frame(frame(0.0))
    for t in (1.0, 2.0, 3.0):
        log.newest(frame(t))
    log.abandon()
    assert [one.t_s for one in journal.read(log.path).frames] == [0.0, 3.0]


def test_a_torn_slot_falls_back_to_the_one_before(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    log.frame(frame(0.0))
    log.newest(frame(1.0))
    log.newest(frame(2.0))
    log.abandon()
    data = bytearray(Path(log.path).read_bytes())
    at = data.index(b"[2,[2.0")
    data[at + 3] ^= 0xFF
    assert [one.t_s for one in journal.parse(bytes(data)).frames] == [0.0, 1.0]


def test_every_truncation_is_read_or_refused_and_frames_are_a_prefix(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    frames = [frame(float(t)) for t in range(3)]
    for one in frames:
        log.frame(one)
    log.close(RunEnd(2.0, "completed", 0))
    data = Path(log.path).read_bytes()
    for length in range(0, len(data), 7):
        try:
            raw = journal.parse(data[:length])
        except journal.Unreadable:
            continue
        assert raw.frames == tuple(frames[: len(raw.frames)])


def test_what_is_no_journal_is_refused_with_a_reason():
    with pytest.raises(journal.Unreadable, match="no journal"):
        journal.parse(b"hello")


def test_a_home_that_cannot_be_made_leaves_nothing_behind(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotADirectoryError):
        journal.Journal(str(tmp_path / "file"), HEAD)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_large_end_still_finds_room(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    log.frame(frame(0.0))
    spans = tuple(SpanName(number, f"span {number}", None) for number in range(500))
    log.close(RunEnd(1.0, "completed", 0, spans=spans))
    assert journal.read(log.path).end.spans == spans
    assert os.path.getsize(log.path) < 60_000


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    log = journal.Journal(str(tmp_path), HEAD)
    ready, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        log.abandon()
        os.write(write, b"x")
        os.read(ready, 0)
        os.execvp("sleep", ["sleep", "5"])
    os.read(ready, 1)
    log.abandon()
    live = journal.is_live(log.path)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    assert not live


def test_a_reader_that_looks_just_then_does_not_cost_the_run(tmp_path):
    """Somebody asks without pause which journals are live, while others are made: each is made, and live at once."""
    code = (
        "import os, sys\nfrom footprint import journal\nfolder = sys.argv[1] + '/journals'\nprint('on', flush=True)\n"
        "while True:\n"
        "    for name in os.listdir(folder):\n"
        "        if name.endswith('.fpj'): journal.is_live(os.path.join(folder, name))\n"
    )
    (tmp_path / "journals").mkdir()
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as reader:
        reader.stdout.readline()
        for number in range(300):
            log = journal.Journal(str(tmp_path), HEAD._replace(run_id=f"RUN{number}"))
            assert journal.is_live(log.path)
            log.discard()
        reader.kill()


def test_a_closed_run_whose_timeline_was_cut_by_a_full_disk_keeps_its_last_frame(tmp_path):
    """Counters are cumulative: with the newest frame no joule is lost, only detail."""
    log = full_after_two_frames(tmp_path)
    log.newest(frame(2.0))
    log.close(RunEnd(2.0, "completed", 0, lost=log.lost))
    raw = journal.read(log.path)
    assert [one.t_s for one in raw.frames] == [0.0, 1.0, 2.0]
    assert raw.frames[-1] == frame(2.0)
    assert raw.end is not None


def test_on_a_full_disk_a_frame_with_too_many_spans_for_its_slot_is_kept_without_them(tmp_path):
    log = full_after_two_frames(tmp_path)
    log.newest(frame(2.0)._replace(spans=tuple((number, 0.001) for number in range(500))))
    log.abandon()
    assert journal.read(log.path).frames[-1] == frame(2.0)._replace(spans=())


@pytest.mark.parametrize("units", [{"images": 5.0}, {f"unit number {number}": 1.0 for number in range(500)}])
def test_on_a_full_disk_a_run_is_closed_with_as_much_of_its_end_as_there_is_room_for(tmp_path, units):
    log = full_after_two_frames(tmp_path)
    spans = tuple(SpanName(number, f"span number {number}", None) for number in range(1_000))
    log.close(RunEnd(1.0, "completed", 3, None, units, spans))
    end = journal.read(log.path).end
    assert (end.status, end.exit_code, end.spans) == ("completed", 3, ())
    assert end.units == (units if len(units) == 1 else {})
    assert end.lost == "File too large"


def full_after_two_frames(tmp_path):
    """A journal on a disk that is full now, as far as a limit on the file's size can stand for that."""
    log = journal.Journal(str(tmp_path), HEAD)
    for t in (0.0, 1.0):
        log.frame(frame(t))
    return Limited(log, os.stat(log.path).st_size)


class Limited:
    """Each call to the journal is made under a limit on the size of files."""

    def __init__(self, log, size):
        self._log, self._size = log, size
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def __getattr__(self, name):
        found = getattr(self._log, name)
        if not callable(found):
            return found

        def limited(*arguments):
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self._size, before[1]))
            try:
                return found(*arguments)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        return limited


def test_the_journal_never_gets_the_number_of_a_closed_stream(tmp_path):
    """Else what a library prints to file descriptor 2 would go into it."""
    code = (
        f"import os,sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); os.close(0); os.close(2)\n"
        "from test_journal import HEAD; from footprint import journal\n"
        f"log = journal.Journal({str(tmp_path)!r}, HEAD); print(log._fd > 2)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr


def test_who_asks_whether_a_run_is_live_does_not_cost_it_its_journal(tmp_path):
    """The question takes the lock for an instant; a run that begins just then waits for it."""
    folder = tmp_path / "journals"
    folder.mkdir()
    code = (
        "import sys, os; from footprint import journal\n"
        f"folder = {str(folder)!r}\n"
        "print('asking', flush=True)\n"
        "while True:\n"
        "    for name in os.listdir(folder): journal.is_live(os.path.join(folder, name))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout.readline() == "asking\n"
        try:
            for number in range(300):
                journal.Journal(str(tmp_path), HEAD._replace(run_id=f"01JFPTEST{number:017}")).abandon()
        finally:
            asking.kill()


@pytest.mark.parametrize(
    "later",
    [
        {},
        {"held": HeldUse(1.5, None, False, 2.0, 8.0, True)},
        {"steal_s": 0.25},
        {"held": HeldUse(1.5), "steal_s": 0.25},
        {"gpu_held_s": (0.5,)},
    ],
)
def test_what_is_held_is_read_as_it_was_written_and_costs_nothing_where_there_is_nothing(later):
    one = frame(1.0)._replace(**later)
    content = json.loads(json.dumps(form.frame_content(one)))
    assert form.frame_from(content) == one
    assert len(content) == (13 if "gpu_held_s" in later else 10 + bool(later) + ("steal_s" in later))


def test_frames_of_earlier_and_later_versions_are_read():
    content = json.loads(json.dumps(form.frame_content(frame(1.0))))
    assert form.frame_from([*content, [1.5, None, None, 0.0, 0.0, False, "new"], None, [], "newer"]).held == HeldUse(
        1.5
    )


def test_a_head_of_an_earlier_version_has_no_word_of_who_limits_memory_and_gpus():
    content = json.loads(json.dumps(form.plain(HEAD)))
    for name in ("memory_how", "memory_alone", "gpus_how"):
        del content["allocation"][name]
    assert form.head_from(content) == HEAD
