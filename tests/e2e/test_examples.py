"""The examples run as they stand, under measurement: the demo is the first thing that a newcomer sees."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_demo_trains_a_model_and_its_run_is_kept(tmp_path):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: make demo brings it")
    command = ["run", "--name", "digits", "--project", "demo", "--region", "FR", "--json", str(tmp_path / "run.json")]
    done = subprocess.run(
        [sys.executable, "-m", "footprint", *command, "--", sys.executable, str(EXAMPLES / "train_digits.py")],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "unseen digits read correctly" in done.stdout
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["activity"]["cpu_s"] > 1
    assert run["energy"]["job_kwh"]["central"] > 0
    assert run["impacts"]["carbon_location"]["operational"]["central"] > 0
    shown = subprocess.run([sys.executable, "-m", "footprint", "show", run["run_id"]], capture_output=True, check=False)
    assert shown.returncode == 0


def ask(port, body, **headers):
    """(status, answer) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def served(*options):
    """The server, started, and its port."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: make demo brings it")
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLES / "serve_digits.py"), "--port", "0", "--region", "FR", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    return process, int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])


def check_requests(out, count):
    """What was printed and what is stored are the same figures, and one request has its part of the whole."""
    listed = subprocess.run([sys.executable, "-m", "footprint", "list", "--json"], capture_output=True, check=True)
    (one,) = json.loads(listed.stdout)["runs"]
    shown = [sys.executable, "-m", "footprint", "show", one["run_id"], "--json"]
    run = json.loads(subprocess.run(shown, capture_output=True, check=True).stdout)
    assert (run["name"], run["project"], run["status"], run["exit_code"]) == ("serve digits", "demo", "completed", 0)
    unit, whole = run["units"]["requests"], {"job_kwh": run["energy"]["job_kwh"]}
    whole["carbon_location"] = run["impacts"]["carbon_location"]["total"]
    assert unit["count"] == count
    for key, total in whole.items():
        for end in ("low", "central", "high"):
            assert unit["per_unit"][key][end] * count == pytest.approx(total[end], rel=1e-9)
    assert f"{count} requests in " in out
    assert f"each: {unit['per_unit']['job_kwh']['central'] * 3.6e6:.3g} J (" in out
    assert f"each: {unit['per_unit']['carbon_location']['central']:.3g} gCO2e (" in out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_counts_its_requests_and_says_what_one_took(number):
    process, port = served()
    pixels = json.dumps([0.0] * 32 + [16.0] * 32)
    answers = []

    def many():
        answers.extend(ask(port, pixels) for _ in range(10))

    threads = [threading.Thread(target=many) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [200] * 50
    assert all(answer["digit"] in range(10) for _, answer in answers)
    for wrong in ("", "nonsense", "[1, 2]", json.dumps([99] * 64), json.dumps(["nan"] * 64)):
        assert ask(port, wrong)[0] == 400, "and it is not counted"
    assert ask(port, None, **{"Content-Length": "20000"})[0] == 413
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    check_requests(out, 50)


def test_a_service_ends_by_itself_after_so_many_requests():
    process, port = served("--requests", "3")
    assert [ask(port, json.dumps([1] * 64))[0] for _ in range(3)] == [200] * 3
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    check_requests(out, 3)
