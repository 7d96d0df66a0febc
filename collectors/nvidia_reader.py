"""Reads NVIDIA's GPUs while runs last: energy or power, who uses them, and the state that they are in."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NamedTuple

from footprint.collectors.channel import Channel
from footprint.collectors.host import Host
from footprint.collectors.nvidia_gpu import Way
from footprint.collectors.nvidia_session import Session
from footprint.collectors.nvidia_slices import Slice
from footprint.collectors.nvidia_state import GpuState
from footprint.collectors.nvidia_use import GpuWatch
from footprint.collectors.nvml_call import Refused
from footprint.collectors.reading import Counter, Failed, Gone, GpuUse, Outcome, Power

_LATE_S = 1.0
"""A driver that answers after longer than this says something of an instant that nobody knows."""


class Device(NamedTuple):
    """A GPU, or the module that it is on, as it was found."""

    handle: Any
    uuid: str
    """Of the GPU that is asked."""
    channel: Channel
    way: Way
    slices: tuple[Slice, ...] = ()


class NvmlReader:
    """Reads the devices that were chosen."""

    def __init__(self, host: Host, nvml: ModuleType, devices: tuple[Device, ...]) -> None:
        self._host = host
        self._nvml = nvml
        self._devices = {device.channel.name: device for device in devices}
        self._session = Session(
            host,
            nvml,
            {name: device.handle for name, device in self._devices.items()},
            {name: device.uuid for name, device in self._devices.items()},
        )
        gpus = {name: device for name, device in self._devices.items() if device.channel.kind == "gpu"}
        self._watches = {name: GpuWatch(host, nvml, device.handle, device.slices) for name, device in gpus.items()}
        self._states = {name: GpuState(nvml) for name in gpus}

    def read(self) -> Mapping[str, Outcome]:
        """Energy (J) or power (W), or why there is none, for each device."""
        answers = {name: self._answer(name) for name in self._devices}
        faults = {name: answer for name, answer in answers.items() if isinstance(answer, Refused)}
        if not faults:
            self._session.answers()
        elif self._session.mend(faults):
            for name, watch in self._watches.items():
                watch.handle = self._session.handle(name)
            answers = {name: self._answer(name) for name in self._devices}
        return {name: _outcome(name, answer) for name, answer in answers.items()}

    def _answer(self, name: str) -> Counter | Power | Failed | Refused:
        handle = self._session.handle(name)
        if isinstance(handle, Refused):
            return handle
        before_s = self._host.monotonic()
        answer = self._devices[name].way.read(self._nvml, handle)
        took_s = self._host.monotonic() - before_s
        if took_s > _LATE_S and not isinstance(answer, Refused):
            return Failed(f"the NVIDIA driver took {took_s:.1f} s to answer for {name}: nobody knows of which instant")
        return answer

    def gpu_use(self) -> Mapping[str, GpuUse]:
        """Utilisation (0 to 1) of each GPU, and the processes that hold it."""
        return {
            name: GpuUse(None, (), known=False) if isinstance(watch.handle, Refused) else watch.use()
            for name, watch in self._watches.items()
        }

    def conditions(self) -> Mapping[str, Mapping[str, float]]:
        """The state of each GPU that answers: quantities by name."""
        handles = {name: self._session.handle(name) for name in self._states}
        return {
            name: self._states[name].now(handle) for name, handle in handles.items() if not isinstance(handle, Refused)
        }

    def close(self) -> None:
        """Let the library go; a second call is harmless."""
        self._session.close()


def _outcome(name: str, answer: Counter | Power | Failed | Refused) -> Outcome:
    if not isinstance(answer, Refused):
        return answer
    why = f"the NVIDIA driver says of {name}: {answer.word}"
    return Gone(why) if answer.is_gone else Failed(why)
