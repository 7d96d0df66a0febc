"""Times as results show them, without a clock: UTC from seconds since 1970."""

_DAY_S = 86_400


def iso_time(seconds: float) -> str:
    """``2026-11-24T09:00:00.000Z`` of seconds since 1970."""
    millis = round(seconds * 1_000)
    day, rest = divmod(millis, _DAY_S * 1_000)
    year, month, day_of_month = civil(day)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, milli = divmod(rest, 1_000)
    return f"{year:04d}-{month:02d}-{day_of_month:02d}T{hours:02d}:{minutes:02d}:{whole:02d}.{milli:03d}Z"


def year_of(seconds: float) -> int:
    """The year (UTC) of seconds since 1970."""
    return civil(int(seconds // _DAY_S))[0]


def civil(days: int) -> tuple[int, int, int]:
    """(year, month, day) of days since 1970-01-01, by the rules of the Gregorian calendar.

    Counted in years that begin on 1 March, so that the leap day comes last. ``datetime`` would do it too, and
    takes 2 ms to import.
    """
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1
