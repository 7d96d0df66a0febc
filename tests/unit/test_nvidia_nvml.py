"""NVIDIA GPUs: on a binding whose every answer is set, and through the real binding on a library of our own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_host import Constant, FakeGpu

from footprint import catalogue
from footprint.collectors import nvidia_module, nvidia_nvml
from footprint.collectors.channel import Channel
from footprint.collectors.cuda_visible import held_parts
from footprint.collectors.nvidia_gpu import sensor_class
from footprint.collectors.nvidia_nvml import visible
from footprint.collectors.nvml_call import AVERAGE_POWER, INSTANT_POWER
from footprint.collectors.reading import Counter, Failed, Gone, GpuUse, Power
from footprint.collectors.recorded_host import RecordedHost
from footprint.instruments import set_up

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


# --- the way to a GPU's energy ---


def no_energy(**more):
    return Binding(DeviceGetTotalEnergyConsumption=error(NOT_SUPPORTED), **more)


@pytest.mark.parametrize(
    ("capability", "offered", "method", "window_s", "sensor"),
    [
        ((8, 6), {(185, 0): 120_000, (186, 0): 90_000}, "nvml-power-mean", 1.0, "nvml-power-mean-ampere"),
        ((8, 6), {(186, 0): 90_000}, "nvml-power-mean", 1.0, "nvml-power-mean-ampere"),
        ((8, 0), {(186, 0): 90_000}, "nvml-power-instant", 0.0, "nvml-power-ga100"),
        ((8, 0), {}, "nvml-power", 0.0, "nvml-power-ga100"),
        ((9, 0), {}, "nvml-power-mean", 1.0, "nvml-power-mean-hopper"),
        ((7, 5), {(186, 0): 90_000}, "nvml-power-instant", 0.0, "nvml-power-turing"),
        ((6, 1), {}, "nvml-power", 0.0, "nvml-power-pascal"),
        (None, {(186, 0): 90_000}, "nvml-power-instant", 0.0, "nvml-power"),
        (None, {(185, 0): 90_000}, "nvml-power-mean", 1.0, "nvml-power-mean"),
        (None, {}, "nvml-power", 0.0, "nvml-power"),
        ((12, 0), {}, "nvml-power-mean", 1.0, "nvml-power-mean-blackwell"),
    ],
)
def test_power_is_read_by_its_right_window_and_classed_by_generation(capability, offered, method, window_s, sensor):
    """The mean of a second first, since it holds what happens between two looks; power now where there is none."""
    told = error(NO_FUNCTION) if capability is None else capability
    binding = no_energy(DeviceGetCudaComputeCapability=told, DeviceGetFieldValues=fields(offered))
    (channel,) = nvidia_nvml.discover(host_with(binding)).channels
    assert (channel.method, channel.window_s, channel.sensor) == (method, window_s, sensor)


def test_a_counter_comes_before_every_power():
    binding = Binding(DeviceGetCudaComputeCapability=(9, 0), DeviceGetFieldValues=fields({(185, 0): 1, (186, 0): 1}))
    (channel,) = nvidia_nvml.discover(host_with(binding)).channels
    assert (channel.method, channel.sensor, channel.window_s) == ("nvml-energy", "nvml-energy-hopper", 0.0)


def test_a_field_is_read_by_the_type_that_the_driver_gives_it():
    for kind in range(7):
        binding = no_energy(DeviceGetFieldValues=lambda _, wanted, kind=kind: [field_value(90_000, kind)] * len(wanted))
        reader, _ = reader_of(binding)
        assert reader.read() == {"gpu-0": Power(90.0)}


def test_not_available_is_no_reading_however_the_driver_writes_it():
    binding = Binding()
    reader, _ = reader_of(binding)
    binding.answers["nvmlDeviceGetTotalEnergyConsumption"] = 0xFFFF_FFFF_FFFF_FFFF
    outcome = reader.read()["gpu-0"]
    assert isinstance(outcome, Failed)
    assert "[N/A]" in outcome.why
    refused = no_energy(DeviceGetPowerUsage=0xFFFF_FFFF)
    assert "[N/A]" in nvidia_nvml.discover(host_with(refused)).refusals[0].why


def test_every_class_of_sensor_that_a_gpu_can_have_is_in_the_catalogue():
    generations = ["", "fermi", "kepler", "maxwell", "pascal", "volta", "turing", "ga100", "ampere", "ada", "hopper"]
    rows = {row.zone: row for row in catalogue.rows(None, "sensor")}
    for number, generation in enumerate([*generations, "blackwell"]):
        for method in ("nvml-energy", "nvml-power-mean", "nvml-power-instant", "nvml-power"):
            if method == "nvml-energy" and 0 < number < 5:
                continue  # no counter before Volta
            if method == "nvml-power-mean" and 0 < number < 8:
                continue  # no mean before Ampere, nor on GA100
            row = rows[sensor_class(method, generation)]
            assert row.value.low < 1.0 < row.value.high
            assert row.sources
    assert "nvml-module" in rows


def test_a_virtual_gpu_without_power_is_refused_by_what_it_is():
    binding = no_energy(DeviceGetPowerUsage=error(NOT_SUPPORTED), DeviceGetVirtualizationMode=2)
    (refusal,) = nvidia_nvml.discover(host_with(binding)).refusals
    assert refusal.why == "it is a virtual GPU, and its host does not tell its power: Not Supported"
    assert "on its host" in refusal.fix


# --- lost, and back ---


def test_a_gpu_that_is_lost_and_answers_again_is_read_again():
    binding = Binding()
    reader, _ = reader_of(binding)
    binding.fail("DeviceGetTotalEnergyConsumption", LOST)
    assert isinstance(reader.read()["gpu-0"], Gone)
    binding.answers["nvmlDeviceGetTotalEnergyConsumption"] = 9_000
    assert reader.read() == {"gpu-0": Counter(9.0)}


class Driver(Binding):
    """A driver that can be exchanged: handles of before are not known afterwards, and counters begin at 0."""

    def __init__(self, gpus=1):
        super().__init__(gpus)
        self.loads, self.loaded = 1, True
        self.answers |= {
            "nvmlInit": self._init,
            "nvmlDeviceGetHandleByIndex": lambda index: (self.loads, index),
            "nvmlDeviceGetHandleByUUID": lambda uuid: (self.loads, int(uuid[4])),
            "nvmlDeviceGetUUID": lambda handle: f"GPU-{str(handle[1]) * 8}",
            "nvmlDeviceGetTotalEnergyConsumption": lambda handle: self._known(handle, 5_000_000 // self.loads**9),
            "nvmlDeviceGetUtilizationRates": lambda handle: self._known(handle, SimpleNamespace(gpu=50)),
            "nvmlDeviceGetTemperature": lambda handle, _: self._known(handle, 60),
        }

    def _init(self):
        if not self.loaded:
            raise self.NVMLError(18)

    def _known(self, handle, value):
        if not self.loaded or handle[0] != self.loads:
            raise self.NVMLError(1)
        return value

    def unload(self):
        self.loaded = False

    def load(self):
        self.loads, self.loaded = self.loads + 1, True


def test_after_a_reload_of_the_driver_the_library_is_started_again_and_every_handle_fetched_anew():
    driver = Driver(2)
    reader, host = reader_of(driver)
    assert reader.read() == {"gpu-0": Counter(5_000.0), "gpu-1": Counter(5_000.0)}
    driver.unload()
    outcome = reader.read()["gpu-1"]
    assert isinstance(outcome, Failed)
    assert reader.gpu_use()["gpu-1"].known is False
    assert reader.conditions() == {}
    driver.load()
    host.sleep(0.5)
    assert isinstance(reader.read()["gpu-0"], Failed), "not tried again at every look"
    host.sleep(3.0)
    assert reader.read() == {"gpu-0": Counter(9.765), "gpu-1": Counter(9.765)}
    assert reader.gpu_use()["gpu-0"].util == 0.5
    assert reader.conditions()["gpu-0"]["temperature_c"] == 60.0
    reader.close()
    assert driver.asked.count("nvmlShutdown") == 2, "one for each start that was one"


def test_a_library_that_does_not_start_is_tried_again_and_let_go_once_for_each_start():
    """Others in this process may have started it too: each start of ours has one end, and no more."""
    driver = Driver()
    reader, host = reader_of(driver)
    driver.answers["nvmlInit"] = lambda: driver.NVMLError(999)
    driver.unload()
    for _ in range(20):
        assert isinstance(reader.read()["gpu-0"], Failed)
        host.sleep(1.0)
    assert driver.asked.count("nvmlShutdown") == 1
    driver.answers["nvmlInit"] = None
    driver.load()
    host.sleep(60.0)
    assert isinstance(reader.read()["gpu-0"], Counter)
    reader.close()
    assert driver.asked.count("nvmlShutdown") == 2


def test_a_gpu_that_is_not_there_after_a_start_is_looked_for_again():
    driver = Driver(2)
    reader, host = reader_of(driver)
    fetched = driver.answers["nvmlDeviceGetHandleByUUID"]
    driver.answers["nvmlDeviceGetHandleByUUID"] = lambda uuid: (
        driver.NVMLError(NOT_FOUND) if "1" in uuid else fetched(uuid)
    )
    driver.unload()
    reader.read()
    driver.load()
    host.sleep(2.0)
    outcomes = reader.read()
    assert [type(outcomes[name]) for name in ("gpu-0", "gpu-1")] == [Counter, Failed]
    driver.answers["nvmlDeviceGetHandleByUUID"] = fetched
    host.sleep(60.0)
    assert isinstance(reader.read()["gpu-1"], Counter)


def test_starting_again_is_tried_less_and_less_often():
    driver = Driver()
    reader, host = reader_of(driver)
    driver.unload()
    for _ in range(600):
        reader.read()
        host.sleep(1.0)
    assert 5 <= driver.asked.count("nvmlInit") - 1 <= 16


def test_one_lost_gpu_does_not_take_its_neighbours_readings_at_once():
    binding = Binding(2)
    reader, host = reader_of(binding)
    binding.answers["nvmlDeviceGetTotalEnergyConsumption"] = lambda handle: (
        error(LOST) if handle == "handle 0" else 7_000
    )
    for _ in range(9):
        assert reader.read()["gpu-1"] == Counter(7.0)
        host.sleep(1.0)
    assert binding.asked.count("nvmlInit") == 1


def test_an_answer_that_comes_late_is_no_reading():
    binding = Binding()
    reader, host = reader_of(binding)

    def slow(_):
        host.sleep(1.5)
        return 7_000

    binding.answers["nvmlDeviceGetTotalEnergyConsumption"] = slow
    outcome = reader.read()["gpu-0"]
    assert isinstance(outcome, Failed)
    assert "took 1.5 s" in outcome.why


# --- slices ---


def size(compute, memory_mb, instance=None):
    return SimpleNamespace(
        gpuInstanceSliceCount=compute if instance is None else instance,
        computeInstanceSliceCount=compute,
        memorySizeMB=memory_mb,
    )


def divided(*sizes, instances=None, most=7, **more):
    """A binding to an 80 GB GPU that is divided into slices of these sizes."""
    where = instances or [(number + 1, 0) for number in range(len(sizes))]

    def device(_, number):
        return f"slice {number}" if number < len(sizes) else error(NOT_FOUND)

    def of(values):
        return lambda handle: values[int(handle.split()[1])]

    def uuid(handle):
        return f"MIG-{handle[-1]}" if handle.startswith("slice") else "GPU-a"

    return Binding(
        DeviceGetMigMode=[1, 1],
        DeviceGetMaxMigDeviceCount=most,
        DeviceGetMigDeviceHandleByIndex=device,
        DeviceGetMemoryInfo=SimpleNamespace(total=80 << 30),
        DeviceGetAttributes_v2=of(sizes),
        DeviceGetGpuInstanceId=of([one[0] for one in where]),
        DeviceGetComputeInstanceId=of([one[1] for one in where]),
        DeviceGetUUID=uuid,
        DeviceGetUtilizationRates=error(NOT_SUPPORTED),
        DeviceGetProcessUtilization=error(NOT_SUPPORTED),
        **more,
    )


def on(pid, instance, compute=0):
    return SimpleNamespace(pid=pid, gpuInstanceId=instance, computeInstanceId=compute)


@pytest.mark.parametrize(
    ("sizes", "instances", "parts", "whole"),
    [
        ([size(7, 81_920)], None, [1.0], 1.0),
        ([size(3, 40_960), size(3, 40_960)], None, [13 / 28, 13 / 28], 13 / 14),
        ([size(4, 40_960), size(3, 40_960)], None, [(4 / 7 + 0.5) / 2, (3 / 7 + 0.5) / 2], 1.0),
        ([size(1, 10_240)] * 7, None, [(1 / 7 + 1 / 8) / 2] * 7, 7 * (1 / 7 + 1 / 8) / 2),
        ([size(1, 40_960, 3), size(2, 40_960, 3)], [(2, 0), (2, 1)], [(1 / 7 + 0.25) / 2, (2 / 7 + 0.25) / 2], None),
        ([error(NOT_SUPPORTED)] * 2, None, [1 / 7, 1 / 7], 2 / 7),
    ],
)
def test_a_slice_is_its_part_of_the_multiprocessors_and_of_the_memory(sizes, instances, parts, whole):
    """Slices of one GPU never add up to more than it."""
    (channel,) = nvidia_nvml.discover(host_with(divided(*sizes, instances=instances))).channels
    assert [part for _, part in channel.slices] == pytest.approx(parts)
    assert sum(part for _, part in channel.slices) <= 1 + 1e-12
    if whole is not None:
        assert sum(part for _, part in channel.slices) == pytest.approx(whole)
    assert [uuid for uuid, _ in channel.slices] == [f"MIG-{number}" for number in range(len(sizes))]


def test_the_whole_gpu_measures_and_processes_have_their_slices_part():
    binding = divided(
        size(3, 40_960), size(4, 40_960),
        DeviceGetComputeRunningProcesses_v3=[on(41, 1), on(42, 2), on(1, 2)],
    )  # fmt: skip
    reader, _ = reader_of(binding, TWO_PROCESSES)
    assert reader.read() == {"gpu-0": Counter(5.0)}
    use = reader.gpu_use()["gpu-0"]
    small, large = (3 / 7 + 0.5) / 2, (4 / 7 + 0.5) / 2
    assert dict(use.by_pid) == pytest.approx({41: small, 42: large / 2, 1: large / 2})
    assert (use.known, use.divided, use.util) == (True, True, None)


def test_a_process_on_a_slice_that_is_not_shown_leaves_open_who_uses_the_gpu():
    binding = divided(size(3, 40_960), DeviceGetComputeRunningProcesses_v3=[on(41, 1), on(42, 9)])
    reader, _ = reader_of(binding, TWO_PROCESSES)
    assert reader.gpu_use()["gpu-0"] == GpuUse(None, (), known=False, divided=True)


# --- modules ---


def superchip(gpus=1, **more):
    values = {(185, 1): 600_000, (186, 1): 650_000, (188, 1): 1_000_000}
    return Binding(
        gpus, DeviceGetName="NVIDIA GH200 480GB", DeviceGetFieldValues=fields(values),
        DeviceGetPciInfo=SimpleNamespace(busId=b"00000009:01:00.0"), **more,
    )  # fmt: skip


def test_the_module_of_a_superchip_is_a_board_around_its_gpu():
    gpu, module = nvidia_nvml.discover(host_with(superchip(), SOCKET_0)).channels
    assert (module.kind, module.name, module.thing, module.inside) == ("board", "module-0", "module:0", None)
    assert (module.method, module.window_s, module.limit_w) == ("nvml-module-mean", 1.0, 1_000.0)
    assert (gpu.name, gpu.method, gpu.inside) == ("gpu-0", "nvml-energy", "module:0")
    reader, _ = reader_of(superchip(), SOCKET_0)
    assert reader.read() == {"gpu-0": Counter(5.0), "module-0": Power(600.0)}
    assert set(reader.gpu_use()) == set(reader.conditions()) == {"gpu-0"}


def test_two_gpus_of_one_module_are_inside_it_once():
    channels = nvidia_nvml.discover(host_with(superchip(2), SOCKET_0)).channels
    assert [channel.name for channel in channels] == ["gpu-0", "module-0", "gpu-1"]
    assert [channel.inside for channel in channels] == ["module:0", None, "module:0"]


@pytest.mark.parametrize(
    ("name", "place"), [("NVIDIA H100 80GB HBM3", SOCKET_0), ("NVIDIA GH200 480GB", "== /proc/1/stat\n1 (init)\n")]
)
def test_where_nobody_says_what_a_module_holds_or_which_it_is_there_is_none(name, place):
    binding = superchip()
    binding.answers["nvmlDeviceGetName"] = name
    (gpu,) = nvidia_nvml.discover(host_with(binding, place)).channels
    assert (gpu.kind, gpu.inside) == ("gpu", None)


# --- the state it is in ---


def test_the_state_of_a_gpu_is_told_as_far_as_the_driver_tells_it():
    binding = Binding(
        DeviceGetTemperature=66, DeviceGetClockInfo=1_980, DeviceGetCurrentClocksEventReasons=0x04 | 0x40,
    )  # fmt: skip
    reader, _ = reader_of(binding)
    assert reader.conditions() == {
        "gpu-0": {
            "temperature_c": 66.0, "clock_mhz": 1_980.0, "power_limit_w": 650.0,
            "slowed_by_power": 1.0, "slowed_by_heat": 1.0, "slowed_by_hardware": 0.0,
        }
    }  # fmt: skip
    bare, _ = reader_of(Binding(DeviceGetEnforcedPowerLimit=error(NOT_SUPPORTED)))
    assert bare.conditions() == bare.conditions() == {"gpu-0": {}}


def test_an_older_driver_tells_why_it_is_slowed_by_an_older_name():
    reader, _ = reader_of(Binding(DeviceGetCurrentClocksThrottleReasons=0x20))
    assert reader.conditions()["gpu-0"]["slowed_by_heat"] == 1.0


SLICED = gpus("A", "A")[0]._replace(slices=(("MIG-aa11", 0.5), ("MIG-bb22", 0.25))), gpus("A", "A")[1]


@pytest.mark.parametrize(
    ("value", "names", "part"),
    [
        (None, None, 0.75),
        ("MIG-aa11", ("gpu-0",), 0.5),
        ("mig-bb", ("gpu-0",), 0.25),
        ("MIG-aa11,MIG-bb22", ("gpu-0",), 0.75),
        ("0", ("gpu-0",), 0.5),
        ("1", ("gpu-1",), 0.5),
        ("MIG-cc", None, 0.5),
    ],
)
def test_a_job_holds_the_slices_that_its_list_names(value, names, part):
    """Of a GPU that is named whole, CUDA takes the first slice; without a list it may take any that is shown."""
    environ = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    assert visible(SLICED, environ) == names
    assert held_parts(SLICED, environ) == {"gpu-0": part}


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 8)), min_size=1, max_size=7))
def test_slices_never_add_up_to_more_than_their_gpu(sizes):
    """Whatever is cut: as long as it fits on the GPU, 7 units and 8 parts of its memory."""
    fitting = []
    for units, eighths in sizes:
        if sum(one for one, _ in fitting) + units <= 7 and sum(one for _, one in fitting) + eighths <= 8:
            fitting.append((units, eighths))
    binding = divided(*(size(units, eighths * 10_240) for units, eighths in fitting))
    (channel,) = nvidia_nvml.discover(host_with(binding)).channels
    parts = [part for _, part in channel.slices]
    assert sum(parts) == pytest.approx(sum(units / 7 + eighths / 8 for units, eighths in fitting) / 2)
    assert sum(parts) <= 1 + 1e-12


def test_nobody_waits_three_times_for_a_driver_that_is_late():
    binding = Binding()
    host = host_with(binding)
    instruments = set_up(host)
    binding.answers["nvmlDeviceGetTotalEnergyConsumption"] = lambda _: host.sleep(1.5) or 7_000
    before = binding.asked.count("nvmlDeviceGetTotalEnergyConsumption")
    (outcome,) = instruments.look().outcomes
    assert isinstance(outcome, Failed)
    assert binding.asked.count("nvmlDeviceGetTotalEnergyConsumption") - before == 1
    instruments.close()
