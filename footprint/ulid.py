"""Names of runs: ULIDs, which sort by time and cannot collide (48 bits of milliseconds, 80 of chance)."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(seconds: float, chance: bytes) -> str:
    """The 26 characters of a time (s since 1970) and ten random bytes."""
    number = (int(seconds * 1_000) & (2**48 - 1)) << 80 | int.from_bytes(chance[:10], "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
