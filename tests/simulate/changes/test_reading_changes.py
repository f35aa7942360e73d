"""Changes and scenarios from TOML."""

from pathlib import Path

import pytest

from potok.core.change import CHANGES, AddStaff, ChangeCalendar, ChangeVerb, Remove, SwitchBatching
from potok.simulate.changes import load_changes, load_scenarios
from potok.simulate.changes.errors import BrokenChangesError

EXAMPLES = Path(__file__).parents[3] / "examples" / "changes"
HEAD = 'schema = "potok.changes/1"\n'


def write(tmp_path, text):
    path = tmp_path / "changes.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_changes_keep_their_order_and_types(tmp_path):
    path = write(
        tmp_path,
        """
        [[change]]
        verb = "remove"
        activity = "Check"
        case_types = ["plain"]
        [[change]]
        verb = "batching"
        activity = "Sign"
        is_on = true
        minimum_size = 5
        maximum_wait_seconds = 3600
        fires_at = "friday 15:00"
        [[change]]
        verb = "calendar"
        pool = "Clerks"
        [change.weekly]
        monday = "09:00-18:00"
        """,
    )
    assert load_changes(path) == (
        Remove("Check", ("plain",)),
        SwitchBatching("Sign", True, 5, None, 3600.0, ("friday 15:00",)),
        ChangeCalendar(pool="Clerks", weekly=(("monday", ("09:00-18:00",)),)),
    )


def test_scenarios_have_names_and_prices(tmp_path):
    path = write(
        tmp_path,
        """
        [[scenario]]
        name = "one clerk"
        [[scenario.change]]
        verb = "staff"
        pool = "Clerks"
        price = 40_000
        [[scenario]]
        name = "two clerks"
        [[scenario.change]]
        verb = "staff"
        pool = "Clerks"
        count = 2
        """,
    )
    first, second = load_scenarios(path)
    assert (first.name, first.changes, first.prices) == ("one clerk", (AddStaff(pool="Clerks"),), (40_000.0,))
    assert (second.changes, second.prices) == ((AddStaff(pool="Clerks", count=2),), (0.0,))
    with pytest.raises(BrokenChangesError, match="2 scenarios"):
        load_changes(path)


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "", "holds no change"),
        ('[[change]]\nverb = "delete"\nactivity = "A"', "change[1].verb", '"delete"'),
        ('[[change]]\nverb = "remove"', "change[1].activity", "missing"),
        ('[[change]]\nverb = "remove"\nactivity = "A"\nactivty = "B"', "change[1].activty", "no key"),
        ('[[change]]\nverb = "staff"\npool = "A"\ncount = 1.5', "change[1].count", "1.5"),
        ('[[change]]\nverb = "demand"\nfactor = nan', "change[1].factor", "nan"),
        (
            '[[change]]\nverb = "split"\nactivity = "A"\ninto = ["B", "C"]\nshares = [true]',
            "change[1].shares",
            "[true]",
        ),
        ('[[change]]\nverb = "batching"\nactivity = "A"\nis_on = 1', "change[1].is_on", "1"),
        ('[[change]]\nverb = "calendar"\npool = "A"\n[change.weekly]\nmon = "1"', "change[1].weekly.mon", "no key"),
        ('[[scenario]]\nname = "x"', "scenario[1].change", "no change"),
        ("change = 1", "change", "1"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path, text, where, message):
    with pytest.raises(BrokenChangesError) as caught:
        load_scenarios(write(tmp_path, text))
    assert caught.value.code == "POTOK-S101"
    assert where in caught.value.where
    assert message in caught.value.message


def test_scenarios_of_one_name_are_refused(tmp_path):
    one = '[[scenario]]\nname = "x"\n[[scenario.change]]\nverb = "demand"\nfactor = 2\n'
    with pytest.raises(BrokenChangesError, match="same name"):
        load_scenarios(write(tmp_path, one + one))


def test_every_verb_has_an_example_that_comes_back_from_its_record(tmp_path):
    found = {
        change.verb: change
        for path in sorted(EXAMPLES.glob("*.toml"))
        for scenario in load_scenarios(path)
        for change in scenario.changes
    }
    assert set(found) == set(ChangeVerb)
    for verb, change in found.items():
        record = change.as_record()
        assert record.pop("verb") == verb
        values = {
            name: tuple(tuple(map(_frozen, value)) if isinstance(value, list) else value for value in given)
            if name == "weekly"
            else _frozen(given)
            for name, given in record.items()
        }
        assert CHANGES[verb](**values) == change


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value
