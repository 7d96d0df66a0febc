"""RAPL energy counters as the processor's model-specific registers: the last way in, for root alone.

Which registers there are and in what unit they count differs by model, so only models whose layout is known are read:
Intel's Software Developer's Manual, volumes 3B (16.10) and 4; AMD's Processor Programming References; and for the
exceptions the kernel's arch/x86/events/rapl.c. The counters have 32 bits and begin again at 0.
"""

from collections.abc import Callable
from typing import NamedTuple

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.host import Handle, Host
from footprint.collectors.offer import Offer
from footprint.collectors.rapl_generation import by_generation
from footprint.collectors.rapl_refusals import (
    LOAD_MSR,
    MAY_READ,
    MAY_READ_REGISTERS,
    NOTHING_TO_DO,
    is_amd,
    processor,
)
from footprint.collectors.rapl_sockets import online, packages
from footprint.collectors.rapl_thing import (
    KINDS,
    SECOND_LOOK_S,
    RaplReader,
    channel,
    limit_w,
    moves,
    without_orphans,
)
from footprint.collectors.sysfs import CounterFile, words

NAME = "rapl_msr"
_BITS = 32
_LOW = 0xFFFFFFFF


class _Part(NamedTuple):
    """Registers of one part; 0 where there is none."""

    name: str
    counter: int
    limit: int = 0
    info: int = 0
    """Power that the part is made for."""


class _Layout(NamedTuple):
    """What a model has."""

    unit: int
    """The register that states the units."""
    parts: tuple[_Part, ...]
    fixed: tuple[tuple[str, float], ...] = ()
    """(part, counts in a joule), whatever the register says."""


_PACKAGE = _Part("package", 0x611, 0x610, 0x614)
_DRAM = _Part("dram", 0x619, 0x618, 0x61C)
_CORES = _Part("core", 0x639)
_GRAPHICS = _Part("uncore", 0x641)
_PLATFORM = _Part("psys", 0x64D, 0x65C)
_INTEL_UNIT = 0x606
_OF_AMD = _Layout(0xC0010299, (_Part("package", 0xC001029B),))
_FIXED_DRAM = (("dram", 2.0**16),)
"""15.3 µJ a step, whatever the register of units says (Intel's data sheet 330784, of the Xeon E5 v3)."""
_INTEL = (
    # models of family 6, and their layout
    ({0x2A, 0x3A}, _Layout(_INTEL_UNIT, (_PACKAGE, _CORES, _GRAPHICS))),
    ({0x2D, 0x3E}, _Layout(_INTEL_UNIT, (_PACKAGE, _DRAM, _CORES))),
    (
        {0x3C, 0x45, 0x46, 0x3D, 0x47, 0x5C, 0x5F, 0x7A},
        _Layout(_INTEL_UNIT, (_PACKAGE, _DRAM, _CORES, _GRAPHICS)),
    ),
    ({0x3F, 0x4F, 0x56, 0x55, 0x6A, 0x6C}, _Layout(_INTEL_UNIT, (_PACKAGE, _DRAM, _CORES), _FIXED_DRAM)),
    ({0x57, 0x85}, _Layout(_INTEL_UNIT, (_PACKAGE, _DRAM), _FIXED_DRAM)),
    ({0x8F, 0xCF}, _Layout(_INTEL_UNIT, (_PACKAGE, _DRAM, _CORES, _PLATFORM), (("psys", 1.0),))),
    (
        {
            0x4E, 0x5E, 0x8E, 0x9E, 0x66, 0x7D, 0x7E, 0xA5, 0xA6, 0xA7, 0x8C, 0x8D, 0x97, 0x9A,
            0xBE, 0xB7, 0xBA, 0xBF, 0xAA, 0xAC, 0xC5, 0xC6, 0xB5, 0xBD,
        },
        _Layout(_INTEL_UNIT, (_PACKAGE, _DRAM, _CORES, _GRAPHICS, _PLATFORM)),
    ),
)  # fmt: skip
_AMD_FAMILIES = (0x17, 0x18, 0x19, 0x1A)


class _Socket(NamedTuple):
    """A package, by its number as powercap writes it, and the CPUs that can be asked for its registers."""

    number: str
    cpus: list[int]


class _Way(NamedTuple):
    """A channel, its register, and the CPUs that can be asked for it."""

    channel: Channel
    register: int
    per_j: float
    cpus: list[int]


def discover(host: Host) -> Offer:
    """The energy registers of a host, each read once; never raises for what it finds."""
    amd = is_amd(host)
    layout = _layout(host, amd=amd)
    if layout is None:
        why = "no layout of energy registers is known for this model of processor"
        return Offer(NAME, refusals=(Refusal("cpu", "package-0", NAME, why, NOTHING_TO_DO),))
    cpus = online(host) or [0]
    units = _read(host, cpus[0], layout.unit)
    if isinstance(units, OSError):
        return Offer(NAME, refusals=(_unreadable(cpus[0], layout.unit, units),))
    refusals: list[Refusal] = []
    ways: dict[str, _Way] = {}
    for place, (socket, members) in enumerate(packages(host, cpus, by_die=not amd).items()):
        for part in layout.parts:
            if part.name == "psys" and place > 0:
                continue  # the platform of a second socket may count the first again
            way = _way(host, layout, part, units, _Socket(socket, members))
            if isinstance(way, Refusal):
                refusals.append(way)
            elif way is not None:
                ways[way.channel.name] = way
    kept = by_generation(host, without_orphans((way.channel for way in ways.values()), NAME, refusals))

    def open_reader(channels: tuple[Channel, ...]) -> RaplReader:
        return RaplReader(host, {one.name: _counter(host, ways[one.name]) for one in channels})

    return Offer(NAME, kept, tuple(refusals), open_reader if kept else None)


def _layout(host: Host, *, amd: bool) -> _Layout | None:
    """What this model of processor has; None where that is not known."""
    maker, family, model = processor(host)
    if amd:
        return _OF_AMD if family in _AMD_FAMILIES else None
    if maker != "GenuineIntel" or family != 6:
        return None
    return next((layout for models, layout in _INTEL if model in models), None)


def _way(host: Host, layout: _Layout, part: _Part, units: int, socket: _Socket) -> _Way | Refusal | None:
    """A part's counter on the first of its CPUs; None for a part that the model may have and this one has not."""
    cpu = socket.cpus[0]
    name = part.name if part.name == "psys" else f"{part.name}-{socket.number}"
    value = _read(host, cpu, part.counter)
    if value == 0 and part is layout.parts[0]:
        host.sleep(SECOND_LOOK_S)
        value = _read(host, cpu, part.counter)
    if isinstance(value, OSError):
        return _unreadable(cpu, part.counter, value, part.name, name) if part.name == "package" else None
    if value & _LOW == 0:
        if part.name != "package":
            return None
        why = f"register {part.counter:#x} of CPU {cpu} stands at 0: there is no counter behind it"
        return Refusal("cpu", name, NAME, why, NOTHING_TO_DO)
    per_j = dict(layout.fixed).get(part.name, 2.0 ** (units >> 8 & 0x1F))
    most_w = limit_w(_stated_w(host, cpu, part, units))
    way = channel(name, NAME, "rapl-msr", amd=layout is _OF_AMD, range_j=2**_BITS / per_j, limit_w=most_w)
    return _Way(way, part.counter, per_j, socket.cpus)


def _stated_w(host: Host, cpu: int, part: _Part, units: int) -> list[float]:
    """Limits (W) that a part's registers state: long and short term, and what it is made for."""
    per_w = 2.0 ** (units & 0xF)
    limits = _read(host, cpu, part.limit) if part.limit else 0
    info = _read(host, cpu, part.info) if part.info else 0
    stated = []
    for value in (limits, info):
        if isinstance(value, int):
            stated += [(value & 0x7FFF) / per_w, (value >> 32 & 0x7FFF) / per_w]
    return stated


def _read(host: Host, cpu: int, register: int) -> int | OSError:
    """A register once, or why it cannot be read."""
    try:
        handle = host.open_register(cpu, register)
        try:
            return int(handle.read())
        finally:
            handle.close()
    except OSError as fault:
        return fault
    except ValueError:
        return OSError(0, "no number")


def _counter(host: Host, way: _Way) -> CounterFile:
    return CounterFile(
        host,
        "/dev/cpu",
        f"{way.cpus[0]}/msr at {way.register:#x}",
        moves=moves(way.channel.name),
        per_j=way.per_j,
        bits=_BITS,
        opened=_opener(host, way),
    )


def _opener(host: Host, way: _Way) -> Callable[[], Handle]:
    """Opens the register by any CPU of the package: one that was taken offline leaves it to the others."""

    def open_register() -> Handle:
        for cpu in way.cpus[:-1]:
            if not isinstance(_read(host, cpu, way.register), OSError):
                return host.open_register(cpu, way.register)
        return host.open_register(way.cpus[-1], way.register)

    return open_register


def _unreadable(cpu: int, register: int, fault: OSError, part: str = "package", name: str = "package-0") -> Refusal:
    """Why a register cannot be read, and what to do."""
    why = f"/dev/cpu/{cpu}/msr at {register:#x} cannot be read: {words(fault)}"
    if isinstance(fault, PermissionError):
        why, fix = f"{why}; it takes root, or its file and CAP_SYS_RAWIO", MAY_READ_REGISTERS
    elif isinstance(fault, FileNotFoundError):
        fix = LOAD_MSR
    elif "folder that stands" in words(fault):
        fix = MAY_READ
    else:
        fix = NOTHING_TO_DO
    return Refusal(KINDS[part], name, NAME, why, fix)
