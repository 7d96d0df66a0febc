"""Settings, read once: command line > environment > ``footprint.toml`` > user settings > defaults."""

import math
import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.records.raw import POLICIES

FILE = "footprint.toml"
_ON_LINUX: bool = sys.platform == "linux"
INTERVALS_S = (0.02, 600.0)


class Setting(NamedTuple):
    """A value and where it came from: ``flag``, ``argument``, ``environment``, ``file`` (its path), ``default``."""

    value: object
    origin: str


class Settings(NamedTuple):
    """All settings of this process."""

    home: Setting
    region: Setting
    idle: Setting
    pue: Setting
    interval: Setting
    project: Setting
    team: Setting
    metrics: Setting
    """By unit, the counters of a server that hold it: the table ``[metrics]`` of a file."""
    redfish: Setting
    """A management controller: the table ``[redfish]`` of a file, or its address."""
    wall_meter: Setting
    """Meters at the plug: the table ``[wall_meter]`` of a file, or several."""
    factors: Setting
    """A file of the user's own factors: its name, of a settings file relative to that."""
    contract: Setting
    """What the user states of the electricity they buy: the table ``contract`` of a file, or text."""
    server: Setting
    plain: Setting
    sysroot: Setting
    disabled: Setting


_VARIABLES = {
    "home": "FOOTPRINT_HOME",
    "region": "FOOTPRINT_REGION",
    "idle": "FOOTPRINT_IDLE",
    "redfish": "FOOTPRINT_REDFISH",
    "factors": "FOOTPRINT_FACTORS",
    "contract": "FOOTPRINT_CONTRACT",
    "server": "FOOTPRINT_SERVER",
    "plain": "FOOTPRINT_PLAIN",
    "sysroot": "FOOTPRINT_SYSROOT",
    "disabled": "FOOTPRINT_DISABLED",
    "project": "FOOTPRINT_PROJECT",
    "team": "FOOTPRINT_TEAM",
    "pue": "FOOTPRINT_PUE",
    "interval": "FOOTPRINT_INTERVAL",
}
# 0.9 s and not 1: a run that is killed keeps all but its last second, and a look may come a little late.
_DEFAULTS: Mapping[str, object] = {"idle": "reserved", "interval": 0.9, "plain": False, "disabled": False}


def load(
    given: Mapping[str, object], environ: Mapping[str, str], folder: str | None = None, origin: str = "argument"
) -> Settings:
    """All settings, checked. ``given`` are flags or arguments (None: not given); ``folder`` is where a file is sought.

    Raises UsageError for a broken file, an unknown key or a value that cannot be.
    """
    files = _files(environ, _here() if folder is None else folder)
    found: dict[str, Setting] = {}
    for name in Settings._fields:
        found[name] = _first(name, given, environ, files, origin)
    found["home"] = _home(found["home"], environ)
    settings = Settings(**found)
    return settings._replace(
        idle=_checked_idle(settings.idle),
        pue=settings.pue._replace(value=checked_pue(settings.pue.value, _named(settings.pue, "pue"))),
        interval=settings.interval._replace(
            value=checked_interval(settings.interval.value, _named(settings.interval, "interval"))
        ),
        metrics=_checked_metrics(settings.metrics),
        plain=settings.plain._replace(value=_is_on(settings.plain.value)),
        disabled=settings.disabled._replace(value=_is_on(settings.disabled.value)),
    )


def is_disabled(environ: Mapping[str, str]) -> bool:
    """Whether ``FOOTPRINT_DISABLED`` makes everything a no-op."""
    return _is_on(environ.get("FOOTPRINT_DISABLED", ""))


def is_plain(environ: Mapping[str, str]) -> bool:
    """Whether ``FOOTPRINT_PLAIN`` asks for one fact a line."""
    return _is_on(environ.get("FOOTPRINT_PLAIN", ""))


def home(environ: Mapping[str, str]) -> str:
    """Where runs are kept, without looking at anything else."""
    return str(_home(Setting(environ.get("FOOTPRINT_HOME"), "environment"), environ).value)


def _here() -> str:
    """The working directory; the root where it was removed under us."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def _first(
    name: str, given: Mapping[str, object], environ: Mapping[str, str], files: list[tuple[str, Mapping[str, object]]],
    origin: str,
) -> Setting:  # fmt: skip
    if given.get(name) is not None:
        return Setting(given[name], origin)
    variable = _VARIABLES.get(name)
    if variable and environ.get(variable):
        return Setting(environ[variable], "environment")
    for path, content in files:
        if name in content:
            return Setting(content[name], path)
    return Setting(_DEFAULTS.get(name), "default")


def _named(setting: Setting, name: str) -> str:
    """How a message calls a setting: by the place where it was written."""
    if setting.origin == "environment":
        return _VARIABLES[name]
    return f"{name} in {setting.origin}" if setting.origin.endswith(FILE) else name


def _is_on(value: object) -> bool:
    return str(value).strip().lower() not in {"", "0", "false", "no", "off", "none"}


def _home(setting: Setting, environ: Mapping[str, str]) -> Setting:
    if setting.value:
        return setting._replace(value=os.path.normpath(os.path.join(_here(), os.path.expanduser(str(setting.value)))))
    if _ON_LINUX:  # what platformdirs would say, without its import
        base = environ.get("XDG_DATA_HOME") or os.path.join(_users_folder(), ".local", "share")
        return Setting(os.path.join(base, "compute-footprint"), "default")
    import platformdirs

    return Setting(platformdirs.user_data_dir("compute-footprint", appauthor=False), "default")


def _users_folder() -> str:
    """The user's folder; the root for one without a name, as containers have them, and not a folder called ``~``."""
    found = os.path.expanduser("~")
    return found if os.path.isabs(found) else os.sep


def _user_file(environ: Mapping[str, str]) -> str:
    if _ON_LINUX:
        base = environ.get("XDG_CONFIG_HOME") or os.path.join(_users_folder(), ".config")
        return os.path.join(base, "compute-footprint", FILE)
    import platformdirs

    return os.path.join(platformdirs.user_config_dir("compute-footprint", appauthor=False), FILE)


def _files(environ: Mapping[str, str], folder: str) -> list[tuple[str, Mapping[str, object]]]:
    """The settings files that apply: the nearest upwards from the folder, then the user's."""
    paths = []
    while True:
        path = os.path.join(folder, FILE)
        if os.path.isfile(path):
            paths.append(path)
            break
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    user = _user_file(environ)
    if os.path.isfile(user):
        paths.append(user)
    return [(path, _read(path)) for path in paths]


def _read(path: str) -> Mapping[str, object]:
    import tomllib

    try:
        with open(path, "rb") as file:
            content = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError(f"settings file {path}", f"it cannot be read as TOML ({fault})", "mend that line") from None
    except OSError as fault:
        raise UsageError(f"settings file {path}", fault.strerror or str(fault), "make it readable") from None
    allowed = set(Settings._fields) - {"home", "sysroot", "disabled", "plain"}
    for key in content:
        if key not in allowed:
            known = ", ".join(sorted(allowed))
            raise UsageError(f"settings file {path}", f"it has an unknown key {key!r}", f"use one of: {known}")
    return content


def _checked_idle(setting: Setting) -> Setting:
    value = str(setting.value)
    if value not in POLICIES:
        raise UsageError(
            f"{_named(setting, 'idle')} {value!r}", "there is no such idle policy", f"use one of: {', '.join(POLICIES)}"
        )
    return setting._replace(value=value)


def _checked_metrics(setting: Setting) -> Setting:
    if setting.value is None:
        return setting
    if not isinstance(setting.value, dict):
        raise UsageError(_named(setting, "metrics"), "it is no table", 'write [metrics] and below it requests = "NAME"')
    from footprint.serving.counters import servers_for

    servers_for(setting.value)
    return setting


def _number(value: object, name: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type] # whatever a file or a caller gave
    except (TypeError, ValueError):
        raise UsageError(f"{name} {value!r}", "it is not a number", "give a number such as 1.5") from None
    if not math.isfinite(number):
        raise UsageError(f"{name} {value!r}", "it is not a finite number", "give a number such as 1.5")
    return number


def checked_interval(value: object, name: str = "interval") -> float:
    """Seconds between two samples. Raises UsageError outside 0.02 to 600."""
    seconds = _number(value, name)
    low, high = INTERVALS_S
    if not low <= seconds <= high:
        raise UsageError(f"{name} {value}", f"it must lie between {low} and {high:g} seconds", "try 1")
    return seconds


def checked_pue(value: object, name: str = "pue") -> float | None:
    """Power usage effectiveness, a ratio. Raises UsageError below 1 or above 10."""
    if value is None:
        return None
    ratio = _number(value, name)
    if not 1 <= ratio <= 10:
        why = "a building cannot use less than its computers" if ratio < 1 else "no building is known to be that bad"
        raise UsageError(f"{name} {value}", why, "give facility energy ÷ IT energy, 1 or more")
    return ratio


def explain(settings: Settings) -> list[tuple[str, object, str]]:
    """(name, value, where it came from) of each setting, for ``doctor``. Of meters only who is asked."""
    return [
        (name, _shown(name, setting.value), setting.origin)
        for name, setting in zip(settings._fields, settings, strict=True)
    ]


def _shown(name: str, value: object) -> object:
    if name == "contract" and isinstance(value, Mapping):
        return " ".join(str(value.get(key, "?")) for key in ("intensity_g_per_kwh", "kind", "year", "evidence"))
    if value is None or name not in {"redfish", "wall_meter"}:
        return value
    from footprint.meters import shown

    return shown(value)
