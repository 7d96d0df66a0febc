"""``track`` in processes that do what they like: threads, forks, signals, nonsense. The job goes on, and nothing is lost."""

import json
import os
import subprocess
import sys

import pytest
from virtual_host import Constant, FakeGpu


def python(code, **kwargs):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, **kwargs
    )
    assert done.returncode == 0, done.stderr
    return done


def stored():
    command = [sys.executable, "-m", "footprint", "list", "--json", "--limit", "1000"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["runs"]


def test_fifty_threads_that_start_and_stop_runs_are_all_measured():
    code = (
        "import footprint, threading, os\nbad = []\n"
        "def work(number):\n"
        "    for _ in range(3):\n"
        "        with footprint.track(f't{number}') as run:\n"
        "            with run.span('s'): run.count('n', 1)\n"
        "        if run.result.status != 'completed': bad.append(run.result.status)\n"
        "threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]\n"
        "[one.start() for one in threads]; [one.join() for one in threads]\n"
        "print(bad, os.environ.get('FOOTPRINT_PARENT'))"
    )
    done = python(code)
    assert done.stdout.strip() == "[] None"
    assert done.stderr == ""
    runs = stored()
    assert len(runs) == 150
    assert {one["status"] for one in runs} == {"completed"}


def test_the_threads_of_one_run_count_together():
    code = (
        "import footprint, threading, sys\nsys.setswitchinterval(1e-6)\n"
        "with footprint.track() as run:\n"
        "    def work():\n"
        "        for _ in range(5_000): run.count('n')\n"
        "    threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "    [one.start() for one in threads]; [one.join() for one in threads]\n"
        "print(run.result.units['n'].amount)"
    )
    assert float(python(code).stdout) == 40_000


def test_runs_that_overlap_leave_no_parent_behind():
    """Whichever ends first: else every later process would be taken for a part of a run that is over."""
    code = (
        "import footprint, os\na = footprint.start('a'); b = footprint.start('b')\n"
        "a.stop(); print(os.environ['FOOTPRINT_PARENT'] == b.run_id); b.stop(); print(os.environ.get('FOOTPRINT_PARENT'))"
    )
    assert python(code).stdout.split() == ["True", "None"]
    inside = python(code, env=os.environ | {"FOOTPRINT_PARENT": "01JFPTEST00000000000000000"}).stdout.split()
    assert inside == ["True", "01JFPTEST00000000000000000"]


def test_a_parent_that_is_no_run_is_none():
    code = "import footprint\nwith footprint.track() as run: pass\nprint(run.result.parent)"
    for value in ("x", "a b" * 9, "\udcff" * 26, "01JFPTEST0000000000000000\n"):
        assert python(code, env=os.environ | {"FOOTPRINT_PARENT": value}).stdout.strip() == "None"


def test_a_child_that_is_forked_while_threads_work_comes_out_of_its_blocks():
    code = (
        "import footprint, os, threading, time\nend = False\n"
        "def churn():\n"
        "    while not end:\n"
        "        with footprint.track('c') as run:\n"
        "            for _ in range(20):\n"
        "                with run.span('s'): outer.count('n')\n"
        "with footprint.track('outer') as outer:\n"
        "    threads = [threading.Thread(target=churn) for _ in range(3)]; [one.start() for one in threads]\n"
        "    for _ in range(40):\n"
        "        with outer.span('x'):\n"
        "            pid = os.fork()\n"
        "            if pid == 0:\n"
        "                import faulthandler; faulthandler.dump_traceback_later(10, exit=True)\n"
        "        if pid == 0:\n"
        "            outer.count('n'); outer.stop()\n"
        "            with footprint.track('child'): pass\n"
        "            os._exit(0)\n"
        "        assert os.waitpid(pid, 0)[1] == 0\n"
        "    end = True; [one.join() for one in threads]\n"
        "print(outer.result.status)"
    )
    assert python(code).stdout.strip() == "completed"
    runs = stored()
    assert sum(one["name"] == "child" for one in runs) == 40
    assert {one["status"] for one in runs} == {"completed"}


def test_a_signal_handler_that_stops_the_run_may_come_while_it_is_being_stopped():
    code = (
        "import footprint, os, signal, sys\n"
        "run = footprint.start('s')\n"
        "signal.signal(signal.SIGUSR1, lambda *_: run.stop())\n"
        "def trace(frame, event, _):\n"
        "    if frame.f_code.co_name == 'leave': sys.settrace(None); os.kill(os.getpid(), signal.SIGUSR1)\n"
        "    return trace\n"
        "sys.settrace(trace); run.stop(); sys.settrace(None)\n"
        "print(run.result.status, run.result.duration_s >= 0)"
    )
    assert python(code).stdout.split() == ["completed", "True"]
    assert [one["status"] for one in stored()] == ["completed"]


COUNTS = [
    ("np.int64(5)", "5"),
    ("np.float32(2.5)", "2.5"),
    ("3", "3"),
    ("10**400", "UsageError"),
    ("float('nan')", "UsageError"),
    ("float('inf')", "UsageError"),
    ("-1", "UsageError"),
    ("'3'", "UsageError"),
    ("None", "UsageError"),
    ("1+1j", "UsageError"),
]


def test_any_number_counts_and_nothing_else_does():
    pytest.importorskip("numpy")
    for amount, wanted in COUNTS:
        code = (
            "import footprint, numpy as np\nwith footprint.track() as run:\n"
            f"    try: run.count('n', {amount}); print(run._units.counted()['n'])\n"
            "    except footprint.UsageError as fault: print('UsageError')\n"
            "print(run.result.status)"
        )
        assert python(code).stdout.split() == [wanted, "completed"]


def test_counts_that_grow_beyond_all_bounds_are_refused_and_the_run_is_kept():
    code = (
        "import footprint\nwith footprint.track() as run:\n"
        "    run.count('n', 1e308)\n"
        "    try: run.count('n', 1e308)\n"
        "    except footprint.UsageError: print('refused')\n"
        "print(run.result.status, run.result.units['n'].amount)"
    )
    assert python(code).stdout.split() == ["refused", "completed", "1e+308"]
    assert [one["status"] for one in stored()] == ["completed"]


def test_text_that_is_no_unicode_is_spelt_out_everywhere():
    code = (
        "import footprint\nbad = chr(0xdcff)\n"
        "with footprint.track(bad, project=bad, tags={bad: bad}) as run:\n"
        "    with run.span(bad): pass\n"
        "    run.count(bad, 1)\n"
        "print(run.result.status, run.result.name, *run.result.units, run.result.spans[0].name)"
    )
    assert python(code).stdout.split() == ["completed", *["\\udcff"] * 3]
    assert [(one["name"], one["tags"]) for one in stored()] == [("\\udcff", {"\\udcff": "\\udcff"})]


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred", "x" * 100_000, "é" * 50_000, "a\0b", ""])
def test_names_of_every_kind_are_kept_and_lists_stay_lists(name):
    python("import footprint, sys\nwith footprint.track(sys.stdin.read(), tags={'k': 'v' * 100_000}): pass", input=name)
    assert [one["name"] for one in stored()] == [name]
    shown = subprocess.run(
        [sys.executable, "-m", "footprint", "list"], capture_output=True, text=True, check=True
    ).stdout
    assert len(shown.splitlines()) == 2
    assert "\x1b" not in shown
    summary = subprocess.run(
        [sys.executable, "-m", "footprint", "show", "last"], capture_output=True, text=True, check=True
    )
    assert "\x1b" not in summary.stdout


def test_a_working_directory_that_was_removed_is_no_hindrance(tmp_path):
    code = (
        f"import os; os.mkdir({str(tmp_path / 'x')!r}); os.chdir({str(tmp_path / 'x')!r}); os.rmdir({str(tmp_path / 'x')!r})\n"
        "import footprint\nwith footprint.track() as run: pass\nprint(run.result.status)"
    )
    assert python(code).stdout.strip() == "completed"


def test_threads_that_wait_for_a_gpus_refresh_wait_side_by_side(fake_gpus):
    """Were they to wait one after the other, the last of them would give up and lose its last frame."""
    gpus = fake_gpus(FakeGpu(Constant(100.0), refresh_s=0.1))
    code = (
        "import footprint, threading, time\nruns = []\n"
        "def work():\n"
        "    for _ in range(2):\n"
        "        with footprint.track() as run: time.sleep(0.4)\n"
        "        runs.append(run)\n"
        "threads = [threading.Thread(target=work) for _ in range(16)]\n"
        "[one.start() for one in threads]; [one.join() for one in threads]\n"
        "for run in runs:\n"
        "    gpu = next(one for one in run.result.energy.components if one.kind == 'gpu')\n"
        "    print(run.result.status, gpu.coverage, run.result.duration_s > 0.4, len(run.raw().edges))"
    )
    lines = python(code, env=os.environ | dict(gpus.environ)).stdout.splitlines()
    assert len(lines) == 32
    assert {line.rpartition(" ")[0] for line in lines} == {"completed 1.0 True"}
    assert sum(line.endswith(" 2") for line in lines) >= 24, lines
    assert {one["status"] for one in stored()} == {"completed"}


def test_a_child_that_is_forked_while_a_run_waits_for_its_gpu_does_not_hold_its_journal(fake_gpus):
    gpus = fake_gpus(FakeGpu(Constant(100.0), refresh_s=0.1))
    code = (
        "import footprint, os, threading, time\n"
        "for _ in range(5):\n"
        "    run = footprint.start('r'); time.sleep(0.2)\n"
        "    thread = threading.Thread(target=run.stop); thread.start(); time.sleep(0.01)\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        held = [name for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')\n"
        "                for name in [os.readlink(f'/proc/self/fd/{fd}')] if '/journals/' in name]\n"
        "        os._exit(len(held))\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); thread.join()"
    )
    assert python(code, env=os.environ | dict(gpus.environ)).stdout.split() == ["0"] * 5


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_where_no_thread_can_be_started_the_edges_are_read_all_the_same():
    code = (
        "import footprint, resource, threading\n"
        "with footprint.track(): pass\n"
        "import time; time.sleep(0.5)\n"
        "size = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "threading.stack_size(512 * 1024 * 1024)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size + 64 * 1024 * 1024,) * 2)\n"
        "with footprint.track() as run: sum(range(1_000_000))\n"
        "print(run.result.status, run.result.energy.job_kwh.central > 0, run.end.lost)"
    )
    out = python(code).stdout
    assert out.startswith("completed True the sampler could not be started"), out
    assert {one["status"] for one in stored()} == {"completed"}
