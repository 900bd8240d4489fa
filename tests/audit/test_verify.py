"""Each change in a run folder is found and named, and an unchanged one is as it was written."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from settle_core import contract
from settle_core.audit import audit, run_folder, verify
from settle_core.audit.verify import Verified
from settle_core.errors import Fault

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
STEP = 997  # between the bytes that are flipped on the disk; in memory all of them are


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three runs; the export of the first is not at hand any more."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(SAMPLE, folder / "old")
    audit.run(folder / "old").write(folder / "runs" / "1")
    (folder / "old").rename(folder / "export")
    for name in ("2", "3"):
        audit.run(folder / "export").write(folder / "runs" / name)
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of a run whose inputs are not at hand."""
    run = tmp_path / "run"
    shutil.copytree(made / "runs" / "1", run)
    assert verify.run(run).differences == ()
    return run


def rewrite(run: Path, manifest: dict[str, object]) -> None:
    """Write a manifest as one would who knows how its digest is made."""
    outputs = {
        p.name: {"bytes": p.stat().st_size, "sha256": run_folder.sha256_file(p)}
        for p in sorted(run.iterdir())
        if p.name != "manifest.json"
    }
    manifest = {**manifest, "outputs": outputs, "digest": ""}
    manifest["digest"] = run_folder.sha256_text(run_folder.text(manifest))
    (run / "manifest.json").write_text(run_folder.text(manifest), "utf-8")


def named(verified: Verified) -> set[str]:
    return {each.file for each in verified.differences}


def test_unchanged_run_is_as_it_was_written_and_says_what_that_does_not_prove(made: Path) -> None:
    for name in ("1", "2", "3"):
        verified = verify.run(made / "runs" / name)
        assert verified.differences == ()
        assert any("done again" in each for each in verified.held) is (name != "1")
        assert any("not at hand" in each for each in verified.not_proved) is (name == "1")
        assert any("without a seal" in each for each in verified.not_proved)
    assert [each.differences for each in verify.runs(made / "runs")] == [()] * 4


def flips(content: bytes) -> Iterator[bytes]:
    for place in sorted({*range(0, len(content), STEP), len(content) - 1}):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        yield bytes(changed)


def lines_less(content: bytes) -> Iterator[bytes]:
    lines = content.splitlines(keepends=True)
    for place in range(0, len(lines), max(1, len(lines) // 20)):
        yield b"".join(lines[:place] + lines[place + 1 :])


def truncated(content: bytes) -> Iterator[bytes]:
    yield from (content[:0], content[: len(content) // 2], content[:-1], content + b"\n")


@pytest.mark.parametrize("change", [flips, lines_less, truncated], ids=lambda f: f.__name__)
def test_every_change_in_every_file_is_found_and_named(
    change: Callable[[bytes], Iterator[bytes]], run: Path
) -> None:
    for path in sorted(run.iterdir()):
        content = path.read_bytes()
        for changed in change(content):
            if changed != content:
                path.write_bytes(changed)
                assert path.name in named(verify.run(run))
        path.write_bytes(content)
    assert verify.run(run).differences == ()


def test_every_byte_of_every_file_is_under_a_hash_that_is_held(run: Path) -> None:
    """Each flip changes the hash of its file, and what a run is held to is that hash."""
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    names = {path.name for path in run.iterdir()} - {"manifest.json"}
    assert set(manifest["outputs"]) == names
    for name in names:
        content = bytearray((run / name).read_bytes())
        told = manifest["outputs"][name]["sha256"]
        # What is held to it is hashed from the first byte to the last.
        assert run_folder.sha256_file(run / name) == hashlib.sha256(content).hexdigest() == told
        for place in range(len(content)):
            content[place] ^= 1 << place % 8
            assert hashlib.sha256(content).hexdigest() != told
            content[place] ^= 1 << place % 8


def test_every_byte_of_the_manifest_is_told(run: Path) -> None:
    content = bytearray((run / "manifest.json").read_bytes())
    for place in range(len(content)):
        content[place] ^= 1 << place % 8
        assert [each.file for each in verify.manifest_differences(bytes(content))] == [
            "manifest.json"
        ]
        content[place] ^= 1 << place % 8
    assert list(verify.manifest_differences(bytes(content))) == []


def test_file_removed_added_swapped_linked_or_renamed_is_named(run: Path) -> None:
    names = sorted(p.name for p in run.iterdir() if p.name != "manifest.json")
    for first, second in pairwise(names):
        (run / first).rename(run / "kept")
        assert {first, "kept"} <= named(verify.run(run))
        (run / second).rename(run / first)
        (run / "kept").rename(run / second)
        assert {first, second} <= named(verify.run(run))
        (run / second).rename(run / "kept")
        (run / first).rename(run / second)
        (run / first).symlink_to(run / "kept")
        assert {first, "kept"} <= named(verify.run(run))
        (run / "kept").replace(run / first)
    assert verify.run(run).differences == ()
    (run / "folder").mkdir()
    (run / "folder" / "x").touch()
    assert "folder/x" in named(verify.run(run))


def test_whoever_writes_the_hashes_anew_is_told_by_what_the_files_say(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    for name, old, new in (
        ("findings.csv", "-42.40", "-42.41"),
        ("summary.json", '"exit_code": 1', '"exit_code": 0'),
        ("corrections.csv", "42.40", "43.40"),
        ("rejected.csv", "file,line,reason,row\n", "file,line,reason,row\na.csv,2,empty,x\n"),
    ):
        text = (run / name).read_text("utf-8")
        assert old in text, name
        (run / name).write_text(text.replace(old, new), "utf-8")
        rewrite(run, manifest)
        assert named(verify.run(run)) & {name, "workbook.xlsx"}, name
        (run / name).write_text(text, "utf-8")
    manifest["inputs"][0]["rows_accepted"] += 1
    rewrite(run, manifest)
    assert "manifest.json" in named(verify.run(run))


def test_a_run_of_an_export_that_was_too_old_is_as_it_was_written(tmp_path: Path) -> None:
    """Done again without its `max_age` it proposed what the run had withheld."""
    audit.run(SAMPLE, max_age="1h").write(tmp_path / "run")
    verified = verify.run(tmp_path / "run")
    assert verified.differences == ()
    assert any("done again" in each for each in verified.held)


def test_a_run_by_a_profile_with_lists_is_as_it_was_written(tmp_path: Path) -> None:
    """The workbook was written of tuples, and made anew of the lists that JSON has of them."""
    (tmp_path / "ours.toml").write_text("entries.skip = { memo = ['counter'] }\n", "utf-8")
    rows = (SAMPLE / "entries.csv").read_text("utf-8").splitlines()
    rows.append("99,1001,2026-09-08,1.00,entry,counter,,2026-09-08T09:14:22Z")
    (tmp_path / "entries.csv").write_text("\n".join(rows), "utf-8")
    shutil.copy(SAMPLE / "settlements.csv", tmp_path)
    audit.run(tmp_path, str(tmp_path / "ours.toml")).write(tmp_path / "run")
    assert verify.run(tmp_path / "run").differences == ()
    assert b"memo = counter" in zipfile.ZipFile(tmp_path / "run" / "workbook.xlsx").read(
        "xl/worksheets/sheet8.xml"
    )


def test_the_audit_done_again_tells_findings_that_do_not_follow(made: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(made / "runs" / "3", run)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    corrections = (run / "corrections.csv").read_text("utf-8")
    (run / "corrections.csv").write_text(corrections.replace("42.40", "43.40"), "utf-8")
    (run / "workbook.xlsx").unlink()
    rewrite(run, manifest)
    (found,) = verify.run(run).differences
    assert (found.file, found.what) == ("corrections.csv", "content, done again")
    assert "42.40" in found.expected
    assert "43.40" in found.found


def test_input_that_is_another_now_is_named(made: Path) -> None:
    entries = made / "export" / "entries.csv"
    content = entries.read_bytes()
    entries.write_bytes(content + b"\n")
    try:
        (found,) = verify.run(made / "runs" / "3").differences
    finally:
        entries.write_bytes(content)
    assert (found.file, found.what) == (str(entries), "sha256 of the input")


@pytest.mark.parametrize("change", ["gone", "swapped", "another", "first"])
def test_chain_names_a_run_that_is_missing_or_in_another_place(
    change: str, made: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(made / "runs", runs)
    if change == "gone":
        shutil.rmtree(runs / "2")
    elif change == "first":
        shutil.rmtree(runs / "1")
    elif change == "swapped":
        (runs / "1").rename(runs / "kept")
        (runs / "2").rename(runs / "1")
        (runs / "kept").rename(runs / "2")
    else:
        rewrite(
            runs / "2", json.loads((runs / "2" / "manifest.json").read_text("utf-8")) | {"a": 1}
        )
    chain = verify.runs(runs)[-1]
    assert chain.run.endswith("the chain")
    assert (
        named(chain)
        == {"gone": {"2"}, "first": {"1"}, "swapped": {"1", "2"}, "another": {"2"}}[change]
    )


def test_what_is_no_run_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Fault, match=r"^no run in "):
            verify.runs(path)
    assert set(contract.EXIT_CODES) == set(contract.VERDICTS)
