"""What a first profile says that it guessed, so that who reads a result later sees it too."""

from typing import Final, NamedTuple

MARK: Final = "# GUESSED"
KINDS: Final = "entries.kinds."


class Guessed(NamedTuple):
    """A line of a profile that was guessed: its key, its value as TOML, and by what."""

    key: str
    value: str
    why: str

    @property
    def is_kind(self) -> bool:
        """Whether it tells what counter-entries are, by which all findings are made."""
        return self.key.startswith(KINDS)


def told_in(text: str) -> tuple[Guessed, ...]:
    """The guesses that the text of a profile still holds."""
    section, found = "", []
    for each in text.splitlines():
        line = each.strip()
        if line.startswith("["):
            section = line.partition("]")[0].strip("[] ")
        told, mark, why = line.partition(MARK)
        key, equals, value = told.partition("=")
        if mark and equals and not line.startswith("#"):
            path = f"{section}.{key.strip()}".removeprefix(".")
            found.append(Guessed(path, value.strip(), why.removeprefix(":").strip()))
    return tuple(found)
