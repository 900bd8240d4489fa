"""The reference of the commands, made from the parser.

`python -m settle_core.cli.reference FILE` writes it; of a notebook, the page of the rules.
"""

import inspect
import re
import sys
from pathlib import Path
from typing import Final

import click

from settle_core.cli import main
from settle_core.exports.profiles import reference
from settle_core.report import rule_pages

_HEAD: Final = """\
# The commands

Made from the commands themselves, by
`python -m settle_core.cli.reference notebooks/docs/commands.md`.
`settle COMMAND --help` says the same. Exit codes: 0 reconciled or only pending, 1 findings, 2 a
fault or incomplete, 3 a bug of settle-core itself, which leaves a traceback.
"""


def text() -> str:
    """The reference, in Markdown."""
    commands = sorted(main.settle.commands.items())
    return "\n".join([_HEAD, *(_told(name, command) for name, command in commands)])


def _told(name: str, command: click.Command) -> str:
    parameters = [each for each in command.params if isinstance(each, click.Option)]
    given = [
        each.make_metavar(click.Context(command))
        for each in command.params
        if isinstance(each, click.Argument)
    ]
    usage = " ".join(["settle", name, *given, "[OPTIONS]" if parameters else ""]).strip()
    lines = [f"## settle {name}", "", f"    {usage}", ""]
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        plain = paragraph.replace("\b\n", "")
        if plain.startswith("Example:"):
            plain = "Example:\n\n" + re.sub(
                r"^ {2}", " " * 4, plain.partition("\n")[2], flags=re.MULTILINE
            )
        lines += [plain, ""]
    lines += [_option(each, command) for each in parameters]
    return "\n".join(lines).rstrip() + "\n"


def _option(option: click.Option, command: click.Command) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(command))}"
    required = " Required." if option.required else ""
    return f"- `{option.opts[0]}{value}`: {(option.help or '').rstrip('.')}.{required}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    if target.stem == "profile_keys":
        target.write_text(reference.text(), "utf-8")
    elif target.suffix == ".md":
        target.write_text(text(), "utf-8")
    else:
        rule_pages.write(target)
