"""A run's journal: raw readings, written so that ``kill -9`` loses at most the last second.

At each look (every 0.9 s) the newest frame replaces the older of two slots; points of the timeline are appended; room
for the end is set aside at the start, so that a run can be closed on a full disk. The writer holds a lock
on the file: whoever can take the lock knows that the run is over.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from footprint import journal_form as form
from footprint.records.raw import Counted, Edge, Event, Frame, RawRun, RunEnd, RunHead

if sys.platform != "win32":
    import fcntl

FOLDER = "journals"
SUFFIX = ".fpj"
_MAKING = ".new"
_END_SIZE = 4_096
_SYNC_EVERY_S = 10.0
_LIVE_WITHOUT_LOCKS_S = 5.0
_FROM: Mapping[bytes, Callable[[Any], Any]] = {
    form.FRAME: form.frame_from, form.EDGE: form.edge_from, form.EVENT: form.event_from,
    form.COUNTS: form.counted_from, form.END: form.end_from,
}  # fmt: skip
"""By kind of record after the head, what makes its content of it. Kinds that are not known are left out."""


class Unreadable(Exception):  # noqa: N818 - a state of a file, not a fault of ours
    """The file holds no run that can be read; ``str()`` says why."""


def path_of(home: str, run_id: str) -> str:
    """Where a run's journal stands."""
    return os.path.join(home, FOLDER, run_id + SUFFIX)


class Journal:
    """The writer of one run's journal. Nothing here raises after it is open: what is lost is kept in ``lost``."""

    def __init__(self, home: str, head: RunHead) -> None:
        """Create the file and write the head. OSError where that cannot be done: nothing is left behind then."""
        folder = os.path.join(home, FOLDER)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.path = path_of(home, head.run_id)
        self.lost: str | None = None
        self._sequence = 0
        self._synced_t_s = 0.0
        content = form.record(form.HEAD, form.plain(head))
        self._areas = form.Areas(len(content), 1_024 + 256 * len(head.channels), _END_SIZE)
        # Made under another name: nobody may see a journal whose writer does not hold its lock yet. (Windows has no
        # such lock, and does not rename open files.)
        making = self.path + (_MAKING if sys.platform != "win32" else "")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._fd = _beyond_streams(os.open(making, flags, 0o600))
        try:
            if sys.platform != "win32":
                fcntl.flock(self._fd, fcntl.LOCK_EX)
            self._reserve(self._areas.frames_at)
            self._write(form.PREAMBLE_SIZE, content)
            self._write(0, form.preamble(self._areas))
            if making != self.path:
                os.rename(making, self.path)
        except OSError:
            os.close(self._fd)
            os.unlink(making)
            raise
        self._next = self._areas.frames_at

    def frame(self, frame: Frame) -> None:
        """Append a point of the timeline."""
        self._append(form.FRAME, form.frame_content(frame))

    def newest(self, frame: Frame) -> None:
        """Replace the older slot by the newest frame: what a killed run is closed with."""
        self._sequence += 1
        content = form.record(form.SLOT, [self._sequence, form.frame_content(frame)])
        if len(content) > self._areas.slot:  # many spans
            if self._append(form.FRAME, form.frame_content(frame)):
                return
            content = form.record(form.SLOT, [self._sequence, form.frame_content(frame._replace(spans=()))])
        self._attempt(self._areas.slots_at + (self._sequence & 1) * self._areas.slot, content)

    def event(self, event: Event) -> None:
        """Append what happened to a channel."""
        self._append(form.EVENT, form.plain(event))

    def edge(self, edge: Edge) -> None:
        """Append the refreshes of a slow counter around the run's start or stop."""
        self._append(form.EDGE, form.plain(edge))

    def counted(self, counted: Counted) -> None:
        """Append what a server had counted."""
        self._append(form.COUNTS, list(counted))

    def sync(self, t_s: float) -> None:
        """Every ten seconds, see to it that a power cut loses no more than that."""
        if t_s - self._synced_t_s < _SYNC_EVERY_S or self._fd < 0:
            return
        self._synced_t_s = t_s
        try:
            getattr(os, "fdatasync", os.fsync)(self._fd)
        except OSError as fault:
            self._lose(fault)

    def close(self, end: RunEnd) -> None:
        """Write the end, cut the file to its length and give up the lock. A second call is harmless."""
        if self._fd < 0:
            return
        content = form.record(form.END, form.plain(end))
        if len(content) <= self._areas.end:
            self._attempt(self._areas.end_at, content)
        elif not self._append(form.END, form.plain(end)):
            self._close_briefly(end)
        try:
            os.ftruncate(self._fd, self._next)
        except OSError as fault:
            self._lose(fault)
        self.abandon()

    def abandon(self) -> None:
        """Let go of the file without closing the run: in a forked child, which must not hold the lock."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def discard(self) -> None:
        """Remove the journal: nothing of this run is kept."""
        self.abandon()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def _close_briefly(self, end: RunEnd) -> None:
        """On a full disk, an end that fits into the room that was set aside: without its spans, else without units."""
        for less in (
            end._replace(context={}), end._replace(context={}, spans=()),
            end._replace(context={}, spans=(), units={}, error=None),
        ):  # fmt: skip
            content = form.record(form.END, form.plain(less._replace(lost=self.lost)))
            if len(content) <= self._areas.end:
                self._attempt(self._areas.end_at, content)
                return

    def _reserve(self, size: int) -> None:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._fd, 0, size)
        else:
            self._write(0, bytes(size))

    def _append(self, kind: bytes, content: object) -> bool:
        data = form.record(kind, content)
        if not self._attempt(self._next, data):
            return False
        self._next += len(data)
        return True

    def _attempt(self, offset: int, data: bytes) -> bool:
        if self._fd < 0:
            return False
        try:
            self._write(offset, data)
        except OSError as fault:
            self._lose(fault)
            return False
        return True

    def _write(self, offset: int, data: bytes) -> None:
        if hasattr(os, "pwrite"):
            written = os.pwrite(self._fd, data, offset)
        else:
            os.lseek(self._fd, offset, os.SEEK_SET)
            written = os.write(self._fd, data)
        if written != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _lose(self, fault: OSError) -> None:
        if self.lost is None:
            self.lost = fault.strerror or str(fault)


def _beyond_streams(fd: int) -> int:
    """A descriptor that nobody takes for stdin, stdout or stderr: where those are closed, it would get their number."""
    if fd > 2 or sys.platform == "win32":
        return fd
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return moved


def is_live(path: str) -> bool:
    """Whether the run is still being written: its writer holds the lock. False where the file is gone.

    Windows has no such lock: there a run counts as live while its file is young.
    """
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        if sys.platform == "win32":
            return time.time() - os.fstat(fd).st_mtime < _LIVE_WITHOUT_LOCKS_S
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def read(path: str) -> RawRun:
    """A run from its journal. A run without an end is ``crashed`` unless its writer still lives.

    Raises ``Unreadable`` where there is no whole head, OSError where the file cannot be read.
    """
    live = is_live(path)
    with open(path, "rb") as file:
        data = file.read()
    return parse(data, live=live)


def parse(data: bytes, *, live: bool = False) -> RawRun:
    """A run from a journal's bytes. Records after a damaged one are not trusted."""
    areas = form.read_preamble(data)
    if areas is None:
        raise Unreadable("it is no journal, or its start was never written")
    found = form.record_at(data, form.PREAMBLE_SIZE)
    if found is None or found[0] != form.HEAD:
        raise Unreadable("its head is damaged")
    records: dict[bytes, list[Any]] = {kind: [] for kind in _FROM}
    for kind, content in form.records_from(data, areas.frames_at):
        if kind in records:
            records[kind].append(_FROM[kind](content))
    frames: list[Frame] = records[form.FRAME]
    end: RunEnd | None = records[form.END][-1] if records[form.END] else None
    closing = form.record_at(data, areas.end_at)
    if closing is not None and closing[0] == form.END:
        end = form.end_from(closing[1])
    newest = _newest_slot(data, areas)  # of a closed run too: on a full disk the timeline ends before the run
    if newest is not None and (not frames or newest.t_s > frames[-1].t_s):
        frames.append(newest)
    head = form.head_from(found[1])
    edges, events, counts = (tuple(records[kind]) for kind in (form.EDGE, form.EVENT, form.COUNTS))
    return RawRun(head, tuple(frames), edges, events, end, crashed=end is None and not live, counts=counts)


def _newest_slot(data: bytes, areas: form.Areas) -> Frame | None:
    slots = []
    for number in (0, 1):
        found = form.record_at(data, areas.slots_at + number * areas.slot)
        if found is not None and found[0] == form.SLOT:
            slots.append(found[1])
    if not slots:
        return None
    return form.frame_from(max(slots, key=lambda slot: slot[0])[1])
