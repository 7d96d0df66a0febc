"""One message to the management controller through the kernel's driver, as ``linux/ipmi.h`` describes it.

A process of ``ipmitool`` for each reading would be counted as the job's, and reaped with its children: the driver is
asked directly. https://docs.kernel.org/driver-api/ipmi.html
"""

import array
import select
import struct
import sys

if sys.platform != "win32":
    import fcntl

_ADDRESS = struct.Struct("@ihB")
_ADDRESS_SIZE = 8
"""With the padding that C gives it."""
_REQUEST = struct.Struct("@PIlBBHP")
_ANSWER = struct.Struct("@iPIlBBHP")
_SYSTEM_INTERFACE, _THIS_CONTROLLER = 0x0C, 0x0F
_IS_ANSWER = 1
_LARGEST = 272
"""Bytes of a message."""
_READ, _READ_WRITE = 2, 3
_MAGIC = ord("i")


def _code(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | _MAGIC << 8 | number


RECEIVE = _code(_READ_WRITE, 11, _ANSWER.size)
SEND = _code(_READ, 13, _REQUEST.size)


def exchange(fd: int, netfn: int, command: int, data: bytes, timeout_s: float) -> bytes:
    """The answer to one message: completion code, then data. OSError, TimeoutError where none comes."""
    address = array.array("B", _ADDRESS.pack(_SYSTEM_INTERFACE, _THIS_CONTROLLER, 0).ljust(_ADDRESS_SIZE, b"\0"))
    content = array.array("B", data)
    at = content.buffer_info()[0] if data else 0
    request = _REQUEST.pack(address.buffer_info()[0], _ADDRESS_SIZE, 1, netfn, command, len(data), at)
    fcntl.ioctl(fd, SEND, request)
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    if not waiting.poll(timeout_s * 1_000):
        raise TimeoutError(f"it did not answer within {timeout_s:g} s")
    into = array.array("B", bytes(_LARGEST))
    sender = array.array("B", bytes(64))
    answer = bytearray(_ANSWER.pack(0, sender.buffer_info()[0], len(sender), 0, 0, 0, len(into), into.buffer_info()[0]))
    fcntl.ioctl(fd, RECEIVE, answer)
    kind, _, _, _, from_netfn, to_command, length, _ = _ANSWER.unpack(answer)
    if kind != _IS_ANSWER or (from_netfn, to_command) != (netfn + 1, command) or not 0 < length <= _LARGEST:
        raise OSError("what came is no answer to what was asked")
    return into[:length].tobytes()
