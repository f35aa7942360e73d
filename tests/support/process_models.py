"""Models of processes: a small one by hand, and any that may be, for properties."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from potok.core.calendars import Calendar
from potok.core.regulations import ClockStop, Extension, RollOver, Term, TermUnit
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    END,
    ArrivalKind,
    Arrivals,
    Batching,
    CaseType,
    Consequence,
    Context,
    Discipline,
    Distribution,
    DistributionKind,
    ExtraneousDelay,
    Flow,
    GraphRouting,
    HistoryRouting,
    LoadResponse,
    ModelActivity,
    ModelPool,
    Node,
    Person,
    PlanRules,
    ProcessModel,
    exponential,
    fixed,
)

START = datetime(2026, 1, 12, 9, tzinfo=UTC)
OFFICE = Calendar(
    "office", "Europe/Moscow", (((540, 780), (840, 1080)),) * 5 + ((), ()), {date(2026, 2, 23): ()}, 2026, 2030
)


def small_model() -> ProcessModel:
    """A counter, a check that is redone now and then, and a decision."""
    return ProcessModel(
        name="small",
        zone="Europe/Moscow",
        arrivals=Arrivals(ArrivalKind.RENEWAL, START, inter_arrival=exponential(1800.0), calendar="office"),
        case_types=(CaseType("plain", 1.0),),
        routing=HistoryRouting(
            (
                Context((), (("intake", 1.0),), is_start=True),
                Context((), (("intake", 0.5), (END, 0.5))),
                Context(("intake",), (("check", 1.0),)),
                Context(("check",), (("check", 0.25), ("decide", 0.75))),
                Context(("decide",), ((END, 1.0),)),
            )
        ),
        activities=(
            ModelActivity("intake", fixed(600.0)),
            ModelActivity("check", exponential(1200.0)),
            ModelActivity("decide", fixed(300.0), is_automatic=True),
        ),
        pools=(ModelPool("clerks", ("intake", "check"), (Person("clerks 1"), Person("clerks 2")), "office"),),
        calendars={"office": OFFICE},
    )


def graph_model() -> ProcessModel:
    """The same as a BPMN graph."""
    kind = ElementKind
    nodes = (
        Node("start", kind.START),
        Node("intake", kind.TASK, "intake"),
        Node("again", kind.EXCLUSIVE),
        Node("check", kind.TASK, "check"),
        Node("good?", kind.EXCLUSIVE),
        Node("decide", kind.TASK, "decide"),
        Node("end", kind.END),
    )
    flows = (
        Flow("start", "intake"),
        Flow("intake", "again"),
        Flow("again", "check"),
        Flow("check", "good?"),
        Flow("good?", "again", 0.25),
        Flow("good?", "decide", 0.75),
        Flow("decide", "end"),
    )
    small = small_model()
    return ProcessModel(
        small.name,
        small.zone,
        small.arrivals,
        small.case_types,
        GraphRouting(nodes, flows),
        small.activities,
        small.pools,
        small.calendars,
    )


NAMES = st.text(min_size=1, max_size=8).filter(lambda text: text.strip() == text and text != END)
AMOUNTS = st.floats(0.0, 1e9)
POSITIVE = st.floats(1e-6, 1e9)
SHARES = st.floats(0.0, 1.0)


@st.composite
def shares_of_one(draw, least=1, most=4):
    """Shares whose sum is 1 but for the last bits."""
    weights = draw(st.lists(st.integers(1, 1000), min_size=least, max_size=most))
    return [weight / sum(weights) for weight in weights]


@st.composite
def distributions(draw, depth=1):
    kinds = [kind for kind in DistributionKind if depth or kind is not DistributionKind.MIXTURE]
    kind = draw(st.sampled_from(kinds))
    mean, sd = draw(POSITIVE), draw(POSITIVE)
    low, middle, high = sorted(draw(st.lists(st.floats(0.0, 1e9), min_size=3, max_size=3, unique=True)))
    if kind is DistributionKind.FIXED:
        return fixed(draw(AMOUNTS))
    if kind is DistributionKind.UNIFORM:
        return Distribution(kind, low_seconds=low, high_seconds=high)
    if kind is DistributionKind.TRIANGULAR:
        return Distribution(kind, low_seconds=low, mode_seconds=middle, high_seconds=high)
    if kind is DistributionKind.EMPIRICAL:
        return Distribution(kind, quantiles_seconds=(low, middle, high))
    if kind is DistributionKind.MIXTURE:
        weights = draw(shares_of_one())
        return Distribution(kind, parts=tuple((weight, draw(distributions(depth - 1))) for weight in weights))
    cut = draw(st.sampled_from([(0.0, 0.0), (low, 0.0), (low, high)]))
    spread = 0.0 if kind is DistributionKind.EXPONENTIAL else sd
    return Distribution(kind, mean_seconds=mean, sd_seconds=spread, low_seconds=cut[0], high_seconds=cut[1])


@st.composite
def arrivals(draw):
    start = draw(st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
    if draw(st.booleans()):
        return Arrivals(
            ArrivalKind.RENEWAL,
            start,
            inter_arrival=draw(distributions().filter(lambda one: one.kind is not DistributionKind.FIXED)),
            calendar=draw(st.sampled_from(["", "office"])),
            is_put_off=draw(st.booleans()),
        )
    return Arrivals(
        ArrivalKind.POISSON,
        start,
        per_day=draw(AMOUNTS),
        hour_of_week_shares=tuple(draw(shares_of_one(168, 168))),
        growth_per_year=draw(st.floats(-0.9, 9.0)),
        day_factors=draw(st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 1, 1)), AMOUNTS, max_size=2)),
        dispersion=draw(AMOUNTS),
    )


@st.composite
def activities(draw, name):
    delay = ExtraneousDelay(draw(distributions()), draw(SHARES), draw(st.sampled_from(LoadResponse)))
    moments = st.tuples(st.integers(0, 6), st.integers(0, 1439))
    batching = Batching(
        minimum_size=draw(st.integers(1, 5)),
        maximum_size=draw(st.sampled_from([0, 5, 9])),
        maximum_wait_seconds=draw(AMOUNTS),
        fires_at=tuple(draw(st.lists(moments, max_size=2, unique=True))),
        is_concurrent=draw(st.booleans()),
        size_factors=draw(st.sampled_from([(), ((2, 0.75), (5, 0.5))])),
    )
    return ModelActivity(
        name,
        draw(distributions()),
        is_automatic=draw(st.booleans()),
        pauses=draw(st.booleans()),
        delay=draw(st.sampled_from([None, delay])),
        batching=draw(st.sampled_from([None, batching])),
        discipline=draw(st.sampled_from(Discipline)),
        cost=draw(AMOUNTS),
        applicant_seconds=draw(AMOUNTS),
        is_logged=draw(st.booleans()),
    )


@st.composite
def history_routings(draw, names, types):
    following = [*names, END]
    contexts = [Context((), tuple(zip(following, [1 / len(following)] * len(following), strict=True)))]
    for _number in range(draw(st.integers(0, 3))):
        after = draw(st.lists(st.sampled_from(following), min_size=1, unique=True))
        shares = draw(shares_of_one(len(after), len(after)))
        contexts.append(
            Context(
                tuple(draw(st.lists(st.sampled_from(names), max_size=2))),
                tuple(zip(after, shares, strict=True)),
                draw(st.sampled_from(["", *types])),
                draw(st.booleans()),
                draw(st.integers(0, 10**6)),
            )
        )
    pairs = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=2)
    return HistoryRouting(tuple(contexts), tuple(draw(pairs)), draw(st.integers(1, 5000)))


@st.composite
def graph_routings(draw, names, types):
    tasks = [Node(f"node {number}", ElementKind.TASK, name) for number, name in enumerate(names)]
    shares = draw(shares_of_one(len(tasks), len(tasks)))
    own = draw(st.sampled_from([(), tuple((name, 1 / len(tasks)) for name in types)]))
    flows = [Flow("start", "split"), Flow("join", "end")]
    flows += [Flow("split", task.name, share, own) for task, share in zip(tasks, shares, strict=True)]
    flows += [Flow(task.name, "join") for task in tasks]
    ends = [Node("start", ElementKind.START), Node("end", ElementKind.END)]
    gates = [Node("split", ElementKind.EXCLUSIVE), Node("join", ElementKind.EXCLUSIVE)]
    return GraphRouting((*ends, *gates, *tasks), tuple(flows))


@st.composite
def terms(draw, names):
    unit = draw(st.sampled_from(TermUnit))
    rolls = draw(st.sampled_from(RollOver)) if unit is TermUnit.CALENDAR_DAYS else RollOver.NONE
    stops = (ClockStop("stop from", "stop to", draw(st.text(max_size=5).map(str.strip))),)
    return Term(
        draw(NAMES),
        draw(st.integers(5, 60)),
        unit,
        starts=draw(st.sampled_from(["opening", *names])),
        clock_stops=draw(st.sampled_from([(), stops])),
        extension=draw(st.sampled_from([None, Extension("extend", 3)])),
        rolls_over=rolls,
        warn_before=draw(st.integers(0, 4)),
    )


@st.composite
def people(draw, number, names):
    return Person(
        draw(st.sampled_from([f"clerk {number}", f"official-{number}"])),
        does=tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True))),
        calendar=draw(st.sampled_from(["", "office"])),
        at_once=draw(st.integers(1, 3)),
        availability=draw(st.floats(0.01, 1.0)),
        absence_seconds=draw(POSITIVE),
        cost_per_hour=draw(AMOUNTS),
    )


@st.composite
def process_models(draw):
    """Any model that passes its check."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    types = draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    type_shares = draw(shares_of_one(len(types), len(types)))
    routings = st.one_of(history_routings(names, types), graph_routings(names, types))
    extra = ("stop from", "stop to", "extend")
    named = [name for name in extra if name not in names]
    worked = [*names, *named]
    crowd = tuple(Person(f"crowd {number}") for number in range(1, draw(st.integers(1, 3)) + 1))
    single = tuple(draw(people(number, names)) for number in range(1, draw(st.integers(1, 3)) + 1))
    timed = Person("timed", durations=((worked[0], draw(distributions())),))
    skipped = ((names[0], draw(SHARES), tuple(types[:1])),)
    return ProcessModel(
        name=draw(NAMES),
        zone="Europe/Moscow",
        arrivals=draw(arrivals()),
        case_types=tuple(
            CaseType(
                name, share, draw(st.dictionaries(NAMES, st.text(max_size=4), max_size=2)), draw(st.integers(-3, 3))
            )
            for name, share in zip(types, type_shares, strict=True)
        ),
        routing=draw(routings),
        activities=(*(draw(activities(name)) for name in names), *(ModelActivity(name, fixed(1.0)) for name in named)),
        pools=(
            ModelPool("crowd", tuple(worked), crowd, draw(st.sampled_from(["", "office"]))),
            ModelPool("others", tuple(worked), (*single, timed)),
        ),
        calendars={"office": OFFICE},
        rules=draw(
            st.sampled_from(
                [
                    PlanRules(),
                    PlanRules(
                        moved=((names[0], names[-1]),),
                        parallel=((names[0], names[-1]),),
                        merged=((tuple(names), names[0]),),
                        skipped=skipped,
                    ),
                ]
            )
        ),
        consequences=(Consequence("reversed", names[0], draw(SHARES), draw(SHARES)),),
        term=draw(st.none() | terms(names)),
        term_calendar="office",
        currency=draw(st.sampled_from(["", "руб."])),
    )
