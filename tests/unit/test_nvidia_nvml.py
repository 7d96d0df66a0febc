"""NVIDIA GPUs: on a binding whose every answer is set, and through the real binding on a library of our own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from virtual_host import Constant, FakeGpu

from footprint.collectors import nvidia_module, nvidia_nvml
from footprint.collectors.channel import Channel
from footprint.collectors.nvidia_nvml import visible
from footprint.collectors.nvml_call import AVERAGE_POWER, INSTANT_POWER
from footprint.collectors.reading import Counter, Failed, Gone, GpuUse, Power
from footprint.collectors.recorded_host import RecordedHost

HOSTS = Path(__file__).parent.parent / "hosts"
COLLECTORS = Path(nvidia_nvml.__file__).parent

NOT_SUPPORTED, NO_PERMISSION, NOT_FOUND, NOT_LOADED, NO_FUNCTION, LOST, UNKNOWN = 3, 4, 6, 9, 13, 15, 999


class Binding:
    """A binding to a library of which every answer is a value, an error code, or a function of the handle."""

    class NVMLError(Exception):
        def __init__(self, value):
            super().__init__({LOST: "GPU is lost", NOT_SUPPORTED: "Not Supported"}.get(value, f"code {value}"))
            self.value = value

    def __init__(self, gpus=1, **answers):
        self.asked = []
        self.answers = {
            "nvmlInit": None,
            "nvmlShutdown": None,
            "nvmlDeviceGetCount": gpus,
            "nvmlDeviceGetHandleByIndex": lambda index: f"handle {index}",
            "nvmlDeviceGetName": "NVIDIA H100 80GB HBM3",
            "nvmlDeviceGetUUID": lambda handle: f"GPU-{handle[-1] * 8}",
            "nvmlDeviceGetTotalEnergyConsumption": 5_000,
            "nvmlDeviceGetPowerUsage": 70_500,
            "nvmlDeviceGetPowerManagementLimitConstraints": [200_000, 700_000],
            "nvmlDeviceGetEnforcedPowerLimit": 650_000,
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=80, memory=10),
            "nvmlDeviceGetComputeRunningProcesses_v3": [],
            "nvmlDeviceGetProcessUtilization": self.NVMLError(NOT_FOUND),
        }
        self.answers |= {f"nvml{name}": answer for name, answer in answers.items()}

    def __getattr__(self, name):
        if name not in self.answers:
            raise AttributeError(name)

        def function(*arguments):
            self.asked.append(name)
            answer = self.answers[name]
            answer = answer(*arguments) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return function

    def fail(self, name, code):
        self.answers[f"nvml{name}"] = self.NVMLError(code)


def error(code):
    return Binding.NVMLError(code)


def host_with(binding, text="== /proc/1/stat\n1 (init)\n"):
    return RecordedHost.from_text(text, libraries={"pynvml": binding})


def reader_of(binding, text="== /proc/1/stat\n1 (init)\n"):
    host = host_with(binding, text)
    offer = nvidia_nvml.discover(host)
    return offer.open(offer.channels), host


def process(pid):
    return SimpleNamespace(pid=pid)


def sample(pid, sm, stamp):
    return SimpleNamespace(pid=pid, smUtil=sm, timeStamp=stamp)


def field_value(value, kind=1, code=0):
    """A field's answer; kind 1 is an unsigned whole number."""
    part = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")[kind]
    return SimpleNamespace(nvmlReturn=code, valueType=kind, value=SimpleNamespace(**{part: value}))


def fields(values):
    """An answer to nvmlDeviceGetFieldValues: by (field, scope); what is not there is not supported."""

    def answer(_, wanted):
        return [field_value(values.get(one, 0), code=0 if one in values else NOT_SUPPORTED) for one in wanted]

    return answer


SOCKET_0 = "== /proc/1/stat\n1 (init)\n== /sys/bus/pci/devices/0009:01:00.0/numa_node\n0\n"


def test_a_gpu_with_an_energy_counter_is_a_counter_named_after_its_index():
    (first, second) = nvidia_nvml.discover(host_with(Binding(gpus=2))).channels
    assert first == Channel(
        "gpu", "gpu-0", "nvidia_nvml", "nvml-energy", "counter", "nvml:GPU-00000000",
        limit_w=700.0, refresh_s=0.1, sensor="nvml-energy", device="NVIDIA H100 80GB HBM3",
    )  # fmt: skip
    assert (second.name, second.thing) == ("gpu-1", "nvml:GPU-11111111")
    assert nvidia_nvml.names((first, second)) == ("NVIDIA H100 80GB HBM3",) * 2


@pytest.mark.parametrize("answer", [error(NOT_SUPPORTED), error(NO_FUNCTION), error(UNKNOWN), 0])
def test_a_gpu_without_a_running_energy_counter_gives_its_power(answer):
    binding = Binding(DeviceGetTotalEnergyConsumption=answer)
    (channel,) = nvidia_nvml.discover(host_with(binding)).channels
    assert (channel.method, channel.reading, channel.sensor) == ("nvml-power", "power", "nvml-power")
    reader, _ = reader_of(binding)
    assert reader.read() == {"gpu-0": Power(70.5)}


def test_an_old_binding_without_the_function_gives_power_too():
    binding = Binding()
    del binding.answers["nvmlDeviceGetTotalEnergyConsumption"]
    assert nvidia_nvml.discover(host_with(binding)).channels[0].method == "nvml-power"


def test_a_gpu_with_neither_is_refused_and_its_neighbour_goes_on():
    def energy(handle):
        return error(NOT_SUPPORTED) if handle == "handle 0" else 9_000

    binding = Binding(2, DeviceGetTotalEnergyConsumption=energy, DeviceGetPowerUsage=error(NOT_SUPPORTED))
    offer = nvidia_nvml.discover(host_with(binding))
    assert [channel.name for channel in offer.channels] == ["gpu-1"]
    (refusal,) = offer.refusals
    assert (refusal.kind, refusal.channel) == ("gpu", "gpu-0")
    assert refusal.why == "NVIDIA H100 80GB HBM3 gives neither energy nor power: Not Supported"
    assert refusal.fix


def test_a_lost_gpu_at_discovery_is_refused_by_its_index():
    def handle(index):
        return error(LOST) if index == 0 else f"handle {index}"

    offer = nvidia_nvml.discover(host_with(Binding(2, DeviceGetHandleByIndex=handle)))
    assert [channel.name for channel in offer.channels] == ["gpu-1"]
    assert "GPU is lost" in offer.refusals[0].why
    assert "nvidia-smi --gpu-reset" in offer.refusals[0].fix


def test_names_and_uuids_may_be_bytes_or_missing():
    by_bytes = Binding(DeviceGetName=b"Tesla V100", DeviceGetUUID=b"GPU-abc")
    channel = nvidia_nvml.discover(host_with(by_bytes)).channels[0]
    assert (channel.device, channel.thing) == ("Tesla V100", "nvml:GPU-abc")
    bare = Binding(DeviceGetName=error(UNKNOWN), DeviceGetUUID=error(NOT_SUPPORTED))
    channel = nvidia_nvml.discover(host_with(bare)).channels[0]
    assert (channel.device, channel.thing) == ("", "nvml:0")


def test_the_limit_falls_back_to_the_enforced_one_and_then_to_none():
    constraints = "DeviceGetPowerManagementLimitConstraints"
    binding = Binding(**{constraints: error(NOT_SUPPORTED)})
    assert nvidia_nvml.discover(host_with(binding)).channels[0].limit_w == 650.0
    binding.fail("DeviceGetEnforcedPowerLimit", NOT_SUPPORTED)
    assert nvidia_nvml.discover(host_with(binding)).channels[0].limit_w is None


@pytest.mark.parametrize(
    ("code", "kind"), [(LOST, Gone), (28, Gone), (UNKNOWN, Failed), (1, Failed), (NO_FUNCTION, Failed)]
)
def test_what_a_reading_meets_is_an_outcome_of_its_channel_alone(code, kind):
    binding = Binding(2)
    reader, _ = reader_of(binding)
    binding.answers["nvmlDeviceGetTotalEnergyConsumption"] = lambda handle: (
        error(code) if handle == "handle 0" else 7_000
    )
    outcomes = reader.read()
    assert type(outcomes["gpu-0"]) is kind
    assert "gpu-0" in outcomes["gpu-0"].why
    assert outcomes["gpu-1"] == Counter(7.0)


def test_the_library_is_shut_down_once_by_the_reader_and_at_once_where_there_is_nothing_to_read():
    binding = Binding()
    reader, _ = reader_of(binding)
    assert binding.asked.count("nvmlShutdown") == 0
    reader.close()
    reader.close()
    assert (binding.asked.count("nvmlInit"), binding.asked.count("nvmlShutdown")) == (1, 1)
    empty = Binding(0)
    assert nvidia_nvml.discover(host_with(empty)).channels == ()
    assert (empty.asked.count("nvmlInit"), empty.asked.count("nvmlShutdown")) == (1, 1)


def test_a_second_reader_of_one_offer_starts_the_library_again():
    binding = Binding()
    offer = nvidia_nvml.discover(host_with(binding))
    for _ in range(2):
        reader = offer.open(offer.channels)
        assert reader.read() == {"gpu-0": Counter(5.0)}
        reader.close()
    assert (binding.asked.count("nvmlInit"), binding.asked.count("nvmlShutdown")) == (2, 2)


@pytest.mark.parametrize(("code", "fix"), [(NOT_LOADED, "modprobe nvidia"), (18, "restart"), (UNKNOWN, "nvidia-smi")])
def test_a_library_that_does_not_start_is_refused_with_the_drivers_word_and_a_fix(code, fix):
    offer = nvidia_nvml.discover(host_with(Binding(Init=error(code))))
    assert offer.channels == ()
    assert "does not start: code" in offer.refusals[0].why
    assert fix in offer.refusals[0].fix


@pytest.mark.parametrize(
    ("host", "channel"), [("nvidia_without_driver", "nvidia-gpu"), ("nvidia_by_sysfs", "nvidia-gpu"), ("no_gpu", "gpu")]
)
def test_a_missing_driver_is_a_fault_only_where_an_nvidia_device_shows(host, channel):
    (refusal,) = nvidia_nvml.discover(RecordedHost.from_archive(str(HOSTS / f"{host}.txt"))).refusals
    assert (refusal.kind, refusal.channel) == ("gpu", channel)
    assert "libnvidia-ml.so.1" in refusal.why
    assert refusal.fix


TWO_PROCESSES = "== /proc/1/stat\n1 (init)\n== /proc/41/stat\n41 (a)\n== /proc/42/stat\n42 (b)\n"


def test_use_names_holders_with_their_share_of_the_sm_time():
    binding = Binding(
        DeviceGetComputeRunningProcesses_v3=[process(42), process(41)],
        DeviceGetProcessUtilization=[sample(41, 60, 1_000)],
    )
    reader, _ = reader_of(binding, TWO_PROCESSES)
    assert reader.gpu_use() == {"gpu-0": GpuUse(0.8, ((41, 0.6), (42, 0.0)), known=True)}


def test_a_share_holds_between_the_drivers_samples_and_not_longer():
    binding = Binding(
        DeviceGetComputeRunningProcesses_v3=[process(41)], DeviceGetProcessUtilization=[sample(41, 60, 1_000)]
    )
    reader, host = reader_of(binding, TWO_PROCESSES)
    reader.gpu_use()
    binding.fail("DeviceGetProcessUtilization", NOT_FOUND)
    host.sleep(1.9)
    assert reader.gpu_use()["gpu-0"].by_pid == ((41, 0.6),)
    host.sleep(0.2)
    assert reader.gpu_use()["gpu-0"].by_pid == ((41, 0.0),)


def test_only_new_samples_are_asked_for_and_rubbish_among_them_is_left_out():
    stamps = []

    def samples(_, since):
        stamps.append(since)
        return [sample(41, 20, 5_000), sample(41, 40, 6_000), sample(42, 4_000_000, 6_000), sample(0, 50, 6_000)]

    binding = Binding(DeviceGetComputeRunningProcesses_v3=[process(41)], DeviceGetProcessUtilization=samples)
    reader, _ = reader_of(binding, TWO_PROCESSES)
    assert reader.gpu_use()["gpu-0"].by_pid == ((41, pytest.approx(0.3)),)
    reader.gpu_use()
    assert stamps == [0, 6_000]


def test_what_the_driver_does_not_tell_is_not_known_and_not_asked_again():
    binding = Binding(
        DeviceGetUtilizationRates=error(NOT_SUPPORTED),
        DeviceGetComputeRunningProcesses_v3=error(NO_FUNCTION),
        DeviceGetProcessUtilization=error(NOT_SUPPORTED),
    )
    reader, _ = reader_of(binding)
    assert reader.gpu_use() == reader.gpu_use() == {"gpu-0": GpuUse(None, (), known=False)}
    for name in ("UtilizationRates", "ComputeRunningProcesses_v3", "ProcessUtilization"):
        assert binding.asked.count(f"nvmlDeviceGet{name}") == 1


def test_an_older_driver_is_asked_by_its_own_version_of_the_list():
    binding = Binding(
        DeviceGetComputeRunningProcesses_v3=error(NO_FUNCTION),
        DeviceGetComputeRunningProcesses_v2=[process(41)],
        DeviceGetProcessUtilization=error(NOT_SUPPORTED),
    )
    reader, _ = reader_of(binding, TWO_PROCESSES)
    assert reader.gpu_use()["gpu-0"] == GpuUse(0.8, ((41, None),), known=True)


def test_a_busy_gpu_on_which_nobody_is_named_is_used_by_somebody_we_cannot_see():
    reader, _ = reader_of(Binding())
    assert reader.gpu_use()["gpu-0"] == GpuUse(0.8, (), known=False)
    idle, _ = reader_of(Binding(DeviceGetUtilizationRates=SimpleNamespace(gpu=0)))
    assert idle.gpu_use()["gpu-0"] == GpuUse(0.0, (), known=True)


def test_process_numbers_of_another_namespace_mean_nothing_here():
    binding = Binding(DeviceGetComputeRunningProcesses_v3=[process(900_001)])
    reader, _ = reader_of(binding, TWO_PROCESSES)
    assert not reader.gpu_use()["gpu-0"].known


def test_where_other_users_processes_are_hidden_the_drivers_numbers_are_believed():
    binding = Binding(DeviceGetComputeRunningProcesses_v3=[process(900_001)])
    reader, _ = reader_of(binding, "== /proc/self\nx\n")
    assert reader.gpu_use()["gpu-0"].known


ALLOWED = {
    "nvmlInit",
    "nvmlShutdown",
    "nvmlDeviceGetCount",
    "nvmlDeviceGetHandleByIndex",
    "nvmlDeviceGetName",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetTotalEnergyConsumption",
    "nvmlDeviceGetPowerUsage",
    "nvmlDeviceGetPowerManagementLimitConstraints",
    "nvmlDeviceGetEnforcedPowerLimit",
    "nvmlDeviceGetUtilizationRates",
    "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetComputeRunningProcesses_v2",
    "nvmlDeviceGetProcessUtilization",
    "nvmlDeviceGetHandleByUUID",
    "nvmlDeviceGetCudaComputeCapability",
    "nvmlDeviceGetFieldValues",
    "nvmlDeviceGetVirtualizationMode",
    "nvmlDeviceGetPciInfo",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetMaxMigDeviceCount",
    "nvmlDeviceGetMigDeviceHandleByIndex",
    "nvmlDeviceGetMemoryInfo",
    "nvmlDeviceGetGpuInstanceId",
    "nvmlDeviceGetComputeInstanceId",
    "nvmlDeviceGetAttributes_v2",
    "nvmlDeviceGetTemperature",
    "nvmlDeviceGetClockInfo",
    "nvmlDeviceGetCurrentClocksEventReasons",
    "nvmlDeviceGetCurrentClocksThrottleReasons",
}
TYPES = {"nvmlReturn_t", "nvmlReturn", "nvmlValueType_t"}
FIELDS = {185: "mean power", 186: "power now", 188: "highest power limit"}


def test_no_other_function_of_the_library_is_ever_called():
    """Profiling counters would disturb the job and need rights; nothing here sets anything either."""
    named = {name for path in COLLECTORS.glob("*.py") for name in re.findall(r"\bnvml[A-Z]\w+", path.read_text())}
    assert named - TYPES == ALLOWED


def test_no_other_field_of_the_library_is_ever_asked_for():
    """A field's number says as much as a function's name."""
    asked = set()

    def values(_, wanted):
        asked.update(number for number, _ in wanted)
        return [field_value(100_000) for _ in wanted]

    binding = Binding(
        DeviceGetName="NVIDIA GH200 480GB",
        DeviceGetTotalEnergyConsumption=error(NOT_SUPPORTED),
        DeviceGetFieldValues=values,
        DeviceGetPciInfo=SimpleNamespace(busId="00000009:01:00.0"),
    )
    reader, _ = reader_of(binding, SOCKET_0)
    reader.read()
    assert asked == {AVERAGE_POWER, INSTANT_POWER, nvidia_module._MOST_POWER} == {185, 186, 188}


PROGRAM = """
import json, os, sys, time
from footprint.collectors import nvidia_nvml
from footprint.collectors.host import RealHost
offer = nvidia_nvml.discover(RealHost())
seen = {"channels": [list(channel) for channel in offer.channels], "refusals": [list(one) for one in offer.refusals]}
if offer.open:
    reader = offer.open(offer.channels)
    for wait in json.loads(sys.argv[1]):
        time.sleep(wait)
        seen["pid"] = os.getpid()
        seen["outcomes"] = {name: [type(one).__name__, *one] for name, one in reader.read().items()}
        seen["use"] = {name: list(one) for name, one in reader.gpu_use().items()}
print(json.dumps(seen))
"""


def met_by_a_process(gpus, *waits):
    """What the collector meets in a process that loads our library by the ordinary loader."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(waits or [0])]
    done = subprocess.run(command, env={**os.environ, **gpus.environ}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_real_binding_reads_energy_power_and_refusals_of_a_library(fake_gpus):
    seen = met_by_a_process(
        fake_gpus(FakeGpu(Constant(120.0)), FakeGpu(Constant(70.0), energy=False), FakeGpu(energy=False, power=False))
    )
    assert [(one[1], one[3]) for one in seen["channels"]] == [("gpu-0", "nvml-energy"), ("gpu-1", "nvml-power")]
    assert [one[1] for one in seen["refusals"]] == ["gpu-2"]
    assert seen["outcomes"]["gpu-0"][0] == "Counter"
    assert seen["outcomes"]["gpu-1"] == ["Power", 70.0]


def test_the_real_binding_tells_a_lost_gpu_from_a_failing_one(fake_gpus):
    seen = met_by_a_process(fake_gpus(FakeGpu(lost_at=1.0), FakeGpu(fail_at=1.0), FakeGpu()), 1.2)
    assert [seen["outcomes"][f"gpu-{index}"][0] for index in range(3)] == ["Gone", "Failed", "Counter"]


def test_the_real_binding_names_processes_and_their_shares(fake_gpus):
    gpus = fake_gpus(FakeGpu(), FakeGpu(processes=False), FakeGpu(samples=False, use=False))
    for index in range(3):
        gpus.run_on(index, (os.getpid(), 60), (1, 20))
    use = met_by_a_process(gpus)["use"]
    pids = sorted([1, os.getpid()])
    assert use["gpu-0"][:3] == [0.8, [[pid, 0.2 if pid == 1 else 0.6] for pid in pids], True]
    assert use["gpu-1"][:3] == [0.8, [], False]
    assert use["gpu-2"][:3] == [None, [[pid, None] for pid in pids], True]


def test_an_older_library_lacks_functions_and_still_serves(fake_gpus):
    gpus = fake_gpus(FakeGpu(Constant(90.0)), without=("ENERGY", "PROCESSES_V3"))
    gpus.run_on(0, (os.getpid(), 100))
    seen = met_by_a_process(gpus)
    assert seen["outcomes"]["gpu-0"] == ["Power", 90.0]
    assert seen["use"]["gpu-0"][2] is True


def test_a_library_whose_driver_is_not_loaded_is_refused(fake_gpus):
    seen = met_by_a_process(fake_gpus(FakeGpu(), init_code=NOT_LOADED))
    assert seen["channels"] == []
    assert "Driver Not Loaded" in seen["refusals"][0][3]


def gpus(*devices):
    return tuple(
        Channel(
            "gpu", f"gpu-{index}", "nvidia_nvml", "nvml-energy", "counter", f"nvml:GPU-{index}{index}ab", device=device
        )
        for index, device in enumerate(devices or ("A", "A", "A", "A"))
    )


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, None),
        ("", ()),
        ("-1", ()),
        ("NoDevFiles", ()),
        ("0", ("gpu-0",)),
        ("2,0", ("gpu-2", "gpu-0")),
        (" 1 , 3 ", ("gpu-1", "gpu-3")),
        ("1,-1,2", ("gpu-1",)),
        ("1,9,2", ("gpu-1",)),
        ("1,1", ("gpu-1",)),
        ("GPU-2", ("gpu-2",)),
        ("gpu-22ab,GPU-0", ("gpu-2", "gpu-0")),
        ("GPU-", ()),
        ("GPU-7", ()),
        ("MIG-GPU-11ab/3/0", ("gpu-1",)),
        ("MIG-1234-5678", None),
        ("0;1", ()),
    ],
)
def test_cuda_visible_devices_names_channels_as_cuda_reads_it(value, names):
    environ = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    assert visible(gpus(), environ) == names


def test_indices_among_unlike_gpus_mean_nothing_unless_the_order_is_that_of_the_bus():
    unlike = gpus("A", "B")
    assert visible(unlike, {"CUDA_VISIBLE_DEVICES": "0"}) is None
    assert visible(unlike, {"CUDA_VISIBLE_DEVICES": "1,0"}) == ("gpu-1", "gpu-0")
    assert visible(unlike, {"CUDA_VISIBLE_DEVICES": "0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}) == ("gpu-0",)
    assert visible(unlike, {"CUDA_VISIBLE_DEVICES": "GPU-1"}) == ("gpu-1",)


def test_a_mig_device_on_the_only_gpu_is_on_that_gpu():
    assert visible(gpus("A"), {"CUDA_VISIBLE_DEVICES": "MIG-1234"}) == ("gpu-0",)


def test_uuids_may_be_given_apart():
    given = {"gpu-0": "GPU-x", "gpu-1": "GPU-y"}
    assert visible(gpus("A", "A"), {"CUDA_VISIBLE_DEVICES": "GPU-y"}, given) == ("gpu-1",)
