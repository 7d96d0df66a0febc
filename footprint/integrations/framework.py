"""Finds the framework that an integration is for, and says in one line where there is none."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from footprint.errors import NotInstalled


def framework(*names: str) -> ModuleType:
    """The first of these modules that the program has loaded, else the first that can be imported.

    Raises NotInstalled, which is an ImportError too, where there is none.
    """
    for name in names:
        if name in sys.modules:
            return sys.modules[name]
    why = ""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError as fault:
            is_absent = isinstance(fault, ModuleNotFoundError) and f"{name}.".startswith(f"{fault.name}.")
            why = why or ("" if is_absent else f"{name} cannot be imported ({fault})")
    package = names[0].partition(".")[0]
    raise NotInstalled(
        f"footprint.integrations for {package}", why or f"{package} is not installed", f"pip install {package}"
    )
