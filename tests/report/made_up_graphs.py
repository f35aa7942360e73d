"""Graphs of made-up permit processes with Russian labels, for drawing tests."""

import random
from functools import cache
from itertools import pairwise

from potok.measure.directly_follows import DirectlyFollowsEdge, DirectlyFollowsGraph, DirectlyFollowsNode

HOUR = 3600.0
DAY = 24 * HOUR

PERMIT_ACTIVITIES = (
    "Регистрация заявления",
    "Проверка комплектности документов",
    "Направление межведомственного запроса в Росреестр",
    "Получение ответа на межведомственный запрос",
    "Рассмотрение заявления отделом градостроительства",
    "Выезд на место и составление акта обследования",
    "Согласование с отделом охраны окружающей среды",
    "Подготовка проекта решения",
    "Согласование проекта решения юридическим отделом",
    "Подписание решения руководителем",
    "Возврат заявителю на доработку",
    "Выдача разрешения заявителю",
)

_VERBS = (
    "Проверка",
    "Согласование",
    "Рассмотрение",
    "Подготовка",
    "Регистрация",
    "Уточнение",
    "Направление",
    "Получение",
    "Визирование",
    "Приостановление",
    "Возобновление",
    "Корректировка",
    "Экспертиза",
    "Утверждение",
    "Выгрузка",
)
_OBJECTS = (
    "заявления о перепланировке",
    "выписки из ЕГРН",
    "градостроительного плана",
    "межведомственного запроса",
    "проекта постановления",
    "квитанции об уплате государственной пошлины",
    "акта обследования",
    "заключения экологической экспертизы",
    "доверенности представителя",
    "ответа заявителю",
)


def make_activity_names(number: int) -> list[str]:
    names = list(PERMIT_ACTIVITIES[:number])
    pairs = [f"{verb} {thing}" for thing in _OBJECTS for verb in _VERBS]
    return (names + pairs)[:number]


@cache
def make_graph(number: int, *, seed: int = 7, has_start_times: bool = False) -> DirectlyFollowsGraph:
    """Walk made-up cases through `number` activities in a line with skips, loops and returns."""
    generator = random.Random(seed)
    cases = min(2000, 24_000 // number)
    names = make_activity_names(number)
    nodes: dict[str, list] = {name: [0, set(), 0, 0] for name in names}
    edges: dict[tuple[str, str], list] = {}
    for case in range(cases):
        trace = _walk(generator, names)
        nodes[trace[0]][2] += 1
        nodes[trace[-1]][3] += 1
        for name in trace:
            nodes[name][0] += 1
            nodes[name][1].add(case)
        for pair in pairwise(trace):
            edges.setdefault(pair, []).append((case, generator.lognormvariate(0, 1.2) * _typical_seconds(pair)))
    return DirectlyFollowsGraph(
        nodes=tuple(
            DirectlyFollowsNode(name, instances, len(in_cases), starts, ends, 0.5 * HOUR if has_start_times else None)
            for name, (instances, in_cases, starts, ends) in sorted(nodes.items())
            if instances
        ),
        edges=tuple(_make_edge(pair, steps) for pair, steps in sorted(edges.items())),
        has_start_times=has_start_times,
    )


def _walk(generator: random.Random, names: list[str]) -> list[str]:
    position, trace = min(len(names) - 1, int(generator.random() > 0.9)), []
    while position < len(names):
        trace.append(names[position])
        draw = generator.random()
        if draw < 0.72:
            position += 1
        elif draw < 0.86:
            position += 2
        elif draw < 0.90:
            pass
        elif draw < 0.95:
            position = max(0, position - generator.randint(1, 4))
        else:
            position += generator.randint(2, max(3, len(names) // 4))
        if len(trace) > 3 * len(names) or (len(trace) > 5 and generator.random() < 0.01):
            break
    return trace


def _typical_seconds(pair: tuple[str, str]) -> float:
    return HOUR * (1 + sum(map(ord, pair[0] + pair[1])) % 200)


def _make_edge(pair: tuple[str, str], steps: list[tuple[int, float]]) -> DirectlyFollowsEdge:
    seconds = sorted(second for _, second in steps)
    return DirectlyFollowsEdge(
        activity=pair[0],
        next_activity=pair[1],
        count=len(steps),
        cases=len({case for case, _ in steps}),
        mean_seconds=sum(seconds) / len(seconds),
        median_seconds=seconds[len(seconds) // 2],
        p90_seconds=seconds[int(len(seconds) * 0.9)],
        total_seconds=sum(seconds),
    )
