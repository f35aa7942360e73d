"""Whether an effect lasts, told from cases that opened after those that gave the verdict."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from potok.verify.designs import propose_design
from potok.verify.persistence import Lasting, OtherProtocolError, TouchedEffectError, judge_persistence, persist_stores
from potok.verify.protocol.model import ComparisonKind
from potok.verify.study import UNKNOWN, Panel
from support.small_studies import make_protocol

BEFORE, SEEN, LATER = 30, 6, 12
CHANGE, VERIFIED_UNTIL = date(2022, 7, 1), date(2023, 1, 1)


def make_panel(later_effect, *, agencies=1, never=0, months=LATER, seed=0):
    """Agencies that change after thirty months and get five days faster, and `later_effect` from the half year on."""
    generator = np.random.default_rng(seed)
    count = agencies + never
    length = BEFORE + SEEN + months
    effect = np.zeros((count, length))
    effect[:agencies, BEFORE : BEFORE + SEEN] = 5.0
    effect[:agencies, BEFORE + SEEN :] = later_effect
    mean = 20 + generator.normal(0, 0.4, (count, length)) - effect
    first = np.asarray([BEFORE] * agencies + [UNKNOWN] * never, np.int64)
    return Panel(
        agencies=tuple(f"{place:02}" for place in range(count)),
        months=tuple(date(2020 + place // 12, place % 12 + 1, 1) for place in range(length)),
        mean=mean,
        cases=np.full(mean.shape, 100),
        variance=np.full(mean.shape, 0.16),
        first_changed=first,
        change_month=first,
    )


def judge(panel, *, kind=ComparisonKind.OWN_PAST):
    protocol = make_protocol({"00": CHANGE.isoformat()}, kind=kind)
    choice = propose_design(panel, protocol)
    return judge_persistence(panel, protocol, verified=5.0, verified_until=VERIFIED_UNTIL, choice=choice)


@pytest.mark.parametrize(
    ("later_effect", "lasting"), [(5.0, Lasting.PERSISTS), (0.0, Lasting.ERODED), (2.5, Lasting.POSTPONED)]
)
def test_what_became_of_it(later_effect, lasting):
    found = judge(make_panel(later_effect))
    assert [one.months for one in found] == [3, 6, 12]
    assert found[-1].lasting is lasting
    assert found[-1].improvement.value == pytest.approx(later_effect, abs=1.0)
    assert not found[-1].is_compared


def test_the_months_of_the_verdict_take_no_part():
    panel = make_panel(5.0)
    wild = panel.mean.copy()
    wild[:, BEFORE : BEFORE + SEEN] += 1000
    assert judge(replace(panel, mean=wild)) == judge(panel)
    assert judge(panel)[-1].cases == 12 * 100


def test_too_early_is_postponed():
    found = judge(make_panel(5.0, months=4))
    assert [one.lasting for one in found[1:]] == [Lasting.POSTPONED] * 2
    assert found[1].improvement is None


def test_others_that_never_changed_are_compared():
    found = judge(make_panel(5.0, agencies=4, never=6), kind=ComparisonKind.OTHER_AGENCIES)
    assert found[-1].is_compared
    assert found[-1].lasting is Lasting.PERSISTS


def test_an_effect_that_was_touched_or_is_another_is_refused():
    protocol = make_protocol({"00": CHANGE.isoformat()})
    with pytest.raises(TouchedEffectError, match="hash") as refused:
        persist_stores([], protocol, {"verdict": "verified", "effect_sha256": "0" * 64})
    assert refused.value.exit_code == 4
    import hashlib

    from potok.verify.effect_json import canonical_bytes

    record = {"verdict": "not_verified", "protocol": {"sha256": protocol.sha256}}
    with pytest.raises(OtherProtocolError, match="not verified"):
        persist_stores([], protocol, {**record, "effect_sha256": hashlib.sha256(canonical_bytes(record)).hexdigest()})
