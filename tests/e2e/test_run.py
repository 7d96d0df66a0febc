"""``footprint run`` from outside: what it passes through, what it says, what it keeps."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

FOOTPRINT = [sys.executable, "-m", "footprint"]


def run(*args, env=None, stdin=None, **kwargs):
    environ = os.environ | (env or {})
    return subprocess.run(
        [*FOOTPRINT, *args], capture_output=True, text=True, timeout=60, env=environ, input=stdin, check=False, **kwargs
    )


def document(tmp_path, *args, **kwargs):
    path = tmp_path / "result.json"
    result = run("run", "--quiet", "--json", str(path), *args, **kwargs)
    return json.loads(path.read_text()), result


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -TERM $$"], -signal.SIGTERM),
        (["sh", "-c", "kill -KILL $$"], -signal.SIGKILL),
        (["/nonexistent/x"], 127),
        (["no-such-command-anywhere"], 127),
        (["/etc"], 126),
    ],
)
def test_the_exit_code_is_the_commands(command, code):
    assert run("run", "--quiet", "--", *command).returncode == code


def test_a_command_that_was_never_started_leaves_no_run(tmp_path):
    run("run", "--quiet", "--", "/nonexistent/x")
    assert json.loads(run("list", "--json").stdout)["runs"] == []


def test_streams_and_arguments_pass_through_untouched():
    result = run("run", "--quiet", "--", "printf", "%s|", "a b", "--json", "$x", "*", "")
    assert (result.stdout, result.stderr) == ("a b|--json|$x|*||", "")
    assert run("run", "--quiet", "--", "cat", stdin="hello\n").stdout == "hello\n"


def test_the_summary_is_on_stderr_short_and_names_the_run():
    result = run("run", "--region", "FR", "--", "sh", "-c", "echo out; echo err >&2")
    assert result.stdout == "out\n"
    lines = result.stderr.splitlines()
    assert lines[0] == "err"
    assert len(lines) <= 13
    assert "footprint show" in result.stderr


def test_ignored_signals_stay_ignored_and_broken_pipes_end_the_command():
    script = "trap '' HUP; " + " ".join(FOOTPRINT) + " run --quiet -- sh -c 'kill -HUP $$; echo alive'"
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False).stdout == "alive\n"
    script = " ".join(FOOTPRINT) + " run --quiet -- yes | head -1"
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=20, check=False).stdout == "y\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_that_is_sent_to_the_runner_reaches_the_command(number):
    code = (
        f"import signal,time,sys; signal.signal({int(number)}, lambda *a: sys.exit(9)); "
        "print('ready', flush=True); time.sleep(30)"
    )
    process = subprocess.Popen(
        [*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(10) == 9
    process.stdout.close()


def talk(command, until, send):
    """Run a command on a terminal; send bytes when it says something; give all that it printed."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    out, sent, end = b"", False, time.monotonic() + 20
    while time.monotonic() < end:
        if not select.select([fd], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        out += data
        if until in out and not sent:
            time.sleep(0.2)
            os.write(fd, send)
            sent = True
    status = os.waitpid(pid, 0)[1]
    os.close(fd)
    return out, status


def test_on_a_terminal_the_command_is_in_the_foreground():
    code = "import sys,os; print(sys.stdin.isatty(), os.tcgetpgrp(0) == os.getpgrp()); input(); print('got')"
    out, _ = talk([*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-c", code], b"True", b"x\n")
    assert b"True True" in out
    assert b"got" in out


def test_ctrl_c_reaches_the_command_once_and_a_second_one_too():
    code = (
        "import signal,time\nn=[]\nsignal.signal(2,lambda *a:n.append(1))\nprint('ready',flush=True)\n"
        "t=time.time()\nwhile time.time()-t<1.5: time.sleep(.05)\nprint('INTs',len(n))"
    )
    out, status = talk([*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-c", code], b"ready", b"\x03")
    assert b"INTs 1" in out
    assert status == 0
    code = code.replace("<1.5", "<2.5")
    out, status = talk([*FOOTPRINT, "run", "--quiet", "--", sys.executable, "-c", code], b"ready", b"\x03\x03")
    assert b"INTs" in out
    assert status == 0


def test_a_command_that_ctrl_c_ends_ends_the_runner_the_same_way():
    out, status = talk([*FOOTPRINT, "run", "--", "sh", "-c", "echo ready; sleep 20"], b"ready", b"\x03")
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGINT
    assert b"Traceback" not in out


def test_children_that_live_for_milliseconds_are_counted(tmp_path):
    code = (
        "import resource,subprocess,sys\n"
        "for _ in range(40): subprocess.run([sys.executable,'-S','-E','-c','sum(range(300000))'])\n"
        "r=[resource.getrusage(w) for w in (resource.RUSAGE_SELF,resource.RUSAGE_CHILDREN)]\n"
        "open('t','w').write(str(sum(x.ru_utime+x.ru_stime for x in r)))"
    )
    result, _ = document(tmp_path, "--", sys.executable, "-c", code, cwd=tmp_path)
    truth = float((tmp_path / "t").read_text())
    assert 0.97 < result["activity"]["cpu_s"] / truth < 1.05


def test_orphans_stay_in_the_tree(tmp_path):
    code = (
        "import os,time\n"
        "r,w=os.pipe()\n"
        "if os.fork()==0:\n"
        "  if os.fork()==0:\n"
        "    t=time.process_time()\n"
        "    while time.process_time()-t<0.8: pass\n"
        "    os._exit(0)\n"
        "  os._exit(0)\n"
        "os.close(w)\nos.wait()\nos.read(r,1)\ntime.sleep(0.3)"
    )
    result, _ = document(tmp_path, "--", sys.executable, "-c", code)
    assert result["activity"]["cpu_s"] > 0.7


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--region", "Atlantis"], "region"),
        (["--interval", "-1"], "interval"),
        (["--interval", "nan"], "interval"),
        (["--interval", "soon"], "interval"),
        (["--pue", "0.5"], "pue"),
        (["--pue", "nan"], "pue"),
        (["--idle", "free"], "idle"),
        (["--budget", "2 bananas"], "budget"),
        (["--on-exceed", "stop", "--budget", "1 kWh"], "on-exceed"),
        (["--units", "images=-1"], "units"),
        (["--units", "images"], "units"),
        (["--tag", "novalue"], "tag"),
        (["--json", "/nonexistent/folder/file.json"], "json"),
        (["--json", "/"], "json"),
    ],
)
def test_what_cannot_be_is_one_clear_line_and_nothing_is_started(tmp_path, options, says):
    mark = tmp_path / "ran"
    result = run("run", *options, "--", "touch", str(mark))
    assert result.returncode == 2
    assert not mark.exists()
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("footprint: ")


def test_no_command_and_an_unknown_verb_are_wrong_usage():
    assert run("run").returncode == 2
    assert run("fly").returncode == 2


@pytest.mark.parametrize(
    "content", ["region = [unclosed\n", "colour = 'red'\n", "interval = -3\n", "region = 'Atlantis'\n"]
)
def test_a_broken_settings_file_is_named_and_nothing_is_started(tmp_path, content):
    (tmp_path / "footprint.toml").write_text(content)
    result = run("run", "--", "touch", "ran", cwd=tmp_path, env={"FOOTPRINT_REGION": ""})
    assert result.returncode == 2
    assert "footprint.toml" in result.stderr
    assert not (tmp_path / "ran").exists()


def test_settings_files_are_found_upwards(tmp_path):
    (tmp_path / "footprint.toml").write_text("region = 'PL'\nproject = 'from-file'\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    result, _ = document(tmp_path, "--", "true", cwd=tmp_path / "a" / "b", env={"FOOTPRINT_REGION": ""})
    assert (result["region"]["zone"], result["region"]["how"], result["project"]) == ("PL", "file", "from-file")


def test_a_home_that_cannot_be_written_leaves_the_job_alone(tmp_path):
    (tmp_path / "file").write_text("mine")
    for home in ("/dev/null/x", str(tmp_path / "file")):
        result = run("run", "--", "sh", "-c", "echo did; exit 5", env={"FOOTPRINT_HOME": home})
        assert (result.returncode, result.stdout) == (5, "did\n")
        assert "not kept" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_disabled_is_a_no_op(tmp_path):
    result = run("run", "--", "sh", "-c", "echo did; exit 3", env={"FOOTPRINT_DISABLED": "1"})
    assert (result.returncode, result.stdout, result.stderr) == (3, "did\n", "")
    assert json.loads(run("list", "--json").stdout)["runs"] == []


def test_a_budget_warns_once_and_the_command_goes_on():
    busy = "import time\nt=time.time()\nwhile time.time()-t<2.5: pass\nraise SystemExit(4)"
    result = run("run", "--quiet", "--budget", "0.0000001 kWh", "--", sys.executable, "-c", busy)
    assert result.returncode == 4
    assert result.stderr.count("budget") == 1


def test_killed_with_the_runner_a_run_is_found_again_as_crashed():
    process = subprocess.Popen(
        [*FOOTPRINT, "run", "--name", "k", "--", "yes"], start_new_session=True, stdout=subprocess.DEVNULL
    )
    time.sleep(2.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (found,) = json.loads(run("list", "--json").stdout)["runs"]
    assert (found["name"], found["status"]) == ("k", "crashed")
    assert 0.5 < found["duration_s"] < 2.3
    assert found["job_kwh"]["central"] > 0


def test_units_give_the_impacts_of_one(tmp_path):
    result, _ = document(tmp_path, "--units", "images=50", "--", "sleep", "0.3")
    unit = result["units"]["images"]
    assert unit["count"] == 50
    assert unit["per_unit"]["job_kwh"]["central"] == pytest.approx(result["energy"]["job_kwh"]["central"] / 50)


def test_ranks_share_a_group_and_only_the_first_prints(tmp_path):
    ranks = {"WORLD_SIZE": "2", "MASTER_ADDR": "h", "MASTER_PORT": "1"}
    first = run("run", "--", "true", env=ranks | {"RANK": "0"})
    second = run("run", "--", "true", env=ranks | {"RANK": "1"})
    assert first.stderr
    assert second.stderr == ""
    runs = json.loads(run("list", "--json").stdout)["runs"]
    groups = {json.loads(run("show", one["run_id"], "--json").stdout)["group"] for one in runs}
    assert len(runs) == 2
    assert len(groups) == 1


def test_a_run_inside_another_names_its_parent(tmp_path):
    inner = [*FOOTPRINT, "run", "--quiet", "--json", str(tmp_path / "inner.json"), "--", "true"]
    outer, _ = document(tmp_path, "--", *inner)
    assert json.loads((tmp_path / "inner.json").read_text())["parent"] == outer["run_id"]
    assert outer["parent"] is None


def test_looking_less_often_to_save_cost_is_no_loss(tmp_path):
    """How often it looks depends on the machine; nothing is lost by it, and nothing is said on stderr."""
    result, said = document(tmp_path, "--interval", "0.02", "--", "sleep", "1.5")
    assert said.stderr == ""
    assert isinstance(result["self"]["thinned"], bool)
