"""NVIDIA's library as it is started, and its handles: started again where the driver was exchanged under it."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from footprint.collectors.host import Host
from footprint.collectors.nvml_call import Refused, call

_SOON_S = 1.0
"""Where no GPU answers, the library is started again after this time, then after twice as long each time."""
_LATER_S = 10.0
"""Where others answer: starting again takes their readings too for a moment."""
_LONGEST_S = 60.0


class Session:
    """The started library and a handle for each GPU, by the channel's name."""

    def __init__(self, host: Host, nvml: ModuleType, handles: Mapping[str, Any], uuids: Mapping[str, str]) -> None:
        self.nvml = nvml
        self._host = host
        self._handles = dict(handles)
        self._uuids = uuids
        self._started = True
        self._closed = False
        self._tries = 0
        self._tried_s = 0.0
        self._failing_since_s: float | None = None

    def handle(self, name: str) -> Any | Refused:
        """A GPU's handle; after a fresh start, why there is none."""
        return self._handles[name]

    def answers(self) -> None:
        """All GPUs answer: the next fault is a new one."""
        self._tries, self._failing_since_s = 0, None

    def mend(self, faults: Mapping[str, Refused]) -> bool:
        """Start the library again where that may help; whether it was done. ``faults``: of GPUs that do not answer."""
        lacking = any(isinstance(handle, Refused) for handle in self._handles.values())
        wanted = lacking or any(fault.is_stale or fault.is_gone for fault in faults.values())
        if not wanted or self._closed:
            return False
        now_s = self._host.monotonic()
        if self._failing_since_s is None:
            self._failing_since_s = self._tried_s = now_s
        alone = len(faults) < len(self._handles)
        at_once = not alone and self._tries == 0 and all(fault.is_stale for fault in faults.values())
        wait_s = min(_LONGEST_S, (_LATER_S if alone else _SOON_S) * 2 ** max(0, self._tries - 1))
        if not at_once and now_s - self._tried_s < wait_s:
            return False
        self._tries, self._tried_s = self._tries + 1, now_s
        self._start_again()
        return True

    def close(self) -> None:
        """Let the library go; a second call is harmless."""
        if not self._closed:
            self._closed = True
            self._let_go()

    def _start_again(self) -> None:
        self._let_go()
        started = call(self.nvml, "nvmlInit")
        self._started = not isinstance(started, Refused)
        for name, uuid in self._uuids.items():
            self._handles[name] = self._fetched(uuid) if self._started else started

    def _fetched(self, uuid: str) -> Any | Refused:
        """A GPU's handle by its UUID; by its index where that is all that is known of it."""
        if uuid.isdigit():
            return call(self.nvml, "nvmlDeviceGetHandleByIndex", int(uuid))
        return call(self.nvml, "nvmlDeviceGetHandleByUUID", uuid)

    def _let_go(self) -> None:
        """Once for each start: the library counts them, and others in this process may have started it too."""
        if self._started:
            self._started = False
            call(self.nvml, "nvmlShutdown")
