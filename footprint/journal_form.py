"""How a run's raw readings look as bytes: records with a length and a checksum, their content JSON.

A journal is a preamble, three areas of fixed size (head, two slots, end) and then frames to the end of
the file. Frames are arrays, not objects: a point of the timeline is about a hundred bytes.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from footprint.collectors.channel import Channel, Refusal
from footprint.records.raw import (
    Allocation,
    Counted,
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
    WallReading,
)

MAGIC = b"FPJRNL1\n"
_PREAMBLE = struct.Struct(">8sIIII")
_RECORD = struct.Struct(">cII")
PREAMBLE_SIZE = _PREAMBLE.size
RECORD_OVERHEAD = _RECORD.size

HEAD, SLOT, FRAME, EVENT, EDGE, COUNTS, END = b"H", b"S", b"F", b"X", b"G", b"C", b"E"


class Areas(NamedTuple):
    """Sizes of the fixed areas, in bytes, and where each begins."""

    head: int
    slot: int
    end: int

    @property
    def slots_at(self) -> int:
        """Where the two slots begin."""
        return PREAMBLE_SIZE + self.head

    @property
    def end_at(self) -> int:
        """Where the reserved room for the end begins."""
        return self.slots_at + 2 * self.slot

    @property
    def frames_at(self) -> int:
        """Where frames begin."""
        return self.end_at + self.end


def preamble(areas: Areas) -> bytes:
    """The first bytes of a journal."""
    sizes = struct.pack(">III", *areas)
    return _PREAMBLE.pack(MAGIC, *areas, zlib.crc32(sizes))


def read_preamble(data: bytes) -> Areas | None:
    """The areas of a journal; None where this is none, or not yet one."""
    if len(data) < PREAMBLE_SIZE:
        return None
    magic, head, slot, end, crc = _PREAMBLE.unpack_from(data)
    if magic != MAGIC or zlib.crc32(struct.pack(">III", head, slot, end)) != crc:
        return None
    return Areas(head, slot, end)


def record(kind: bytes, content: object) -> bytes:
    """One record: kind, length, checksum, JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return _RECORD.pack(kind, len(body), zlib.crc32(kind + body)) + body


def record_at(data: bytes, offset: int) -> tuple[bytes, Any, int] | None:
    """(kind, content, where the next begins) of the record at an offset; None where there is no whole one."""
    if offset + RECORD_OVERHEAD > len(data):
        return None
    kind, length, crc = _RECORD.unpack_from(data, offset)
    start = offset + RECORD_OVERHEAD
    body = data[start : start + length]
    if len(body) < length or zlib.crc32(kind + body) != crc:
        return None
    return kind, json.loads(body), start + length


def records_from(data: bytes, offset: int) -> Iterator[tuple[bytes, Any]]:
    """Whole records from an offset on, up to the first that is cut or damaged."""
    found = record_at(data, offset)
    while found is not None:
        kind, content, offset = found
        yield kind, content
        found = record_at(data, offset)


def plain(value: object) -> object:
    """A record (NamedTuple) as an object, at every depth, so that fields can be added later."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain(part) for name, part in zip(value._fields, value, strict=True)}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    return value


def _known(kind: Any, content: Mapping[str, Any]) -> Any:
    """A record from an object; fields that this version does not know are left out."""
    return kind(**{name: content[name] for name in kind._fields if name in content})


def _channel(content: Mapping[str, Any]) -> Channel:
    channel: Channel = _known(Channel, content)
    return channel._replace(slices=tuple((uuid, part) for uuid, part in channel.slices))


def head_from(content: Mapping[str, Any]) -> RunHead:
    """The head of a run from its JSON."""
    host = _known(HostInfo, content["host"])
    allocation = _known(Allocation, content["allocation"])
    gpus, wall, own = allocation.gpus, content.get("wall"), content.get("own")
    head: RunHead = _known(RunHead, content)
    return head._replace(
        host=host._replace(gpus=tuple(host.gpus)),
        region=_known(RegionRef, content["region"]),
        settings=_known(Settings, content["settings"]),
        channels=tuple(_channel(one) for one in content["channels"]),
        refusals=tuple(_known(Refusal, one) for one in content["refusals"]),
        allocation=allocation._replace(gpus=None if gpus is None else tuple(gpus)),
        idle={name: _known(IdlePower, one) for name, one in content["idle"].items()},
        notes=tuple(content["notes"]),
        wall=None if wall is None else _known(WallReading, wall),
        own=None if own is None else _own_from(own),
    )


def _own_from(content: Mapping[str, Any]) -> Any:
    """A user's own factors: few runs have any."""
    from footprint.records.own_factors import Contract, OwnFactors, OwnRow

    rows = tuple(_known(OwnRow, one) for one in content.get("rows", ()))
    contract = content.get("contract")
    stated = None if contract is None else _known(Contract, contract)
    own: OwnFactors = _known(OwnFactors, content)
    return own._replace(rows=rows, contract=stated)


_OF_FIRST_FRAMES = 10
"""So many fields had a frame of the first version; those that came later are written where they say something."""


def frame_content(frame: Frame) -> list[object]:
    """A frame as an array."""
    content: list[object] = list(frame[:_OF_FIRST_FRAMES])
    if frame.gpu_held_s:
        return [*content, list(frame.held), frame.steal_s, list(frame.gpu_held_s)]
    if frame.steal_s is not None:
        return [*content, list(frame.held), frame.steal_s]
    return content if frame.held == HeldUse() else [*content, list(frame.held)]


def frame_from(content: list[Any]) -> Frame:
    """A frame from its array."""
    t_s, readings, busy, cpu, processes, weight, gpus, spans, own, alone, *more = content
    return Frame(
        t_s,
        tuple(readings),
        busy,
        cpu,
        processes,
        weight,
        tuple(GpuShare(*gpu) for gpu in gpus),
        tuple((number, seconds) for number, seconds in spans),
        own,
        alone,
        HeldUse(*more[0][: len(HeldUse._fields)]) if more else HeldUse(),
        more[1] if len(more) > 1 else None,
        tuple(more[2]) if len(more) > 2 else (),
    )


def edge_from(content: Mapping[str, Any]) -> Edge:
    """An edge from its JSON."""
    edge: Edge = _known(Edge, content)
    return edge


def event_from(content: Mapping[str, Any]) -> Event:
    """An event from its JSON."""
    event: Event = _known(Event, content)
    return event


def counted_from(content: list[Any]) -> Counted:
    """What a server had counted, from its array."""
    t_s, amounts = content[:2]
    return Counted(t_s, amounts)


def end_from(content: Mapping[str, Any]) -> RunEnd:
    """The end of a run from its JSON."""
    end: RunEnd = _known(RunEnd, content)
    context = {
        device: {name: (least, mean, most) for name, (least, mean, most) in quantities.items()}
        for device, quantities in end.context.items()
    }
    return end._replace(spans=tuple(_known(SpanName, one) for one in content["spans"]), context=context)
