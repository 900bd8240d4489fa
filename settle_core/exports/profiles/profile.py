"""How an export is to be read: names and choices, never SQL.

A profile is a TOML file or the name of a built-in one. Every key has a default; an unknown key is
an error, because a misspelt one would silently audit something else.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports.profiles import checks, guesses
from settle_core.exports.profiles.currencies import DECIMALS
from settle_core.exports.profiles.guesses import Guessed
from settle_core.exports.profiles.keys import (
    INSTANT,
    SCALE_MAX,
    Dialect,
    Document,
    Entries,
    Settlements,
    Unit,
    Weekday,
)

__all__ = ["SCALE_MAX", "WEEKDAYS", "Profile", "as_dict", "built_in", "load", "parse"]

WEEKDAYS: Final[tuple[str, ...]] = get_args(Weekday)
SCALE_USUAL: Final = 2
RESOLUTIONS_US: Final = {"exact": 0, "second": 10**6, "minute": 60 * 10**6, "day": 86400 * 10**6}
_AT: Final = re.compile(r" - at `\$?\.?(.*)`$")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(.*)`", re.DOTALL)
_EXPECTED: Final = re.compile(r"Expected (.*?)(?:, got .*)?$", re.DOTALL)


class Profile(Document, frozen=True):
    """A profile, checked.

    Attributes:
        name: of the built-in one, or the path of its file.
        told: the TOML paths of the keys that the file gives.
        guessed: what its comments say was guessed.
    """

    name: str = ""
    told: frozenset[str] = frozenset()
    guessed: tuple[Guessed, ...] = ()

    def __repr__(self) -> str:
        """Name it."""
        return f"<profile {self.name[-64:]!r}>"

    @property
    def skew_us(self) -> int:
        """How near two events may be and have come in either order, in microseconds."""
        return max(
            round(self.clock.skew_seconds * 1_000_000), RESOLUTIONS_US[self.clock.resolution]
        )

    @property
    def grace_us(self) -> int:
        """Grace period in microseconds."""
        return round(self.clock.grace_minutes * 60_000_000)

    @property
    def week_offset_days(self) -> int:
        """Days from Monday to the day on which a week starts."""
        return WEEKDAYS.index(self.calendar.week_start)

    @property
    def day_starts_minutes(self) -> int:
        """Minutes from midnight to the start of a day."""
        hours, minutes = self.calendar.day_starts.split(":")
        return int(hours) * 60 + int(minutes)

    @property
    def scale(self) -> int:
        """Decimals of money where no currency says otherwise."""
        if self.money.scale is not None:
            return self.money.scale
        code = self.money.currency
        return self._named_scales.get(code.upper(), DECIMALS.get(code.upper(), SCALE_USUAL))

    @property
    def _named_scales(self) -> dict[str, int]:
        return {name.strip().upper(): scale for name, scale in self.money.scales.items()}

    def own_scale(self, table: str) -> int:
        """Decimals of money in one table, where no currency says otherwise."""
        told = self.table(table).money.scale
        return self.scale if told is None else told

    def other_scale(self, currency: str, table: str) -> int | None:
        """Decimals of a currency that has others than the rest, by the profile or by ISO 4217.

        In minor units they say what an amount is, in major units how many decimals it may have;
        a scale that the profile tells allows as many in currencies that have fewer.
        """
        code = currency.strip().upper()
        if code in self._named_scales:
            return self._named_scales[code]
        known = DECIMALS.get(code)
        is_ours = code == self.money.currency.upper() and self.money.scale is not None
        if known is None or is_ours:
            return None
        money = self.table(table).money
        is_told = self.money.scale is not None or money.scale is not None
        is_bound = money.unit == "minor" or not is_told
        return known if is_bound or known > self.own_scale(table) else None

    def decimals(self, currency: str) -> int:
        """Decimals that an amount of a currency is shown with, where it has no more."""
        code = currency.strip().upper()
        is_ours = code == self.money.currency.upper() and self.money.scale is not None
        known = None if is_ours else DECIMALS.get(code)
        return self._named_scales.get(code, self.own_scale("entry") if known is None else known)

    def table(self, table: str) -> Entries | Settlements:
        """The keys of the table `entry` or `settlement`."""
        return self.entries if table == "entry" else self.settlements

    def column(self, table: str, ours: str) -> str:
        """The export's name of one of our columns, or the names that are joined."""
        theirs = self.table(table).columns.get(ours, ours)
        return theirs if isinstance(theirs, str) else " ".join(theirs)

    def required(self, table: str) -> tuple[str, ...]:
        """The columns that the export must have for a table, in our names."""
        names: tuple[str, ...]
        if table == "entry":
            told_otherwise = {
                "amount": self.entries.amount is not None,
                "effective_date": self.entries.effective == "of_settlement"
                and "entries.columns.effective_date" not in self.told,
                "kind": self.is_marked and "entries.columns.kind" not in self.told,
                "settlement_id": self.entries.effective != "of_settlement",
            }
            names = (*contract.ENTRY_REQUIRED, "settlement_id")
        else:
            period = self.settlements.period
            told_otherwise = {
                "account_id": self.settlements.amounts == "as_recorded",
                "settled_amount": self.settlements.amounts == "as_recorded"
                or self.settlements.amount is not None,
                "week_start": period is not None,
                "settled_at": period is not None
                and period.means == "file_name"
                and "settlements.columns.settled_at" not in self.told,
                "settlement_id": self.entries.effective != "of_settlement",
            }
            names = (*contract.SETTLEMENT_REQUIRED, "settlement_id")
        return tuple(name for name in names if not told_otherwise.get(name, False))

    @property
    def is_marked(self) -> bool:
        """Whether counter-entries are told by a filled column or a text, not by their kind."""
        kinds = self.entries.kinds
        return bool(kinds.counter_if_filled) or kinds.counter_if_text is not None

    def unit_factor(self, table: str, scale: int) -> Decimal:
        """What one exported unit of money is worth in major units."""
        minor = self.table(table).money.unit == "minor"
        return Decimal(1).scaleb(-scale) if minor else Decimal(1)

    def is_instant(self, table: str) -> bool:
        """Whether the days of a table are told by instants."""
        return self.table(table).csv.date_format == INSTANT


def built_in() -> tuple[str, ...]:
    """Names of the built-in profiles, sorted."""
    folder = files("settle_core.exports") / "profiles"
    names = (each.name for each in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def text(name: str) -> str:
    """The TOML of a built-in profile, as it is packed."""
    return (files("settle_core.exports") / "profiles" / f"{name}.toml").read_text("utf-8")


def load(name_or_path: str) -> Profile:
    """Read a profile.

    Args:
        name_or_path: a built-in name (see `built_in`) or the path of a TOML file.

    Raises:
        Fault: not found, not TOML, an unknown key, a value of the wrong type or out of range.
    """
    if name_or_path in built_in():
        told = text(name_or_path)
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
            told = path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Fault("profile is not UTF-8", where=name_or_path, found=str(error)) from error
        except OSError as error:
            found = error.strerror or "an error"
            raise Fault("profile cannot be read", where=name_or_path, found=found) from error
    return parse(told, name_or_path)


def parse(text: str, name: str) -> Profile:
    """Make a profile from TOML text; `name` is used in messages. Raises as `load` does."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Fault("profile is not TOML", where=name, found=str(error)) from error
    told = frozenset(_paths(document))
    _typed(document, name)
    for table in ("entries", "settlements"):
        given = document.setdefault(table, {})
        for shared in ("csv", "money"):
            known = Unit.__struct_fields__ if shared == "money" else Dialect.__struct_fields__
            over = {k: v for k, v in document.get(shared, {}).items() if k in known}
            given[shared] = over | given.get(shared, {})
    whole = _typed(document, name)
    values = {field: getattr(whole, field) for field in Document.__struct_fields__}
    profile = Profile(**values, name=name, told=told, guessed=guesses.told_in(text))
    checks.check(profile, told, name)
    return profile


def _typed(document: dict[str, Any], name: str) -> Document:
    try:
        return msgspec.convert(document, Document)
    except msgspec.ValidationError as error:
        raise _fault(str(error), document, name) from error


def _fault(message: str, document: dict[str, Any], name: str) -> Fault:
    """What the library says of a value, in our words: where it stands, and what would do."""
    at = _AT.search(message)
    where = at[1] if at else ""
    message, is_type = _AT.sub("", message), ", got " in message
    unknown = _UNKNOWN.match(message)
    if unknown:
        path = f"{where}.{unknown[1]}".removeprefix(".")
        return unknown_key(path, name)
    missing = re.match(r"Object missing required field `(.*?)`", message)
    if missing:
        return Fault(
            "a key is missing",
            where=f"profile {name}, {where}",
            expected=missing[1],
            todo="add it",
        )
    key, value = _value(document, where)
    said = _EXPECTED.match(message)
    return Fault(
        "wrong type" if is_type else "bad value",
        where=f"profile {name}, {key}",
        expected=_wanted(key, said[1].replace(" | null", "") if said else ""),  # TOML has no null
        found=repr(value),
    )


def _wanted(key: str, said: str) -> str:
    """What a key may be: the words to choose from, else what the library says."""
    path, _, last = key.rpartition(".")
    kind: Any = {field.encode_name: field.type for field in _fields(path)}.get(last)
    while hasattr(kind, "type"):
        kind = kind.type
    choices = getattr(kind, "values", None)
    if choices:
        words = [repr(each) if each in {"", " "} else str(each) for each in choices]
        return ", ".join(words[:-1]) + f" or {words[-1]}"
    kind = next((each for each in getattr(kind, "types", ()) if hasattr(each, "ge")), kind)
    low, high = getattr(kind, "ge", None), getattr(kind, "le", None)
    if low is not None and high is not None and said.startswith("`int` "):
        return f"{low} to {high}"
    if key == "calendar.day_starts":
        return "an hour as 04:00"
    plain = said.replace("`", "")
    told = {"array": "a list of strings", "object": "a table"}
    return told.get(plain, plain.replace("str | array", "a string, or a list of strings"))


def _fields(path: str) -> tuple[msgspec.inspect.Field, ...]:
    kind: Any = msgspec.inspect.type_info(Document)
    for part in filter(None, path.split(".")):
        found = {f.encode_name: f.type for f in getattr(kind, "fields", ())}.get(part)
        kind = _struct(found)
    return getattr(kind, "fields", ())


def _struct(kind: Any) -> Any:  # noqa: ANN401  of the library's classes
    while hasattr(kind, "type"):
        kind = kind.type
    for each in getattr(kind, "types", ()):
        if hasattr(each, "fields"):
            return each
    return kind


def _value(document: dict[str, Any], where: str) -> tuple[str, object]:
    """The path of the value that a message is about, a column's name filled in, and the value."""
    value: Any = document
    path: list[str] = []
    for part in re.findall(r"\[\.\.\.\]|\[\d+\]|[^.\[\]]+", where):
        if isinstance(value, dict) and part == "[...]":
            # The library does not say which one.
            bad = [k for k, v in value.items() if not _is_name(v)]
            path.append(bad[0] if bad else "")
            value = value[bad[0]] if bad else value
        elif isinstance(value, dict):
            path.append(part)
            value = value.get(part)
        else:
            break
    return ".".join(path), value


def _is_name(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def unknown_key(path: str, name: str) -> Fault:
    """The refusal of a key that there is not, naming the nearest one that there is."""
    keys = tuple(key for key, _ in keys_of(Document))
    table = path.rpartition(".")[0]
    beside = [key for key in keys if key.startswith(f"{table}.")] if table else []
    last, depth = path.rpartition(".")[2], path.count(".") + 1
    tables = dict.fromkeys(".".join(key.split(".")[:depth]) for key in beside or keys)
    whole = [
        key
        for within in (list(tables), keys)
        for word in difflib.get_close_matches(last, [k.rpartition(".")[2] for k in within], 1, 0.6)
        for key in within
        if key.rpartition(".")[2] == word
    ]
    expected = f"perhaps {whole[0]}, one of" if whole else "one of"
    beside = beside or sorted({key.partition(".")[0] for key in keys})
    return Fault(
        "unknown key",
        where=f"profile {name}",
        expected=f"{expected} {', '.join(beside)}",
        found=repr(path),
        todo="correct its spelling or remove it",
    )


def keys_of(kind: Any, prefix: str = "") -> Iterator[tuple[str, msgspec.inspect.Field]]:  # noqa: ANN401
    """The TOML path of every key, with what the library knows of it."""
    info: Any = msgspec.inspect.type_info(kind) if isinstance(kind, type) else kind
    for field in info.fields:
        path = f"{prefix}{field.encode_name}"
        inner = _struct(field.type)
        if hasattr(inner, "fields"):
            yield from keys_of(inner, f"{path}.")
        else:
            yield path, field


def _paths(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{key}.")


def as_dict(profile: Profile) -> dict[str, Any]:
    """A profile by its TOML paths, for the record."""
    values = dict(_flat(msgspec.to_builtins(profile), Document))
    return {"name": profile.name} | values | {"money.scale": profile.scale}


def _flat(values: dict[str, Any], kind: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401
    """Each key with its value; of one file's own dialect and unit nothing, where it has none."""
    for path, _ in keys_of(kind):
        table, _, rest = path.partition(".")
        shared = rest.startswith(("csv.", "money.")) and table in {"entries", "settlements"}
        if shared and path not in values["told"]:
            continue
        value: Any = values
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        yield path, value
