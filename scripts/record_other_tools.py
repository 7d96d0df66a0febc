"""Record what two other tools say of three servers and three language models: ``tests/published/other_tools.json``.

    python -m venv elsewhere && elsewhere/bin/pip install boaviztapi==2.5.0 ecologits==0.11.3 httpx
    elsewhere/bin/python scripts/record_other_tools.py

They are not among this project's own dependencies (docs/decisions/0021-other-tools-as-recorded-results.md). Only the
figures that they print are kept. Of impacts of electricity only carbon is: their other factors may not be passed on.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent.parent / "tests" / "published" / "other_tools.json"
HOURS, LIFE_HOURS = 8760, 35040
SERVERS: dict[str, dict[str, Any]] = {
    # name: two processors with their die (mm2), memory (modules × GB), drives (count × GB), power supplies (count × kg)
    "two Xeon Platinum 8280": {
        "cpu": "Xeon Platinum 8280",
        "die_mm2": 694,
        "ram": (12, 32),
        "ssd": (2, 960),
        "load": 50,
    },
    "two EPYC 7763": {"cpu": "EPYC 7763", "die_mm2": 1064, "ram": (16, 64), "ssd": (2, 1920), "load": 30},
    "two Xeon E5-2699 v4": {"cpu": "Xeon E5-2699 v4", "die_mm2": 456, "ram": (8, 16), "ssd": (1, 480), "load": 10},
}
MODELS = {
    # name in this project: (active, all parameters in billions)
    "llama-3.1-8b": (8.0, 8.0),
    "llama-3.1-70b": (70.0, 70.0),
    "mixtral-8x22b": (39.0, 141.0),
}
REQUEST = {"tokens_out": 400, "pue": 1.2, "wue_l_per_kwh": 0.5, "ewif_l_per_kwh": 3.0, "intensity_g_per_kwh": 400.0}


def main() -> None:
    """Ask both and write the file."""
    found = {
        "boaviztapi": {
            "version": version("boaviztapi"),
            "licence": "AGPL-3.0; its figures, not its code or data, are kept here",
            "source": "https://github.com/Boavizta/boaviztapi",
            "hours": HOURS,
            "lifetime_hours": LIFE_HOURS,
            "servers": _servers(),
        },
        "ecologits": {
            "version": version("ecologits"),
            "licence": "MPL-2.0",
            "source": "https://github.com/genai-impact/ecologits",
            "request": REQUEST,
            "models": {name: _model(*size) for name, size in MODELS.items()},
        },
    }
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"written: {OUT}")


def _servers() -> dict[str, Any]:
    from boaviztapi.main import app
    from starlette.testclient import TestClient

    client = TestClient(app)
    return {name: _server(client, told) for name, told in SERVERS.items()}


def _server(client: Any, told: dict[str, Any]) -> dict[str, Any]:
    modules, module_gb = told["ram"]
    drives, drive_gb = told["ssd"]
    body = {
        "model": {"type": "rack"},
        "configuration": {
            "cpu": {"units": 2, "name": told["cpu"], "die_size": told["die_mm2"]},
            "ram": [{"units": modules, "capacity": module_gb}],
            "disk": [{"units": drives, "type": "ssd", "capacity": drive_gb}],
            "power_supply": {"units": 2, "unit_weight": 2.99},
        },
        "usage": {"usage_location": "FRA", "time_workload": told["load"], "hours_life_time": LIFE_HOURS},
    }
    path = f"/v1/server/?verbose=true&duration={HOURS}&criteria=gwp&criteria=adp&criteria=pe"
    answer = client.post(path, json=body)
    answer.raise_for_status()
    parts = {
        name: part for name, part in answer.json()["verbose"].items() if isinstance(part, dict) and "impacts" in part
    }
    whole = answer.json()["impacts"]
    return {
        "inputs": {**told, "power_supplies": [2, 2.99]},
        "embedded": {name: _embedded(whole[name]) for name in ("gwp", "adp", "pe")},
        "parts": {
            name.rpartition("-")[0].lower(): {key: _embedded(part["impacts"][key]) for key in ("gwp", "adp", "pe")}
            for name, part in parts.items()
        },
        "power_w": {
            name.rpartition("-")[0].lower(): part["avg_power"]["value"]
            for name, part in parts.items()
            if "avg_power" in part
        },
        "use_kg": whole["gwp"]["use"]["value"],
        "intensity_g_per_kwh": 1000
        * next(part["gwp_factor"]["value"] for part in parts.values() if "gwp_factor" in part),
    }


def _embedded(impact: dict[str, Any]) -> list[float]:
    """Low, value and high of making it, for the hours asked for."""
    return [impact["embedded"][name] for name in ("min", "value", "max")]


def _model(active_b: float, total_b: float) -> dict[str, Any]:
    from ecologits.impacts.llm import compute_llm_impacts, compute_llm_impacts_dag

    asked = {
        "model_active_parameter_count": active_b,
        "model_total_parameter_count": total_b,
        "output_token_count": REQUEST["tokens_out"],
        "if_electricity_mix_adpe": 0.0,
        "if_electricity_mix_pe": 0.0,
        "if_electricity_mix_gwp": REQUEST["intensity_g_per_kwh"] / 1000,
        "if_electricity_mix_wue": REQUEST["ewif_l_per_kwh"],
        "datacenter_pue": REQUEST["pue"],
        "datacenter_wue": REQUEST["wue_l_per_kwh"],
    }
    impacts = compute_llm_impacts(**asked)
    steps = compute_llm_impacts_dag(**asked, request_latency=float("inf"))
    return {
        "active_b": active_b,
        "total_b": total_b,
        "gpus": steps["gpu_required_count"],
        "latency_s": steps["generation_latency"],
        "facility_kwh": impacts.energy.value,
        "use_g": impacts.usage.gwp.value * 1000,
        "water_l": impacts.usage.wcf.value,
        "embodied_g": impacts.embodied.gwp.value * 1000,
    }


if __name__ == "__main__":
    main()
