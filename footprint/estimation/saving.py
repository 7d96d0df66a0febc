"""Keeps an estimate: with an id of its own, in the home of this environment. It is never counted among runs."""

from __future__ import annotations

import os
import time
from typing import TypeVar

from footprint import config
from footprint.account.when import iso_time
from footprint.estimation.document import as_document
from footprint.estimation.record import Estimate
from footprint.store import saved_estimates
from footprint.ulid import ulid

Kept = TypeVar("Kept", bound=Estimate)


def kept(one: Kept) -> Kept:
    """The estimate with its id and time, once it is safe on the disk; as it was where FOOTPRINT_DISABLED is set.

    Raises NotPossible where the home cannot be written.
    """
    if config.is_disabled(os.environ):
        return one
    now_s = time.time()
    saved = one._replace(estimate_id=ulid(now_s, os.urandom(10)), saved_at=iso_time(now_s))
    saved_estimates.save(config.home(os.environ), as_document(saved))
    return saved
