"""``footprint run`` where the surroundings are hostile: the command is unharmed, its exit code stands, one line says why."""

import json
import os
import signal
import subprocess
import sys

import pytest

FOOTPRINT = [sys.executable, "-m", "footprint"]


def run(*args, **kwargs):
    kwargs = {"capture_output": True, "text": True, "timeout": 60} | kwargs
    return subprocess.run([*FOOTPRINT, *args], check=False, **kwargs)


def stored():
    return json.loads(run("list", "--json").stdout)["runs"]


def no_traceback(result):
    assert "Traceback" not in result.stderr, result.stderr


def test_where_the_parent_ignores_its_childrens_end_the_runner_still_sees_its_own():
    """Else the system reaps the command unseen, and the runner waits for ever."""
    code = (
        "import os, signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
        f"os.execv({sys.executable!r}, {[*FOOTPRINT, 'run', '--quiet', '--', 'sh', '-c', 'exit 4']!r})"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 4


def test_the_exit_code_stands_where_nobody_reads_stderr():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*FOOTPRINT, "run", "--", "sh", "-c", "exit 5"], stderr=writing, timeout=30, check=False)
    os.close(writing)
    assert done.returncode == 5


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_the_exit_code_stands_where_stderr_is_full_and_a_full_stdout_is_told_in_one_line():
    with open("/dev/full", "w", encoding="utf-8") as full:
        assert run("run", "--", "sh", "-c", "exit 7", capture_output=False, stderr=full).returncode == 7
        listed = run("list", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert listed.returncode == 3
    assert "No space left on device" in listed.stderr
    no_traceback(listed)


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams_change_nothing(closed):
    script = f'"$@" run -- sh -c "exit 6" {closed}'
    assert (
        subprocess.run(["sh", "-c", script, "sh", *FOOTPRINT], check=False, capture_output=True, timeout=30).returncode
        == 6
    )
    assert [one["exit_code"] for one in stored()] == [6]


def test_names_that_are_no_utf8_are_spelt_out(tmp_path):
    script = tmp_path / os.fsdecode(b"job-\xff")
    script.write_text("#!/bin/sh\nexit 3\n")
    script.chmod(0o755)
    done = run("run", "--tag", os.fsdecode(b"k\xfe=v"), "--json", str(tmp_path / "r.json"), "--", str(script))
    assert done.returncode == 3
    no_traceback(done)
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (document["name"], document["tags"]) == ("job-\\udcff", {"k\\udcfe": "v"})
    assert stored()[0]["name"] == "job-\\udcff"


def test_a_working_directory_that_was_removed_is_no_hindrance(tmp_path):
    here = tmp_path / "gone"
    here.mkdir()
    code = (
        f"import os, subprocess; os.chdir({str(here)!r}); os.rmdir({str(here)!r}); "
        f"print(subprocess.run({[*FOOTPRINT, 'run', '--quiet', '--', sys.executable, '-c', 'raise SystemExit(3)']!r}).returncode)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.strip() == "3", done.stderr
    no_traceback(done)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become a user without a name")
def test_a_user_without_a_name_gets_no_folder_called_tilde():
    """As in containers that run as any number."""
    code = "import os; from footprint import config; import pwd; os.setuid(54321); print(config.home({}))"
    environ = {key: value for key, value in os.environ.items() if key != "HOME"}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "/.local/share/compute-footprint", done.stderr


def test_runs_in_runs_in_runs_each_know_their_parent():
    command = ["sh", "-c", "exit 5"]
    for depth in range(4):
        command = [*FOOTPRINT, "run", "--quiet", "--name", f"depth {depth}", "--", *command]
    assert subprocess.run(command, timeout=60, check=False).returncode == 5
    documents = {one["name"]: json.loads(run("show", one["run_id"], "--json").stdout) for one in stored()}
    for depth in range(3):
        assert documents[f"depth {depth}"]["parent"] == documents[f"depth {depth + 1}"]["run_id"]
    assert documents["depth 3"]["parent"] is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_leaves_the_session_still_gets_what_is_sent_to_the_runner(number):
    code = "import os, time; os.setsid(); print('ready', flush=True); time.sleep(30)"
    process = subprocess.Popen(
        [*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(20) == -number
    process.stdout.close()


def test_a_run_that_is_not_kept_is_not_promised_to_be_seen_later(tmp_path):
    (tmp_path / "file").write_text("")
    done = run("run", "--", "sh", "-c", "exit 3", env=os.environ | {"FOOTPRINT_HOME": str(tmp_path / "file" / "home")})
    assert done.returncode == 3
    assert "this run is not kept" in done.stderr
    assert "footprint show" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may make a small disk")
def test_on_a_disk_that_fills_up_during_the_run_no_joule_is_lost(tmp_path):
    """What the store says of the run is what its summary said."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        script = f"sleep 0.1; head -c 200000 /dev/zero > {disk}/fill 2>/dev/null; sleep 1.6; exit 3"
        home = os.environ | {"FOOTPRINT_HOME": str(disk / "home")}
        done = run("run", "--interval", "0.02", "--json", str(tmp_path / "r.json"), "--", "sh", "-c", script, env=home)
        assert done.returncode == 3
        said = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
        kept = json.loads(run("show", "last", "--json", env=home).stdout)
        assert (kept["status"], kept["exit_code"]) == ("completed", 3)
        assert kept["activity"] == said["activity"]
        assert kept["duration_s"] == said["duration_s"]
        assert kept["energy"] == said["energy"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
