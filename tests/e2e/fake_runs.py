"""A source of runs for the pages' tests: a class at the seam, with figures that are made up and stay the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from footprint.dashboard.selection import Order, Selection
from footprint.dashboard.source import Derived, Document, FactorLine, TargetCourse, TargetFacts, Timeline
from footprint.errors import NoSuchRun, StoreUnusable
from footprint.interval import UNKNOWN, Interval, common_total, is_known, scaled
from footprint.queries import CurvePoint, Daily, EnergyShares, ProjectSum, RunRow, Sum
from footprint.targets import Pinned, Scope, Standing, Target

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PROJECTS = ("vision", "protein-fold", "ocean-sim", None)


def p90(central: float, below: float = 0.08, above: float = 0.08, kind: str = "p90") -> Interval:
    """An interval by its relative half-widths."""
    return Interval(central * (1 - below), central, central * (1 + above), kind)


def as_json(value: Interval) -> dict[str, Any]:
    return {"low": value.low, "central": value.central, "high": value.high, "kind": value.kind}


def made_up(number: int) -> RunRow:
    """Run ``number`` of a series: six a day, going back."""
    energy = p90(0.012 * (1.6 + math.sin(number * 1.7)))
    status = "crashed" if number % 11 == 5 else "completed"
    impacts = {"carbon_location": p90(energy.central * 56, 0.3, 0.4, "lower_bound")}
    if number % 7:
        impacts["water"] = p90(energy.central * 2.1, 0.5, 0.9, "lower_bound")
    started = NOW - timedelta(hours=4 * number)
    return RunRow(
        run_id=f"01JDRUN{number:05d}",
        name=("train", "evaluate", "sweep <b>17</b>")[number % 3],
        project=PROJECTS[number % 4],
        team=None,
        tags={},
        parent=None,
        group=None,
        idle_policy="reserved",
        status=status,
        exit_code=(3 if number % 13 == 4 else 0) if status == "completed" else None,
        started_at=started.isoformat(),
        duration_s=20.0 + 37.5 * (number % 9),
        job_kwh=energy,
        impacts=impacts,
        zone="FR",
        zone_how="flag",
        measured_share=None if number % 17 == 3 else 0.93,
    )


def standing(name: str, status: str, used: float, limit: float, indicator: str = "carbon_location") -> Standing:
    """Where a made-up target stands on 24 November."""
    target = Target(
        name, indicator, Scope("project", "vision"), "month", limit, str(limit), "platform team",
        "budget of 2026, decision 12", Pinned("2026.11", "ab"),
    )  # fmt: skip
    known = status in {"on_track", "likely_over", "over"}
    return Standing(
        target,
        p90(used, 0.3, 0.4, "lower_bound"),
        p90(used * 1.25, 0.35, 0.5, "lower_bound") if known else UNKNOWN,
        limit - used,
        {"on_track": 0.12, "likely_over": 0.8, "over": 0.99}.get(status, math.nan),
        1.0 if known else 0.6,
        status,
        "" if known else "hosts fell silent; silent: rack-2; coverage is 60%, and silence is no saving",
        () if known else ("rack-2",),
        "2026-11-01",
        "2026-11-30",
        6,
    )


class FakeRuns:
    """Answers from memory; ``broken`` makes it fail as a damaged store does."""

    def __init__(self, count: int) -> None:
        self.lines = [made_up(number) for number in range(count)]
        self.broken = False
        self.standings: list[Standing] = []

    def _of(self, selection: Selection) -> list[RunRow]:
        if self.broken:
            raise StoreUnusable("the store cannot be read", "it is damaged", "run: footprint store rebuild")
        since = NOW - timedelta(days=selection.days) if selection.days else None
        return [
            line
            for line in self.lines
            if selection.text in (line.name or "") + line.run_id
            and selection.project in (line.project or "")
            and selection.status in ("", line.status)
            and (since is None or datetime.fromisoformat(line.started_at) >= since)
        ]

    def runs(self, selection: Selection, order: Order, offset: int, limit: int) -> list[RunRow]:
        keys: Mapping[str, Any] = {
            "started": lambda line: line.started_at,
            "name": lambda line: line.name,
            "project": lambda line: line.project or "",
            "energy": lambda line: line.job_kwh.central,
            "duration": lambda line: line.duration_s,
        }
        key = keys.get(order.column, keys["started"])
        return sorted(self._of(selection), key=key, reverse=order.descending)[offset : offset + limit]

    def count(self, selection: Selection) -> int:
        return len(self._of(selection))

    def totals(self, selection: Selection, indicators: tuple[str, ...]) -> dict[str, Sum]:
        found = {}
        for indicator in indicators:
            days = self.over_time(selection, indicator)
            found[indicator] = Sum(common_total(day.sum.value for day in days), sum(day.sum.runs for day in days))
        return found

    def over_time(self, selection: Selection, indicator: str) -> list[Daily]:
        days: dict[str, list[Interval]] = {}
        for line in reversed(self._of(selection)):
            value = line.job_kwh if indicator == "job_kwh" else line.impacts.get(indicator, UNKNOWN)
            days.setdefault(line.started_at[:10], []).append(value)
        return [Daily(day, Sum(common_total(values), len(values))) for day, values in days.items()]

    def projects(self, selection: Selection) -> list[ProjectSum]:
        by: dict[str, list[Interval]] = {}
        for line in self._of(selection):
            by.setdefault(line.project or "", []).append(line.job_kwh)
        shares = [ProjectSum(name, Sum(common_total(values), len(values))) for name, values in by.items()]
        return sorted(shares, key=lambda share: -share.sum.value.central)

    def shares(self, selection: Selection) -> EnergyShares:
        return EnergyShares(0.93 if self._of(selection) else None, 0.0)

    def derived(self, run_id: str, key: str) -> Derived:
        energy = as_json(p90(0.0124))
        step: dict[str, Any] = {
            "name": f"the {key} of {run_id}",
            "formula": "facility_kwh × direct",
            "inputs": {"facility_kwh": energy, "direct": as_json(p90(56.0, 0.3, 0.4))},
            "factor": {
                "id": "carbon_location/direct/FR/2024",
                "central": 56.0,
                "low": 39.2,
                "high": 78.4,
                "unit": "gCO2e",
                "per": "kWh",
                "how": "published",
                "note": "",
            },
            "output": as_json(p90(0.69, 0.3, 0.4)),
            "unit": "gCO2e",
            "sources": ["agency-2024"],
        }
        spread = [("burning fuel in the plants", 0.8)]
        next_steps = ("What would narrow this most: read a meter at the plug, from ±45% to about ±20%.",)
        return Derived([step] * 6, spread, {"agency-2024": "A yearly data set."}, next_steps=next_steps)

    def targets(self) -> list[TargetFacts]:
        return [TargetFacts(standing, EnergyShares(0.93, 0.0)) for standing in self.standings]

    def course(self, target: Target) -> TargetCourse:
        standing = next(one for one in self.standings if one.target == target)
        first = date.fromisoformat(standing.first_day)
        used = [
            CurvePoint((first + timedelta(days=day)).isoformat(), scaled(standing.used, (day + 1) / 24))
            for day in range(24)
        ]
        if not is_known(standing.forecast):
            return TargetCourse(used, [])
        return TargetCourse(used, [used[-1], CurvePoint(standing.last_day, standing.forecast)])

    def messages(self) -> list[str]:
        return []

    def state(self) -> str:
        return str(len(self._of(Selection(days=0))))

    def document(self, run_id: str) -> Document:
        for line in self._of(Selection(days=0)):
            if line.run_id == run_id:
                return document(line)
        raise NoSuchRun(f"there is no run {run_id}", "no stored run has that id", "footprint list shows them")

    def timeline(self, run_id: str) -> Timeline:
        del run_id
        names = ("package-0", "dram-0", "gpu-0", "gpu-1")
        return [
            (
                float(t_s),
                {
                    name: None
                    if name == "gpu-1" and 12 <= t_s < 18
                    else 20.0 * (number + 1) * (1.2 + math.sin(t_s / 5 + number))
                    for number, name in enumerate(names)
                },
            )
            for t_s in range(58)
        ]

    def factors(self, document: Document) -> list[FactorLine]:
        del document
        source = "A yearly data set of a public agency. An agency, 2024. CC BY 4.0"
        return [
            FactorLine(
                "carbon_location/total/FR/2024",
                "carbon_location",
                "FR",
                2024,
                p90(56.0, 0.3, 0.4),
                "gCO2e/kWh",
                (source,),
            )
        ]


def document(line: RunRow) -> dict[str, Any]:
    """The whole of a run, as the store gives it."""
    joules = {"package-0": 1200.0, "dram-0": 130.0, "gpu-0": 9000.0, "gpu-1": 4100.0}
    kinds = {"package-0": "cpu", "dram-0": "dram", "gpu-0": "gpu", "gpu-1": "gpu", "overhead": "overhead"}
    parts = [
        {
            "kind": kinds[name],
            "channel": name,
            "method": "rapl-counter" if kinds[name] != "gpu" else "nvml-energy",
            "quality": "measured",
            "host_j": as_json(p90(1.3 * energy, 0.02, 0.02)),
            "job_j": as_json(p90(energy, 0.05, 0.05)),
            "rest_j": as_json(p90(0.3 * energy, 0.2, 0.2)),
            "coverage": 0.9 if name == "gpu-1" else 1.0,
        }
        for name, energy in joules.items()
    ]
    overhead = p90(2200.0, 0.5, 0.6, "envelope")
    parts.append(
        {
            "kind": "overhead",
            "channel": "overhead",
            "method": "model",
            "quality": "modelled",
            "host_j": as_json(overhead),
            "job_j": as_json(overhead),
            "rest_j": as_json(p90(0.0)),
            "coverage": 1.0,
        }
    )
    kwh = as_json(line.job_kwh)
    carbon, water = line.impacts["carbon_location"], line.impacts.get("water")
    return {
        "schema": "footprint.run/1",
        "run_id": line.run_id,
        "group": None,
        "continues": None,
        "parent": None,
        "name": line.name,
        "project": line.project,
        "team": None,
        "tags": {"seed": "7"},
        "status": line.status,
        "exit_code": line.exit_code,
        "error": None,
        "started_at": line.started_at,
        "ended_at": line.started_at,
        "duration_s": line.duration_s,
        "region": {"zone": "FR", "how": "flag"},
        "host": {
            "id": "h1",
            "cpu": "AMD EPYC 9354",
            "logical_cpus": 64,
            "memory_gb": 256.0,
            "virtual": False,
            "gpus": ["NVIDIA H100"] * 2,
        },
        "energy": {
            "job_kwh": kwh,
            "host_kwh": as_json(p90(line.job_kwh.central * 1.3)),
            "facility_kwh": as_json(p90(line.job_kwh.central * 1.4, 0.2, 0.3)),
            "pue": as_json(Interval(1.1, 1.4, 1.8, "envelope")),
            "components_kwh": kwh,
            "idle_policy": "reserved",
            "components": parts,
            "gaps": [
                {
                    "channel": "gpu-1",
                    "from_s": 12.0,
                    "to_s": 18.0,
                    "why": "NVML said: unknown error",
                    "filled": "interpolated",
                }
            ],
        },
        "boundary": {
            "measured": ["cpu", "dram", "gpu"],
            "modelled": ["overhead"],
            "left_out": ["network", "cooling beyond PUE"],
            "notes": [],
        },
        "self": {"cpu_s": 0.004, "energy_j": 0.1, "share": 0.0001},
        "activity": {"cpu_s": 9.8, "host_cpu_s": 10.1, "processes": 12},
        "impacts": {
            "carbon_location": {
                "unit": "gCO2e",
                "class": "status",
                "operational": as_json(carbon),
                "embodied": {"missing": "no data on this hardware yet"},
                "total": as_json(carbon),
                "parts": {"direct": as_json(p90(carbon.central * 0.6)), "upstream": as_json(p90(carbon.central * 0.3))},
            },
            "water": {"unit": "L", "class": "direction", "missing": "no factor for this zone"}
            if water is None
            else {
                "unit": "L",
                "class": "direction",
                "operational": as_json(water),
                "embodied": {"missing": "no data"},
                "total": as_json(water),
                "parts": {},
            },
        },
        "spans": [{"name": "epoch 1", "path": ["epoch 1"], "count": 1, "duration_s": 9.0, "job_kwh": kwh}],
        "units": {"images": {"count": 1000.0, "per_unit": {"job_kwh": as_json(p90(line.job_kwh.central / 1000))}}},
        "provenance": {
            "footprint": "0.1.0",
            "catalogue": "2026.11",
            "catalogue_sha256": "ab",
            "factors": ["carbon_location/total/FR/2024"],
            "settings": {"interval_s": 1.0, "pue": None},
            "idle": {"package-0": "lowest-seen"},
        },
    }
