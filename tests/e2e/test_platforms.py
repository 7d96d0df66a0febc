"""macOS and Windows, as far as they can be tried on Linux: what the other system lacks is taken from a Python of its own

(tests/other_platforms/sitecustomize.py). What a BSD or Windows kernel does otherwise is not tested by this.
"""

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_run import FOOTPRINT, talk

from footprint.collectors import host

ROOT = Path(__file__).parents[2]
SHIM = Path(__file__).parents[1] / "other_platforms"
PLATFORMS = ("darwin", "win32")
POSIX_ONLY = {
    "fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty", "_posixsubprocess", "msvcrt", "winreg",
}  # fmt: skip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the other systems are imitated on Linux")


def on(platform, store=False):
    loads = {"FAKE_LOADS": "sqlalchemy alembic"} if store else {}
    return os.environ | {"PYTHONPATH": str(SHIM), "FAKE_PLATFORM": platform} | loads


def python(platform, code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=on(platform), check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def footprint(platform, *args, store=False):
    return subprocess.run(
        [*FOOTPRINT, *args], capture_output=True, text=True, timeout=60, env=on(platform, store), check=False
    )


def run_on_mac(tmp_path, *command):
    path = tmp_path / "run.json"
    done = footprint("darwin", "run", "--quiet", "--json", str(path), "--", *command)
    return done, json.loads(path.read_text())


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_imitation_lacks_what_the_other_system_lacks(platform):
    code = "import os, signal, sys; print(sys.platform, hasattr(signal, 'sigtimedwait'), os.path.exists('/proc/stat'))"
    assert python(platform, code).split() == [platform, "False", "False"]
    missing, what = ("import resource", "resource") if platform == "win32" else ("import os; os.fdatasync", "fdatasync")
    with pytest.raises(AssertionError, match=what):
        python(platform, missing)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everything_that_is_not_for_one_system_can_be_imported(platform):
    """All but the launcher, the dashboard (its libraries have ports), and what is for a framework or Alembic to load."""
    code = (
        "import pkgutil, importlib, footprint\n"
        "names = [m.name for m in pkgutil.walk_packages(footprint.__path__, 'footprint.', onerror=print)]\n"
        "left = ('footprint.dashboard', 'footprint.__main__', 'footprint.launcher', 'footprint.store.migrations',\n"
        "        'footprint.integrations.huggingface', 'footprint.integrations.lightning')\n"
        "names = [name for name in names if not name.startswith(left)]\n"
        "for name in names: importlib.import_module(name)\n"
        "print(len(names))"
    )
    environ = on(platform, store=True)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 60


def module_level_imports(tree):
    """Names that importing a module imports without asking for the platform first."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_modules_of_one_system_are_imported_where_they_are_used_or_after_a_question():
    for top in ("footprint", "dashboard"):
        for path in (ROOT / top).rglob("*.py"):
            inside = path.relative_to(ROOT).parts
            if inside[:2] in {("footprint", "collectors"), ("footprint", "dashboard"), ("footprint", "launcher.py")}:
                continue
            found = set(module_level_imports(ast.parse(path.read_text(encoding="utf-8")))) & POSIX_ONLY
            assert not found, f"{path.relative_to(ROOT)}: {found}"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_track_measures_by_the_model_and_keeps_the_run(platform):
    code = (
        "import footprint, json\nwith footprint.track('job', region='FR') as run:\n"
        "    with run.span('a'): sum(range(6_000_000))\n    run.count('sums', 1)\n"
        "r = run.result\nprint(json.dumps([r.status, r.energy.job_kwh.central, r.host.memory_gb, r.activity.cpu_s, "
        "r.activity.host_cpu_s, [s.name for s in r.spans], run.not_kept]))"
    )
    status, job_kwh, memory_gb, cpu_s, host_s, spans, not_kept = json.loads(python(platform, code))
    assert (status, spans, not_kept) == ("completed", ["a"], None)
    assert job_kwh > 0
    assert memory_gb > 0.1
    assert cpu_s > 0.02
    assert host_s is not None
    (stored,) = json.loads(footprint(platform, "list", "--json", store=True).stdout)["runs"]
    assert (stored["name"], stored["status"]) == ("job", "completed")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_living_children_are_found_by_psutil(platform):
    """The child says when it has burned 0.3 s, and lives on until the run has ended."""
    child = "import time\nwhile time.process_time() < 0.3: pass\nprint('burned', flush=True)\ntime.sleep(30)"
    code = (
        "import footprint, subprocess, sys\n"
        "with footprint.track('job') as run:\n"
        f"    child = subprocess.Popen([sys.executable, '-S', '-E', '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "    child.stdout.readline()\n"
        "child.terminate(); child.wait()\n"
        "print(run.result.activity.cpu_s, run.result.activity.processes)"
    )
    cpu_s, processes = python(platform, code).split()
    assert float(cpu_s) > 0.28
    assert processes == "2"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_doctor_says_that_the_model_stands_in(platform):
    done = footprint(platform, "doctor")
    assert done.returncode == 0, done.stderr
    assert "All energy is modelled" in done.stdout


def test_run_on_windows_is_one_clear_line_and_starts_nothing(tmp_path):
    mark = tmp_path / "ran"
    done = footprint("win32", "run", "--", "touch", str(mark))
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("footprint: run: only Linux and macOS run commands")
    assert not mark.exists()
    assert footprint("win32", "run", "--help").returncode == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_attach_elsewhere_is_one_clear_line(platform):
    done = footprint(platform, "attach", str(os.getpid()))
    assert done.returncode == 3
    assert done.stderr.startswith("footprint: attach")
    assert "only Linux" in done.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -TERM $$"], -signal.SIGTERM),
        (["no-such-command-anywhere"], 127),
        (["/etc"], 126),
    ],
)
def test_on_macos_the_exit_code_is_the_commands(command, code):
    assert footprint("darwin", "run", "--quiet", "--", *command).returncode == code


def test_on_macos_children_are_reaped_and_counted(tmp_path):
    burn = "import time\\nwhile time.process_time() < 0.15: pass"
    code = f"import subprocess, sys\nfor _ in range(4): subprocess.run([sys.executable, '-S', '-E', '-c', '{burn}'])"
    done, told = run_on_mac(tmp_path, sys.executable, "-S", "-E", "-c", code)
    assert done.returncode == 0
    assert told["activity"]["cpu_s"] > 0.55
    assert told["energy"]["job_kwh"]["central"] > 0


def test_on_macos_the_loop_ticks_while_the_command_is_silent():
    """A budget is looked at about once a second, without a signal from anybody."""
    busy = "import time\nt = time.time()\nwhile time.time() - t < 3.5: pass\nraise SystemExit(4)"
    done = footprint("darwin", "run", "--quiet", "--budget", "0.0000001 kWh", "--", sys.executable, "-S", "-c", busy)
    assert done.returncode == 4
    assert done.stderr.count("the command goes on") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGWINCH])
def test_on_macos_a_signal_that_is_sent_to_the_runner_reaches_the_command(number):
    code = (
        f"import signal, sys, time; signal.signal({int(number)}, lambda *a: sys.exit(9)); "
        "print('ready', flush=True); time.sleep(30)"
    )
    command = [*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-S", "-c", code]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=on("darwin"), start_new_session=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(10) == 9
    process.stdout.close()


def test_on_macos_ctrl_c_reaches_the_command_once(monkeypatch):
    for name, value in on("darwin").items():
        monkeypatch.setenv(name, value)
    code = (
        "import signal,time\nn=[]\nsignal.signal(2,lambda *a:n.append(1))\nprint('ready',flush=True)\n"
        "t=time.time()\nwhile time.time()-t<1.5: time.sleep(.05)\nprint('INTs',len(n))"
    )
    out, status = talk([*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-S", "-c", code], b"ready", b"\x03")
    assert b"INTs 1" in out
    assert status == 0


def test_without_pread_a_kept_file_is_read_from_its_start_each_time(tmp_path):
    """In a process of its own: which way is taken is chosen once."""
    (tmp_path / "short").write_bytes(b"1\n")
    (tmp_path / "long").write_bytes(b"x" * 200_000)
    code = (
        "import os\ndel os.pread\nfrom footprint.collectors.host import RealHandle, RealHost\n"
        f"h, g = RealHandle({str(tmp_path / 'short')!r}), RealHost({str(tmp_path)!r}).open('/long')\n"
        f"print(h.read(), h.read(), len(g.read()), len(g.read()))\nopen({str(tmp_path / 'short')!r}, 'w').write('23')\n"
        "print(h.read())\nh.close(); h.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [r"b'1\n' b'1\n' 200000 200000", "b'23'"]
    assert host.RealHandle(str(tmp_path / "long")).read() == b"x" * 200_000


def test_signals_and_ticks_are_told_apart_and_the_ticks_end():
    """The way of macOS, on its own: a child's end and a tick are told apart by time, and `close` ends the thread."""
    code = (
        "import os, signal, threading, time\nfrom footprint.signals import TICK_S, WokenSignals\n"
        "numbers = {signal.SIGCHLD, signal.SIGUSR1}\nsignal.pthread_sigmask(signal.SIG_BLOCK, numbers)\n"
        "s = WokenSignals(numbers)\nos.kill(os.getpid(), signal.SIGUSR1)\nprint(s.take())\n"
        "os.kill(os.getpid(), signal.SIGCHLD)\nprint(s.take().number == signal.SIGCHLD)\n"
        "while (taken := s.take()) is not None: pass\nprint(taken)\ns.close()\n"
        "for thread in threading.enumerate():\n    if thread.name == 'footprint-tick': thread.join(5)\n"
        "print(threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == [
        "Taken(number=<Signals.SIGUSR1:",
        "10>,",
        "from_terminal=False)",
        "True",
        "None",
        "1",
    ]
