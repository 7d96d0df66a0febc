"""Ctrl-C at any moment of the command's life: it ends by that signal, with no traceback and nothing half done."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

STARTED = """
import os, sys
sys.argv[0] = 'footprint'
sys.addaudithook(lambda event, given: event == 'import' and given[0] == 'footprint.errors' and os.write(1, b'.'))
from footprint.cli import main
main()
"""
"""As the installed command begins, with a sign of life at its first lines: before them Python itself is loading."""


def interrupted(words, after_s):
    """(exit code, stderr) of a verb that is sent SIGINT so long after its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert os.read(process.stdout.fileno(), 1) == b"."
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()


MOMENTS = [random.Random(8).uniform(0, 0.15) for _ in range(12)] + [0.0, 0.001, 0.005, 0.02]


@pytest.mark.parametrize("words", [("list",), ("doctor",), ("--help",), ("run", "--", "sleep", "30")], ids=" ".join)
def test_it_ends_quietly_at_any_early_moment(words):
    for after_s in MOMENTS:
        code, said = interrupted(words, after_s)
        assert "Traceback" not in said, said
        assert "KeyboardInterrupt" not in said, said
        assert code == -signal.SIGINT or (code == 0 and words[0] != "run"), (code, after_s, said)


def test_a_command_is_not_started_after_ctrl_c(tmp_path):
    """Signals wait while the measuring is set up: one that came then ends the run before its command begins."""
    script = (
        "import os, signal, sys\n"
        "from footprint.launcher import Launcher, StoppedBefore\n"
        "launcher = Launcher(print)\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n"
        f"    launcher.start(['touch', {str(tmp_path / 'done')!r}], os.environ)\n"
        "except StoppedBefore as end:\n"
        "    sys.exit(end.by_signal)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == signal.SIGINT
    assert not (tmp_path / "done").exists()


def test_no_run_is_kept_of_a_command_that_was_not_started():
    for after_s in (0.05, 0.08):
        interrupted(("run", "--", "sleep", "30"), after_s)
    folder = os.path.join(os.environ["FOOTPRINT_HOME"], "journals")
    left = os.listdir(folder) if os.path.isdir(folder) else []
    assert not [name for name in left if name.endswith(".new")]


def test_a_program_that_imports_footprint_keeps_its_own_ctrl_c(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "import signal\nimport footprint\nassert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    )
    subprocess.run([sys.executable, str(script)], check=True, timeout=60)


def test_a_command_whose_interrupts_are_ignored_goes_on():
    """As `nohup` and shells' background jobs start it."""
    done = subprocess.run(
        ["sh", "-c", "trap '' INT; exec \"$0\" -m footprint --help & pid=$!; kill -INT $pid; wait $pid", sys.executable],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
