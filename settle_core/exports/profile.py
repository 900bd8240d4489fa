"""How an export is to be read: names and choices, never SQL.

A profile is a TOML file or the name of a built-in one. Every key has a default; an unknown key is
an error, because a misspelt one would silently audit something else.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from settle_core import contract
from settle_core.errors import Fault

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
SCALE_MAX: Final = 8


@dataclass(frozen=True)
class Profile:
    """A profile, checked. Field names are the TOML keys, sections joined by an underscore."""

    name: str
    entries_file: str = "entries.*"
    entries_columns: dict[str, str] = field(default_factory=dict)
    kinds_entry: tuple[str, ...] = ("entry",)
    kinds_counter: tuple[str, ...] = ("counter",)
    kinds_correction: tuple[str, ...] = ("correction",)
    settlements_file: str = "settlements.*"
    settlements_columns: dict[str, str] = field(default_factory=dict)
    settlements_agreement: str = "checked"
    csv_delimiter: str = ","
    csv_decimal: str = "."
    csv_date_format: str = "%Y-%m-%d"
    csv_timestamp_format: str = ""
    money_scale: int = 2
    money_unit: str = "major"
    money_currency: str = "EUR"
    calendar_week_start: str = "monday"
    clock_zone: str = "UTC"
    clock_skew_seconds: float = 2.0
    clock_grace_minutes: float = 15.0
    balancing_level: str = "auto"
    balancing_policy: str = "auto"

    @property
    def skew_us(self) -> int:
        """Clock skew in microseconds."""
        return round(self.clock_skew_seconds * 1_000_000)

    @property
    def grace_us(self) -> int:
        """Grace period in microseconds."""
        return round(self.clock_grace_minutes * 60_000_000)

    @property
    def week_offset_days(self) -> int:
        """Days from Monday to the day on which a week starts."""
        return WEEKDAYS.index(self.calendar_week_start)

    @property
    def unit_factor(self) -> Decimal:
        """What one exported unit of money is worth in major units."""
        return Decimal(1).scaleb(-self.money_scale) if self.money_unit == "minor" else Decimal(1)


# TOML path -> (field, type). The one list of the keys that there are.
KEYS: Final[dict[str, tuple[str, type]]] = {
    "entries.file": ("entries_file", str),
    "entries.columns": ("entries_columns", dict),
    "entries.kinds.entry": ("kinds_entry", list),
    "entries.kinds.counter": ("kinds_counter", list),
    "entries.kinds.correction": ("kinds_correction", list),
    "settlements.file": ("settlements_file", str),
    "settlements.columns": ("settlements_columns", dict),
    "settlements.agreement": ("settlements_agreement", str),
    "csv.delimiter": ("csv_delimiter", str),
    "csv.decimal": ("csv_decimal", str),
    "csv.date_format": ("csv_date_format", str),
    "csv.timestamp_format": ("csv_timestamp_format", str),
    "money.scale": ("money_scale", int),
    "money.unit": ("money_unit", str),
    "money.currency": ("money_currency", str),
    "calendar.week_start": ("calendar_week_start", str),
    "clock.zone": ("clock_zone", str),
    "clock.skew_seconds": ("clock_skew_seconds", float),
    "clock.grace_minutes": ("clock_grace_minutes", float),
    "balancing.level": ("balancing_level", str),
    "balancing.policy": ("balancing_policy", str),
}


def built_in() -> tuple[str, ...]:
    """Names of the built-in profiles, sorted."""
    folder = files("settle_core.exports") / "profiles"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir()))


def load(name_or_path: str) -> Profile:
    """Read a profile.

    Args:
        name_or_path: a built-in name (see `built_in`) or the path of a TOML file.

    Raises:
        Fault: not found, not TOML, an unknown key, a value of the wrong type or out of range.
    """
    if name_or_path in built_in():
        text = (files("settle_core.exports") / "profiles" / f"{name_or_path}.toml").read_text(
            "utf-8"
        )
    else:
        path = Path(name_or_path)
        if not path.is_file():
            raise Fault(
                "no such profile",
                expected=f"a TOML file, or one of {', '.join(built_in())}",
                found=repr(name_or_path),
                todo="give --profile another name or path",
            )
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise Fault("profile is not UTF-8", where=name_or_path, found=str(error)) from error
    return parse(text, name_or_path)


def parse(text: str, name: str) -> Profile:
    """Make a profile from TOML text; `name` is used in messages. Raises as `load` does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Fault("profile is not TOML", where=name, found=str(error)) from error
    values: dict[str, Any] = {}
    for path, value in _leaves(document):
        if path not in KEYS:
            raise Fault(
                "unknown key",
                where=f"profile {name}",
                expected=f"one of {', '.join(KEYS)}",
                found=repr(path),
                todo="correct its spelling or remove it",
            )
        key, kind = KEYS[path]
        values[key] = _typed(name, path, value, kind)
    profile = Profile(name=name, **values)
    _check(profile)
    return profile


def _leaves(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and any(known.startswith(f"{path}.") for known in KEYS):
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value


def _typed(name: str, path: str, value: object, kind: type) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    strings = list(value.values()) if isinstance(value, dict) else value
    whole = isinstance(value, kind) and not isinstance(value, bool)
    if not whole or (isinstance(strings, list) and not all(isinstance(v, str) for v in strings)):
        plural = {"list": "a list of strings", "dict": "a table of strings"}
        wanted = plural.get(kind.__name__, kind.__name__)
        raise Fault(
            "wrong type", where=f"profile {name}, {path}", expected=wanted, found=repr(value)
        )
    return tuple(value) if isinstance(value, list) else value


def _check(p: Profile) -> None:
    def demand(ok: bool, path: str, expected: str, found: object) -> None:  # noqa: FBT001
        if not ok:
            where = f"profile {p.name}, {path}"
            raise Fault("bad value", where=where, expected=expected, found=repr(found))

    known: tuple[str, ...] = contract.ENTRY_REQUIRED + contract.ENTRY_OPTIONAL
    for ours in p.entries_columns:
        demand(ours in known, "entries.columns", f"one of {', '.join(known)}", ours)
    known = contract.SETTLEMENT_REQUIRED + contract.SETTLEMENT_OPTIONAL
    for ours in p.settlements_columns:
        demand(ours in known, "settlements.columns", f"one of {', '.join(known)}", ours)
    kinds = (*p.kinds_entry, *p.kinds_counter, *p.kinds_correction)
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    demand(not twice, "entries.kinds", "a value in one kind only", twice)
    agreement = p.settlements_agreement
    demand(agreement in {"checked", "any"}, "settlements.agreement", "checked or any", agreement)
    demand(len(p.csv_delimiter) == 1, "csv.delimiter", "one character", p.csv_delimiter)
    demand(p.csv_decimal in {".", ","}, "csv.decimal", "'.' or ','", p.csv_decimal)
    scale_ok = 0 <= p.money_scale <= SCALE_MAX
    demand(scale_ok, "money.scale", f"0 to {SCALE_MAX}", p.money_scale)
    demand(p.money_unit in {"major", "minor"}, "money.unit", "major or minor", p.money_unit)
    day = p.calendar_week_start
    demand(day in WEEKDAYS, "calendar.week_start", f"one of {', '.join(WEEKDAYS)}", day)
    zone_ok = p.clock_zone in available_timezones() and ZoneInfo(p.clock_zone) is not None
    demand(zone_ok, "clock.zone", "an IANA time zone", p.clock_zone)
    demand(p.clock_skew_seconds >= 0, "clock.skew_seconds", ">= 0", p.clock_skew_seconds)
    demand(p.clock_grace_minutes >= 0, "clock.grace_minutes", ">= 0", p.clock_grace_minutes)
    level, policy = p.balancing_level, p.balancing_policy
    demand(level in {"auto", *contract.LEVELS}, "balancing.level", "auto, day or week", level)
    demand(policy in {"auto", *contract.POLICIES}, "balancing.policy", "auto, sum or delta", policy)


def as_dict(profile: Profile) -> dict[str, Any]:
    """A profile by its TOML paths, for the record."""
    return {"name": profile.name} | {
        path: getattr(profile, name) for path, (name, _) in KEYS.items()
    }
