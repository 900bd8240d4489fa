"""Built-in profiles: the one that fits is found, and none reads another system's export."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from foreign import FORMATS, SYSTEMS, demand_planted, demand_truth

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.draft import fitting_profile
from settle_core.exports.profiles import profile as profiles

RAILS = Path(__file__).parents[2] / "data" / "rails" / "sidekiq_race"


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_profile_that_fits_is_found_and_reads_the_truth(system: str) -> None:
    found = fitting_profile.profile_of(FORMATS / system / "raw", "")
    assert found.name == system
    demand_truth(checked.read(FORMATS / system / "raw", found), FORMATS / system / "truth")


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_planted_is_found_without_a_profile(system: str) -> None:
    demand_planted(audit.run(FORMATS / system / "raw"))


def exports() -> Iterator[tuple[str, Path]]:
    yield from ((system, FORMATS / system / "raw") for system in SYSTEMS)
    yield "rails", RAILS
    yield "canonical", Path(__file__).parents[2] / "data" / "sample"


@pytest.mark.parametrize("name", profiles.built_in())
def test_a_profile_on_another_system_names_a_key_or_a_column(name: str) -> None:
    for of, path in exports():
        if of == name:
            continue
        with pytest.raises(Fault, match=r"no file matches|column '[^']+' is missing") as caught:
            checked.read(path, profiles.load(name))
        assert "profile" in str(caught.value)


def test_two_that_fit_are_not_chosen_between(tmp_path: Path) -> None:
    copytree(FORMATS / "xero" / "raw", tmp_path, dirs_exist_ok=True)
    copytree(FORMATS / "odoo" / "raw", tmp_path, dirs_exist_ok=True)
    with pytest.raises(Fault, match=r"cannot tell which profile fits.*found odoo, xero"):
        fitting_profile.profile_of(tmp_path, "")


def test_the_missing_column_is_told_where_only_files_fit(tmp_path: Path) -> None:
    (tmp_path / "journals.csv").write_text("JournalNumber,When\n1,2\n", "utf-8")
    with pytest.raises(Fault, match="column 'TrackingOption' is missing"):
        checked.read(tmp_path, fitting_profile.profile_of(tmp_path, ""))


@pytest.mark.parametrize("name", profiles.built_in())
def test_each_says_what_it_is_of_and_when_it_holds(name: str) -> None:
    told = fitting_profile.about(name)
    assert told["System"]
    assert told["Source"]
    assert told["Precondition"]
