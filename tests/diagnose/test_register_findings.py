"""What cards show: each finding on cards written for it, beside cards that only look like it."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.diagnose.register.acts import ActRank, binding_acts, rank_of
from potok.diagnose.register.diagnosis import diagnose_register
from potok.diagnose.register.documents import document_key, holder_of, supply_links
from potok.diagnose.register.duties import Receiver
from potok.diagnose.register.hierarchy import find_cycles
from potok.diagnose.register.lone_pairs import find_lone_pairs
from potok.diagnose.register.model import Field, IssueKind
from potok.diagnose.register.parties import Party, party_of
from potok.diagnose.register.report_chains import _longest_way
from potok.diagnose.register.similarity import WEIGHTS, Cards
from potok.diagnose.register.vectors import build_space
from potok.diagnose.register.words import lemma, marked_deeds, root, roots, shared_words
from support.examples import examples
from support.registers import ALL_FIELDS, make_register


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("лицензия", "лицензирование"),
        ("предоставить", "предоставление"),
        ("оформить", "оформление"),
        ("строительный", "строительство"),
        ("отчёт", "отчётность"),
    ],
)
def test_derived_words_have_one_root(one: str, other: str):
    assert roots(one) == roots(other)


@pytest.mark.parametrize(("one", "other"), [("опека", "опыт"), ("пенсия", "пение"), ("регион", "регистрация")])
def test_other_words_have_other_roots(one: str, other: str):
    assert roots(one) != roots(other)


def test_roots_are_never_shorter_than_four_letters_unless_the_word_is():
    for word in ["акт", "дом", "лес", "суд", "вода", "мера", "рыба", "отдел"]:
        assert len(root(lemma(word))) >= min(4, len(lemma(word)))


def test_abbreviations_are_read_as_what_they_stand_for():
    assert roots("ТСР") == roots("технические средства реабилитации")
    assert roots("соцконтракт") == roots("социальный контракт")
    assert shared_words(["Выдача ТСР"], ["технические средства"]) == ("ТСР",)


def test_ending_and_changing_are_deeds_of_their_own():
    assert marked_deeds("Выдача лицензий") == frozenset()
    assert marked_deeds("Переоформление лицензии") == {"change"}
    assert marked_deeds("Аннулирование лицензии") == {"end"}


@pytest.mark.parametrize(
    ("act", "rank"),
    [
        ("Федеральный закон от 27.07.2010 № 210-ФЗ", ActRank.FEDERAL_LAW),
        ("Трудовой кодекс Российской Федерации, статья 50", ActRank.FEDERAL_LAW),
        ("Постановление Правительства РФ от 14.12.2005 № 761", ActRank.FEDERAL_ACT),
        ("Приказ Минприроды России от 27.07.2021 № 512", ActRank.FEDERAL_ACT),
        ("Закон области от 02.11.2005 № 71-З", ActRank.REGIONAL_LAW),
        ("Указ Губернатора области от 14.03.2016 № 40", ActRank.REGIONAL_ACT),
        ("Приказ министерства от 12.03.2019 № 47-од", ActRank.OWN_ACT),
        ("Административный регламент", ActRank.OWN_ACT),
        ("письмо", ActRank.UNKNOWN),
        ("Приказ Министерства труда и социальной защиты Российской Федерации от 01.02.2020 № 5", ActRank.FEDERAL_ACT),
        ("Приказ Министерства здравоохранения РФ", ActRank.FEDERAL_ACT),
        ("Приказ Федеральной налоговой службы", ActRank.FEDERAL_ACT),
        ("Приказ Федерального казначейства", ActRank.FEDERAL_ACT),
        ("Регламент Пенсионного фонда", ActRank.FEDERAL_ACT),
        ("Приказ Росреестра", ActRank.FEDERAL_ACT),
        ("Приказ Минтруда от 31.01.2011 № 57н", ActRank.FEDERAL_ACT),
        ("Положение, утв. Решением городской Думы", ActRank.REGIONAL_ACT),
        ("Порядок, утверждённый решением Совета депутатов", ActRank.REGIONAL_ACT),
        ("Регламент Законодательного Собрания области", ActRank.REGIONAL_ACT),
        ("Приказ министерства Ростовской области № 4-од", ActRank.OWN_ACT),
        ("Положение о росте и росписи расходов", ActRank.OWN_ACT),
    ],
)
def test_acts_have_ranks(act: str, rank: ActRank):
    assert rank_of(act) is rank
    (process,) = make_register({"acts": (act,)}).processes
    assert bool(binding_acts(process)) == (rank is not ActRank.OWN_ACT)


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("гражданин", Party.OUTSIDE),
        ("ООО «Ромашка»", Party.OUTSIDE),
        ("Министерство финансов", Party.AUTHORITY),
        ("Минтруд России", Party.AUTHORITY),
        ("Правительство области", Party.AUTHORITY),
        ("планово-экономический отдел", Party.INTERNAL),
        ("министр", Party.INTERNAL),
        ("Дирекция парков", Party.INTERNAL),
        ("в дело", Party.NOBODY),
        ("нет", Party.NOBODY),
        ("—", Party.NOBODY),
        ("Граждане Российской Федерации", Party.OUTSIDE),
        ("Жители Ростовской области", Party.OUTSIDE),
        ("Российские организации", Party.OUTSIDE),
        ("Медицинские работники", Party.OUTSIDE),
        ("Жители Центрального района", Party.OUTSIDE),
        ("заявители", Party.OUTSIDE),
        ("сотрудник или гражданин", Party.OUTSIDE),
        ("отдел по работе с гражданами", Party.INTERNAL),
        ("организационный отдел", Party.INTERNAL),
        ("хозяйственная служба отдела", Party.INTERNAL),
        ("Росимущество", Party.AUTHORITY),
        ("Управление Роспотребнадзора", Party.AUTHORITY),
        ("Поликлиника Центрального района", Party.UNKNOWN),
        ("Растущие россыпи", Party.UNKNOWN),
    ],
)
def test_parties_are_told_apart(text: str, party: Party):
    assert party_of(text, frozenset({"дирекция парков"})) is party


def test_nobody_is_claimed_only_where_the_register_says_so():
    base = {"owner": "Отдел А", "started_by": ("отдел",), "outputs": ("журнал звонков",)}
    register = make_register(
        base | {"result_to": ("нет",)},
        base | {"result_to": ("Отдел А",)},
        base | {"result_to": ()},
        base | {"result_to": ("нет",), "started_by": ("гражданин",)},
        base | {"result_to": ("нет",), "outputs": ("опись дел архива",)},
        base | {"result_to": ("отдел Б",), "inputs": ("опись дел архива",)},
        base | {"result_to": ("нет",), "parents": ("f",)},
    )
    found = {one.process: one.receiver for one in diagnose_register(register).nobody}
    assert found == {0: Receiver.NOBODY, 1: Receiver.OWNER_ALONE, 2: Receiver.NOT_GIVEN}


def report(name: str, source: str, to: str = "министр") -> dict[str, object]:
    return {"name": name, "inputs": (source,), "outputs": (name,), "result_to": (to,)}


def test_three_internal_reports_are_a_chain_and_two_are_not():
    names = ["Сводка о приёме", "Месячный отчёт о приёме", "Годовой доклад о приёме"]
    chain = [report(name, source) for name, source in zip(names, ["журнал приёма", *names], strict=False)]
    (found,) = diagnose_register(make_register(*chain)).chains
    assert (found.processes, found.depth, found.is_loop) == ((0, 1, 2), 3, False)
    assert diagnose_register(make_register(*chain[:2])).chains == ()
    outward = [*chain[:2], report(names[2], names[1], "Минтруд России")]
    assert diagnose_register(make_register(*outward)).chains == ()


def test_reports_that_feed_each_other_in_a_circle_are_a_loop():
    names = ["Сводка о приёме", "Отчёт о выплатах", "Доклад о штатах"]
    cards = [report(name, names[place - 1]) for place, name in enumerate(names)]
    (found,) = diagnose_register(make_register(*cards)).chains
    assert (found.depth, found.is_loop) == (3, True)


@given(
    links=st.sets(
        st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda link: link[0] < link[1]), min_size=1, max_size=12
    )
)
@settings(max_examples=examples(30), deadline=None)
def test_the_longest_way_is_the_longest_of_all(links):
    def ways(way):
        yield way
        for maker, user in links:
            if maker == way[-1]:
                yield from ways((*way, user))

    longest = max(len(way) for start in range(8) for way in ways((start,)))
    found = _longest_way(sorted(links))
    assert len(found) == longest
    assert all(link in links for link in pairwise(found))


@given(links=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
@settings(max_examples=examples(30), deadline=None)
def test_cycles_are_those_who_reach_each_other(links):
    reach = np.zeros((7, 7), dtype=bool)
    for link in links:
        reach[link] = True
    for middle in range(7):  # Warshall
        reach |= reach[:, [middle]] & reach[[middle], :]
    both = {frozenset(j for j in range(7) if reach[i, j] and reach[j, i]) for i in range(7) if reach[i, i]}
    assert {frozenset(cycle) for cycle in find_cycles(7, sorted(links))} == both


def test_parents_are_found_by_name_or_code_and_unknown_ones_told():
    register = make_register(
        {"name": "Закупки", "children": ("Приёмка товаров",)},
        {"name": "Приёмка товаров", "parents": ("a",)},
        {"name": "Учёт", "parents": ("Нет такого",)},
        {"name": "Архив", "parents": ("Архив",)},
    )
    found = diagnose_register(register).hierarchy
    assert (found.links, found.cycles) == (((0, 1), (3, 3)), ((3,),))
    assert [(issue.kind, issue.value) for issue in found.issues] == [(IssueKind.UNKNOWN_PROCESS, "Нет такого")]


def test_documents_asked_twice_and_held_by_the_state():
    asked = {"started_by": ("гражданин",), "volume_per_year": 10.0}
    register = make_register(
        asked | {"inputs": ("заявление", "паспорт", "справка о доходах", "проект сада")},
        asked | {"inputs": ("сведения о доходах", "удостоверение садовода")},
        {"started_by": ("отдел",), "inputs": ("проект сада",)},
        {"outputs": ("удостоверение садовода",), "started_by": ("гражданин",)},
    )
    found = {one.name: one for one in diagnose_register(register).documents}
    assert set(found) == {"сведения о доходах", "удостоверение садовода"}
    income = found["сведения о доходах"]
    assert (income.asked_by, income.times_per_year, bool(income.holder)) == (("a", "b"), 20, True)
    assert income.wordings == ("сведения о доходах", "справка о доходах")
    assert found["удостоверение садовода"].made_by == ("d",)


def test_documents_are_told_apart_by_what_they_are_about():
    assert document_key("справка о доходах") == document_key("сведения о доходах")
    assert document_key("справка о доходах") != document_key("справка о составе семьи")
    assert holder_of("бизнес-план") == ""


def test_gaps_hands_and_work_by_hand():
    register = make_register(
        {"owner": "А", "acts": ("Приказ",), "participants": tuple("абвгдежз")},
        {"owner": "", "acts": (), "participants": tuple("абвгдеж"), "problems": "Данные переносятся вручную из таблиц"},
    )
    found = diagnose_register(register)
    assert (found.without_owner, found.without_act) == ((1,), (1,))
    assert [(one.process, one.participants) for one in found.long_chains] == [(0, 8)]
    assert [(one.process, one.excerpt) for one in found.by_hand] == [(1, "Данные переносятся вручную из таблиц")]


def test_without_a_column_nothing_is_said_of_gaps():
    register = make_register({}, fields=ALL_FIELDS - {Field.OWNER, Field.ACT, Field.RESULT_TO})
    found = diagnose_register(register)
    assert (found.without_owner, found.without_act, found.nobody) == (None, None, ())


TEXTS = st.lists(st.sampled_from(["лес", "вода", "опека", "сирота", "пенсия", "дорога"]), max_size=4)


@given(cards=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=2, max_size=8))
@settings(max_examples=examples(25), deadline=None)
def test_scores_are_weighted_cosines_computed_by_hand(cards):
    register = make_register(
        *({"name": " ".join(n) or "x", "inputs": (" ".join(i),), "outputs": (" ".join(o),)} for n, i, o in cards)
    )
    compared = Cards(register.processes)
    first, second, was_cut = compared.near()
    scores, cosines = compared.score(first, second)
    assert not was_cut
    near = set(zip(first.tolist(), second.tolist(), strict=True))
    bags = {
        "name": [set(roots(p.name)) for p in register.processes],
        "inputs": [set(roots(p.inputs[0])) for p in register.processes],
        "result": [set(roots(p.outputs[0])) for p in register.processes],
    }
    bags["card"] = [a | b | c for a, b, c in zip(bags["name"], bags["inputs"], bags["result"], strict=True)]
    for a, b in combinations(range(len(cards)), 2):
        parts = {name: _cosine(bags[name], a, b) for name in WEIGHTS}
        expected = sum(WEIGHTS[name] * (0.2 if part is None else part) for name, part in parts.items())
        if (a, b) in near:
            place = list(zip(first.tolist(), second.tolist(), strict=True)).index((a, b))
            assert scores[place] == pytest.approx(expected, abs=1e-9)
            assert np.isnan(cosines["name"][place]) == (parts["name"] is None)
        else:
            assert expected < 0.30 + 1e-9


def _cosine(bags, a, b):
    if not bags[a] or not bags[b]:
        return None

    def weight(term):
        return np.log((len(bags) + 1) / (sum(term in bag for bag in bags) + 0.5)) + 0.1

    top = sum(weight(term) ** 2 for term in bags[a] & bags[b])
    return min(1.0, top / np.sqrt(sum(weight(t) ** 2 for t in bags[a]) * sum(weight(t) ** 2 for t in bags[b])))


def test_a_space_without_a_word_says_nothing():
    space = build_space([[], []])
    assert np.isnan(space.cosines(np.array([0]), np.array([1]))).all()


def test_supplies_go_from_maker_to_user_once():
    register = make_register(
        {"outputs": ("реестр выданных путёвок",)}, {"inputs": ("реестр выданных путёвок", "Реестр выданных путёвок")}
    )
    assert supply_links(register) == ((0, 1),)


@pytest.mark.parametrize("count", [1, 2])
def test_empty_cards_give_an_empty_diagnosis(count: int):
    found = diagnose_register(make_register(*[{"name": f"{n}"} for n in range(count)]))
    assert (found.similarity.pairs, found.chains, found.proposals) == ((), (), ())
    assert found.share.to_examine.processes == 0


def test_a_pair_stands_alone_if_each_is_the_others_nearest_by_far():
    scores = {(0, 1): 0.3, (0, 2): 0.14, (3, 4): 0.3, (3, 5): 0.2, (6, 7): 0.14, (8, 9): 0.3, (10, 11): 0.3}
    parties = dict.fromkeys(scores, 1.0) | {(8, 9): 0.4, (10, 11): float("nan")}
    assert find_lone_pairs(scores, parties=parties, alike=()) == [(0, 1)]
    assert find_lone_pairs(scores, parties=parties, alike=[(1, 12)]) == []
