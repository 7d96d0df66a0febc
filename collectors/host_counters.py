"""Counters of the real machine that are no files of sysfs: perf events and model-specific registers.

A part of ``host``, which loads it only where a collector asks for one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_SYSCALLS = {"x86_64": 298, "aarch64": 241}
"""Number of ``perf_event_open``, by machine."""
_ATTRIBUTES = struct.Struct("=IIQQQQQIIQ")
"""The first form of ``struct perf_event_attr`` (64 bytes); what it does not name is zero: count, and nothing else."""
_NO_PID = -1
_NO_GROUP = -1
_CLOSE_ON_EXEC = 8
_BYTES = 8


class PerfEvent:
    """A counting event of a whole CPU, by ``perf_event_open(2)``: the kernel makes its count one of 64 bits."""

    __slots__ = ("_fd",)

    def __init__(self, kind: int, config: int, cpu: int) -> None:
        number = _SYSCALLS.get(os.uname().machine) if sys.platform == "linux" else None
        if number is None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        attributes = ctypes.create_string_buffer(
            _ATTRIBUTES.pack(kind, _ATTRIBUTES.size, config, 0, 0, 0, 0, 0, 0, 0), _ATTRIBUTES.size
        )
        syscall = ctypes.CDLL(None, use_errno=True).syscall
        syscall.restype = ctypes.c_long
        self._fd: int = syscall(
            ctypes.c_long(number),
            attributes,
            ctypes.c_int(_NO_PID),
            ctypes.c_int(cpu),
            ctypes.c_int(_NO_GROUP),
            ctypes.c_ulong(_CLOSE_ON_EXEC),
        )
        if self._fd < 0:
            fault = ctypes.get_errno()
            raise OSError(fault, os.strerror(fault))

    def read(self) -> bytes:
        """The count since it was opened. The kernel gives none of an event that it has stopped."""
        return _digits(os.read(self._fd, _BYTES))

    def close(self) -> None:
        """Close the descriptor; a second call is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Register:
    """One register of the CPU whose registers a device file gives by their numbers, as ``/dev/cpu/0/msr`` of the
    kernel's module ``msr`` does.
    """

    __slots__ = ("_fd", "_register")

    def __init__(self, path: str, register: int) -> None:
        self._fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        self._register = register

    def read(self) -> bytes:
        """All 64 bits, by one ``pread``. EIO where the processor has no such register."""
        return _digits(os.pread(self._fd, _BYTES, self._register))

    def close(self) -> None:
        """Close the descriptor; a second call is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _digits(data: bytes) -> bytes:
    if len(data) != _BYTES:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return b"%d" % int.from_bytes(data, sys.byteorder)
