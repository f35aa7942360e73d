"""Random process trees, and random runs of them."""

from random import Random

from hypothesis import strategies as st

from potok.discover.process_tree import SILENT, Operator, ProcessTree, leaf

BLOCKS = (Operator.SEQUENCE, Operator.CHOICE, Operator.PARALLEL, Operator.LOOP)
LABELS = "abcdefghijklmnop"


def random_tree(random: Random, labels: str, *, silent_share: float = 0.2) -> ProcessTree:
    """Make a tree that holds each label once, in any order."""
    if len(labels) == 1:
        return leaf(labels) if random.random() > silent_share else _or_nothing(random, leaf(labels))
    operator = random.choice(BLOCKS)
    n_children = 2 if operator is Operator.LOOP else random.randint(2, min(3, len(labels)))
    bounds = sorted(random.sample(range(1, len(labels)), n_children - 1))
    parts = [labels[first:last] for first, last in zip([0, *bounds], [*bounds, len(labels)], strict=True)]
    children = tuple(random_tree(random, part, silent_share=silent_share) for part in parts)
    return ProcessTree(operator, children=children)


def _or_nothing(random: Random, tree: ProcessTree) -> ProcessTree:
    operator = random.choice((Operator.CHOICE, Operator.LOOP, Operator.PARALLEL, Operator.SEQUENCE))
    children = [tree, SILENT]
    random.shuffle(children)
    return ProcessTree(operator, children=tuple(children))


def trees(most: int = 6) -> st.SearchStrategy[ProcessTree]:
    """Strategy of trees with at most so many activities."""
    return st.builds(
        lambda seed, number: random_tree(Random(seed), LABELS[:number]),
        st.integers(0, 2**32 - 1),
        st.integers(1, most),
    )


def random_run(tree: ProcessTree, random: Random) -> tuple[str, ...]:
    """Make one run of a tree."""
    match tree.operator:
        case Operator.ACTIVITY:
            return (tree.activity,)
        case Operator.SILENT:
            return ()
        case Operator.CHOICE:
            return random_run(random.choice(tree.children), random)
        case Operator.SEQUENCE:
            return tuple(activity for child in tree.children for activity in random_run(child, random))
        case Operator.PARALLEL:
            return _interleave([list(random_run(child, random)) for child in tree.children], random)
        case Operator.LOOP:
            do, redo = tree.children
            run = random_run(do, random)
            while random.random() < 0.3:
                run += random_run(redo, random) + random_run(do, random)
            return run


def _interleave(runs: list[list[str]], random: Random) -> tuple[str, ...]:
    merged = []
    while any(runs):
        merged.append(random.choice([run for run in runs if run]).pop(0))
    return tuple(merged)


def random_traces(random: Random, labels: str = "abcde", *, number: int = 12, longest: int = 8) -> dict:
    """Make traces without any order behind them, and their numbers of cases; some may be empty."""
    return {
        tuple(random.choice(labels) for _ in range(random.randint(0, longest))): random.randint(1, 40)
        for _ in range(number)
    }
