"""Who else holds a GPU, by the journals of a home: live ones, ended ones, damaged ones, those of other hosts."""

import os
import time

import pytest

from footprint import enclosing
from footprint.collectors.channel import Channel
from footprint.gpu_holders import GpuHolders
from footprint.journal import FOLDER, Journal
from footprint.records.raw import Allocation, HostInfo, RegionRef, RunEnd, RunHead, Settings

GPUS = tuple(Channel("gpu", f"gpu-{n}", "nvidia_nvml", "nvml-energy", "counter", f"nvml:GPU-{n}") for n in (0, 1))


def head(number, *gpus, process="", parent=None, host="h", how="cuda", began_s=None):
    return RunHead(
        f"01JFPTEST0000000000000000{number}", time.time() if began_s is None else began_s,
        HostInfo(host, "Linux", "CPU", 8), RegionRef("FR", "flag"), Settings(), parent=parent, channels=GPUS,
        allocation=Allocation(8.0, gpus=gpus or None, how="whole-host", gpus_how=how if gpus else ""), process=process,
    )  # fmt: skip


@pytest.fixture
def journals(tmp_path):
    """Begins runs of other processes in a home."""
    begun = []

    def begin(*args, **kwargs):
        begun.append(Journal(str(tmp_path), head(*args, **kwargs)))
        return begun[-1]

    yield begin
    for one in begun:
        one.abandon()


def holders_of(tmp_path, *gpus, **kwargs):
    """Our own run, a second old."""
    made = GpuHolders(str(tmp_path), head(0, *gpus, **kwargs))
    assert made.seconds(0.0) == ()
    made._looked_s -= 1.0
    return made


def test_a_run_alone_keeps_nothing_and_so_does_one_in_a_home_that_cannot_be_read(tmp_path):
    assert holders_of(tmp_path, "gpu-0").seconds(1.0) == ()
    (tmp_path / FOLDER).write_text("no folder")
    assert holders_of(tmp_path, "gpu-0").seconds(1.0) == ()


def test_another_that_lists_the_same_gpu_has_half_of_it_while_it_lives(tmp_path, journals):
    other = journals(1, "gpu-0", began_s=time.time() - 100)
    mine = holders_of(tmp_path, "gpu-0", "gpu-1")
    assert mine.seconds(1.0) == pytest.approx((0.5, 1.0), abs=0.02)
    other.close(RunEnd(1.0, "completed", 0))
    time.sleep(0.1)
    mine._looked_s -= 0.9
    first_s = mine.seconds(2.0)
    mine._looked_s -= 1.0
    second_s = mine.seconds(3.0)
    assert second_s[0] - first_s[0] == pytest.approx(1.0, abs=0.01), "it is over: what it held is mine again"
    assert second_s[1] == pytest.approx(3.0, abs=0.01)


def test_one_that_came_and_went_since_the_look_before_counts_for_its_time(tmp_path, journals):
    mine = holders_of(tmp_path, "gpu-0")
    assert mine.seconds(1.0) == ()
    other = journals(1, "gpu-0", began_s=time.time())
    time.sleep(0.2)
    other.close(RunEnd(0.2, "completed", 0))
    mine._looked_s = time.time() - 1.0
    (held_s,) = mine.seconds(2.0)[:1]
    assert held_s == pytest.approx(2.0 - 0.1, abs=0.05)


@pytest.mark.parametrize("kwargs", [{"host": "another"}, {"how": "slurm"}, {"how": "container"}])
def test_other_hosts_and_what_an_allocation_gives_are_in_nobodys_way(tmp_path, journals, kwargs):
    journals(1, "gpu-0", **kwargs)
    assert holders_of(tmp_path, "gpu-0").seconds(1.0) in {(), (1.0, 1.0)}


def test_runs_of_one_process_do_not_count_twice_and_old_journals_count_each(tmp_path, journals):
    for number in (1, 2):
        journals(number, "gpu-0", process="one", began_s=1.0)
    assert holders_of(tmp_path, "gpu-0").seconds(1.0)[0] == pytest.approx(1 / 2, abs=0.02)
    for number in (3, 4):
        journals(number, "gpu-0", began_s=1.0)
    assert holders_of(tmp_path, "gpu-0").seconds(1.0)[0] == pytest.approx(1 / 4, abs=0.02)


def test_long_ended_damaged_and_foreign_files_are_passed_over(tmp_path, journals):
    old = journals(1, "gpu-0", began_s=1.0)
    old.close(RunEnd(1.0, "completed", 0))
    os.utime(old.path, (1_000, 1_000))
    for name, content in (
        ("a.fpj", b""),
        ("b.fpj", b"FPJRNL1\n" + b"\xff" * 5000),
        ("c.fpj", b"<html>"),
        ("d.tmp", b""),
    ):
        (tmp_path / FOLDER / name).write_bytes(content)
    (tmp_path / FOLDER / "e.fpj").mkdir()
    assert holders_of(tmp_path, "gpu-0").seconds(1.0) == ()


def test_a_run_that_claims_to_be_inside_a_later_one_is_inside_none(tmp_path, journals):
    journals(1, "gpu-0", parent="01JFPTEST00000000000000002", began_s=1.0)
    journals(2, "gpu-0", parent="01JFPTEST00000000000000001", began_s=1.0)
    assert holders_of(tmp_path, "gpu-0").seconds(1.0)[0] == pytest.approx(1 / 2, abs=0.02)


def test_a_clock_that_is_set_back_moves_no_seconds(tmp_path, journals):
    journals(1, "gpu-0", began_s=1.0)
    mine = holders_of(tmp_path, "gpu-0")
    mine._looked_s += 3600.0
    assert mine.seconds(1.0)[0] == pytest.approx(0.5)


def test_a_forked_child_is_another_process():
    first = enclosing.process_of("01JFPTEST00000000000000005")
    assert enclosing.process_of("01JFPTEST00000000000000006") == first
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, enclosing.process_of("01JFPTEST00000000000000007").encode())
        os._exit(0)
    os.wait()
    assert os.read(reader, 100).decode() == "01JFPTEST00000000000000007"
