"""The reference of the keys of a profile, made from the classes that hold them."""

from typing import Any, Final

import msgspec

from settle_core.exports.profiles.keys import Document, Keys
from settle_core.exports.profiles.profile import keys_of

_HEAD: Final = """\
# The keys of a profile

Made from the code, by `python -m settle_core.cli.reference notebooks/docs/profile_keys.md`.
A profile is a TOML file. Every key has a default, an unknown one is an error, and values are
checked when the profile is loaded. `csv` and `money` may stand within `entries` and `settlements`
as well, for one file only. Page 08 shows a profile at work.
"""


def text() -> str:
    """The reference, in Markdown."""
    lines = [_HEAD]
    table = ""
    for path, field in keys_of(Document):
        parts = path.split(".")
        if len(parts) > 2 and parts[1] in {"csv", "money"}:  # noqa: PLR2004  of one file
            continue
        if parts[0] != table:
            table = parts[0]
            lines += [*([""] if len(lines) > 1 else []), f"## {table}", ""]
        lines.append(_told(path, field))
    return "\n".join(lines) + "\n"


def _told(path: str, field: msgspec.inspect.Field) -> str:
    kind: Any = field.type
    said = ""
    while isinstance(kind, msgspec.inspect.Metadata):
        said = said or (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    values = _values(kind)
    default = _default(field)
    return f"- `{path}`: {said}. {values}{default}".rstrip()


def _values(kind: Any) -> str:  # noqa: ANN401  of the library's classes
    if isinstance(kind, msgspec.inspect.LiteralType):
        return "One of " + ", ".join(f"`{value}`" for value in kind.values if value) + ". "
    return ""


def _default(field: msgspec.inspect.Field) -> str:
    value: Any = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory() if callable(field.default_factory) else None
    if value in (None, "", (), {}, False) or isinstance(value, Keys):
        return ""
    if isinstance(value, tuple):
        return "Default " + ", ".join(f"`{each}`" for each in value) + "."
    return f"Default `{value}`."
