"""Whatever is in a profile, acceptances, a rule, a run folder or an export: a result or one line.

`SETTLE_FUZZ=20000` tries as many of each as that, of an export and a run folder a part, since each
takes a while; `make fuzz` does. The same edits are made in each of the profiles, and of the rules.
Which inputs are tried then differs from run to run.
"""

import json
import os
import shutil
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from settle_core.audit import alert, audit, disposition, explain, listing, run_folder, verify
from settle_core.balancing import corrections_file
from settle_core.errors import Fault
from settle_core.exports.profiles import profile
from settle_core.exports.reading.ledger import Ledger
from settle_core.rules import rule

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
EXAMPLES = int(os.environ.get("SETTLE_FUZZ", "40"))
LENGTH_MAX = 20_000  # of a fault: a line is for a reader
PHASES = [Phase.explicit, Phase.generate]


def many(share: float = 1) -> settings:
    """So many inputs, of which none is kept."""
    return settings(
        max_examples=max(3, round(EXAMPLES * share)),
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        derandomize="SETTLE_FUZZ" not in os.environ,  # a suite is no lottery
    )


# What is rarely meant: ends of ranges, other types, text that is something elsewhere.
SHARP = [
    *("", " ", "0", "-1", "1e999", "nan", "inf", "true", "[]", "{}", "[[", "]]", "'''", '"""'),
    *("\0", "\r", "\n", "\t", "\x1b[31m", "\u202e", "\ud7ff", "\ufeff", "9" * 40, "1979-05-27"),
    *("07:32:00", "1979-05-27T07:32:00Z", "0x1F", "'", '"', "\\", "#", "=", ".", ",", "a = 1"),
    *('["a"]', "{ a = 1 }", "[a]", "[[a]]", "../../x", "/dev/null", "*", "?", "$x", "<b>"),
    *(
        "x" * 999,
        "[" * 3000,
        "{a=" * 1000,
        "NULL",
        "None",
        "%",
        "%Q",
        "Europe/Nowhere",
        "utf-7",
        "idna",
    ),
]
PIECE = st.one_of(
    st.sampled_from(SHARP).map(str.encode),
    st.binary(max_size=6),
    st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
EDIT = st.tuples(
    st.sampled_from(["insert", "value", "cut", "again", "swap", "end", "byte"]),
    st.integers(0, 10**6),
    st.integers(0, 60),
    PIECE,
)


def edited(text: bytes, edits: Sequence[tuple[str, int, int, bytes]]) -> bytes:
    """A text after edits, each at a place of it."""
    for kind, place, length, piece in edits:
        at = place % (len(text) + 1)
        lines = text.split(b"\n")
        row = place % len(lines)
        if kind == "insert":
            text = text[:at] + piece + text[at:]
        elif kind == "cut":
            text = text[:at] + text[at + length :]
        elif kind == "end":
            text = text[:at]
        elif kind == "byte" and at < len(text):
            text = text[:at] + bytes([text[at] ^ (1 << length % 8)]) + text[at + 1 :]
        else:
            if kind == "value":
                key, sign, _ = lines[row].partition(b"=")
                lines[row] = key + sign + b" " + piece
            elif kind == "again":
                lines.insert(row, lines[length % len(lines)])
            else:
                other = length % len(lines)
                lines[row], lines[other] = lines[other], lines[row]
            text = b"\n".join(lines)
    return text


EDITS = st.lists(EDIT, min_size=1, max_size=4)


def one_line(call: Callable[[], object]) -> None:
    """Whatever comes of it, a fault is one line that a terminal can show."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
        except Fault as fault:
            said = str(fault)
        else:
            return
    assert len(said.splitlines()) == 1, said
    assert len(said) < LENGTH_MAX, said


@cache
def profiles() -> list[bytes]:
    """Texts of profiles: the built-in ones, and those of the recorded forms."""
    texts = [profile.text(name).encode() for name in profile.built_in()]
    return [*texts, *(path.read_bytes() for path in sorted(ROOT.glob("data/formats/*/*.toml")))]


@cache
def accepted() -> bytes:
    """Acceptances of two findings."""
    findings = explain.findings(made())
    blocks = [
        f"[[accept]]\nfinding = '{each.finding_id}'\nreason = 'known'\nauthor = 'Ada'\n"
        f"expires = 2027-01-01\n"
        for each in findings[:2]
    ]
    return "\n".join(blocks).encode()


@cache
def made() -> Path:
    """A run whose inputs are not at hand."""
    folder = Path(mkdtemp())
    shutil.copytree(SAMPLE, folder / "export")
    audit.run(folder / "export").write(folder / "run")
    shutil.rmtree(folder / "export")
    return folder / "run"


@many(1 / len(profiles()))
@given(EDITS)
def test_profile(edits: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "profile.toml"
        for text in profiles():
            path.write_bytes(edited(text, edits))
            one_line(lambda: profile.load(str(path)))


@many()
@given(EDITS)
def test_acceptances(edits: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "accepted.toml"
        path.write_bytes(edited(accepted(), edits))
        one_line(lambda: disposition.read(str(path)))


@many(1 / len(rule.catalogue()))
@given(EDITS)
def test_rule(edits: list[Any]) -> None:
    for each in rule.catalogue():
        read_rule(each, edits)


def read_rule(each: rule.Rule, edits: list[Any]) -> None:
    # Mostly of its header, since nothing is asked of the query before it runs.
    header, end, rest = each.query.encode().partition(b"\n-- ///\n")
    text = (edited(header, edits) + end + rest).decode("utf-8", "replace")
    try:
        read = rule.parse(each.name, text)
    except ValueError:
        return
    assert isinstance(read.title, str)
    assert all(isinstance(name, str) for name in (*read.reads, *read.params, read.population))


def looked_at(run: Path) -> None:
    """Everything that reads a run folder."""
    verified = verify.run(run)
    assert verified.lines()
    assert alert.of(run).text()
    findings = explain.findings(run)
    listing.table(findings, 100)
    for each in findings[:1]:
        explain.explain(run, each.finding_id)


@many(0.25)
@given(st.integers(0, 99), EDITS, st.booleans())
def test_run_folder(which: int, edits: list[Any], is_hashed: bool) -> None:  # noqa: FBT001
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        shutil.copytree(made(), run)
        names = sorted(path.name for path in run.iterdir())
        path = run / names[which % len(names)]
        before = path.read_bytes()
        path.write_bytes(edited(before, edits))
        if is_hashed and path.name != run_folder.MANIFEST:
            hash_again(run)
        elif path.read_bytes() != before:
            assert verify.run(run).differences
        one_line(lambda: looked_at(run))
        one_line(lambda: corrections_file.read(run))
        run_folder.last(run.parent)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(), inner)),
    max_leaves=3,
)


@many(0.05)
@given(st.lists(st.tuples(st.integers(0, 10**6), VALUES), min_size=1, max_size=3))
def test_manifest(changes: list[tuple[int, Any]]) -> None:
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        shutil.copytree(made(), run)
        manifest = json.loads((run / run_folder.MANIFEST).read_text("utf-8"))
        for place, value in changes:
            holders = list(every_holder(manifest))
            holder, key = holders[place % len(holders)]
            holder[key] = value
        (run / run_folder.MANIFEST).write_text(run_folder.text(manifest), "utf-8", "surrogatepass")
        hash_again(run)
        one_line(lambda: looked_at(run))
        run_folder.last(run.parent)


def every_holder(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401
    """Each place of a JSON value: what holds it, and its key there."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        own = [(value, key) for key, _ in pairs]
        return own + [place for _, key in own for place in every_holder(value[key])]
    return []


def hash_again(run: Path) -> None:
    """Write the hashes as one would who knows how they are made."""
    manifest = json.loads((run / run_folder.MANIFEST).read_text("utf-8", "surrogatepass"))
    if isinstance(manifest.get("outputs"), dict):
        for path in run.iterdir():
            if isinstance(manifest["outputs"].get(path.name), dict):
                manifest["outputs"][path.name]["sha256"] = run_folder.sha256_file(path)
    text = run_folder.text({**manifest, "digest": ""})
    digest = run_folder.sha256_text(text.encode("utf-8", "replace").decode())
    text = run_folder.text({**manifest, "digest": digest})
    (run / run_folder.MANIFEST).write_text(text, "utf-8", "surrogatepass")


@many(0.1)
@given(st.sampled_from(["entries.csv", "settlements.csv"]), EDITS)
def test_export(name: str, edits: list[Any]) -> None:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "export"
        shutil.copytree(SAMPLE, folder)
        (folder / name).write_bytes(edited((folder / name).read_bytes(), edits))

        def read() -> None:
            ledger = Ledger.read(folder, profile.load("canonical"))
            for given_ in ledger.inputs:
                found = given_.rows_accepted + given_.rows_rejected + given_.rows_set_aside
                assert given_.rows_read == found
                assert given_.rows_lost == 0

        one_line(read)
