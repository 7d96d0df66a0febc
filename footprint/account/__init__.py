"""From raw readings to a run's result: the one function behind stop, adoption, recompute, verify and explain."""

from footprint.account.account import Result, account

__all__ = ["Result", "account"]
