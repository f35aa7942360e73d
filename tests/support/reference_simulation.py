"""A simulation in plain Python, straight from the definitions of the model: the kernel, implemented a second time."""

import heapq
import math
from collections import Counter
from dataclasses import dataclass, field

from potok.core.regulations import due_at_us
from potok.simulate.kernel.random_numbers import Stream, name_key, stream_keys
from potok.simulate.model import END, Discipline, DistributionKind, HistoryRouting, ProcessModel

WORD = 2**64
FAR = 2**62


def uniform(key: int, case: int, name: int, occurrence: int) -> float:
    bits = _mixed((_mixed(key + case * 0x9E3779B97F4A7C15) ^ name) + occurrence * 0xD1B54A32D192ED03)
    return ((bits >> 11) + 0.5) * 2.0**-53


def _mixed(value: int) -> int:
    value %= WORD
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % WORD
    return value ^ (value >> 31)


def quantile_us(distribution, share: float) -> int:
    if distribution.kind is DistributionKind.FIXED:
        value = distribution.mean_seconds * 1e6
    elif distribution.kind is DistributionKind.EXPONENTIAL:
        value = -distribution.mean_seconds * 1e6 * math.log1p(-share)
    else:
        knots = [one * 1e6 for one in distribution.quantiles_seconds]
        position = share * (len(knots) - 1)
        below = min(int(position), len(knots) - 2)
        value = knots[below] + (knots[below + 1] - knots[below]) * (position - below)
    return math.floor(value + 0.5)


@dataclass(eq=False)
class Instance:
    """An activity instance, and what becomes of it."""

    case: int
    activity: str
    occurrence: int = 0
    awaits: set = field(default_factory=set)
    enabled: int | None = None
    ready: int | None = None
    started: int | None = None
    completed: int | None = None
    worked: int = 0
    person: int = -1
    batch: int = -1
    turn: int = 0


class ReferencePlanner:
    """Draws plans as lists of instances in the order of the plan."""

    def __init__(self, model: ProcessModel, keys) -> None:
        self.model = model
        self.keys = [int(key) for key in keys]

    def plan(self, case: int, case_type: str) -> tuple[list[Instance], Counter]:
        routing = self.model.routing
        assert isinstance(routing, HistoryRouting)
        steps = self._instances(case, self._history(case, case_type))
        skipped = self._apply_rules(steps, case, case_type)
        seen: Counter = Counter()
        for step in steps:
            step.occurrence = seen[step.activity]
            seen[step.activity] += 1
        return steps, skipped

    def _history(self, case: int, case_type: str) -> list[str]:
        history: list[str] = []
        routing = self.model.routing
        while len(history) < routing.maximum_length:
            context = max(
                (one for one in routing.contexts if self._matches(one, history, case_type)),
                key=lambda one: (len(one.history), one.is_start, one.case_type != ""),
            )
            name = int(name_key(history[-1])) if history else 0
            share = uniform(self.keys[Stream.ROUTE], case, name, history.count(history[-1]) if history else 0)
            passed, chosen = 0.0, END
            for activity, weight in context.following:
                passed += weight
                chosen = activity
                if share * sum(weight for _name, weight in context.following) < passed:
                    break
            if chosen == END:
                break
            history.append(chosen)
        return history

    @staticmethod
    def _matches(context, history: list[str], case_type: str) -> bool:
        if context.case_type not in ("", case_type):
            return False
        if context.is_start:
            return list(context.history) == history
        length = len(context.history)
        return length <= len(history) and list(context.history) == history[len(history) - length :]

    def _instances(self, case: int, history: list[str]) -> list[Instance]:
        concurrent = {frozenset(pair) for pair in self.model.routing.concurrent}
        steps: list[Instance] = []
        for activity in history:
            step = Instance(case, activity)
            bound = {one for one in steps if frozenset((activity, one.activity)) not in concurrent}
            step.awaits = bound - {above for one in bound for above in self._above(one)}
            steps.append(step)
        return steps

    def _above(self, step: Instance) -> set[Instance]:
        return {above for one in step.awaits for above in ({one} | self._above(one))}

    def _apply_rules(self, steps: list[Instance], case: int, case_type: str) -> Counter:
        rules = self.model.rules
        for activity, after in rules.moved:
            self._move(steps, activity, after)
        self._loosen(steps, {frozenset(pair) for pair in rules.parallel})
        for names, into in rules.merged:
            self._merge(steps, set(names), into)
        skipped: Counter = Counter()
        for place, (activity, share, types) in enumerate(rules.skipped):
            before = sum(name == activity for name, _share, _types in rules.skipped[:place])
            is_meant = not types or case_type in types
            if is_meant and uniform(self.keys[Stream.SKIP], case, int(name_key(activity)), before) < share:
                for step in [one for one in steps if one.activity == activity]:
                    self._take_out(steps, step)
                    skipped[activity] += 1
        return skipped

    @staticmethod
    def _take_out(steps: list[Instance], step: Instance) -> None:
        for other in steps:
            if step in other.awaits:
                other.awaits = (other.awaits - {step}) | step.awaits
        steps.remove(step)

    def _move(self, steps: list[Instance], activity: str, after: str) -> None:
        if activity == after:
            return
        for step in reversed([one for one in steps if one.activity == activity]):
            place = steps.index(step)
            later = [one for one in steps[place:] if one.activity == after]
            earlier = [one for one in steps[:place] if one.activity == after]
            if not later and not earlier:
                continue
            target = later[0] if later else earlier[-1]
            self._take_out(steps, step)
            for other in steps:
                if target in other.awaits:
                    other.awaits = (other.awaits - {target}) | {step}
            step.awaits = {target}
            steps.insert(steps.index(target) + 1, step)

    @staticmethod
    def _loosen(steps: list[Instance], pairs: set) -> None:
        for step in steps:
            while True:
                held = [
                    one for one in steps if one in step.awaits and frozenset((one.activity, step.activity)) in pairs
                ]
                if not held:
                    break
                step.awaits = (step.awaits - {held[-1]}) | held[-1].awaits
                for other in steps:
                    if step in other.awaits:
                        other.awaits = other.awaits | {held[-1]}

    def _merge(self, steps: list[Instance], names: set, into: str) -> None:
        heads: list[Instance] = []
        latest = None
        for step in list(steps):
            is_member = step.activity in names
            near = [one for one in reversed(heads) if is_member and (one in step.awaits or one is latest)]
            head = next((one for one in near if not any(one in self._above(x) for x in step.awaits - {one})), None)
            if head is not None:
                head.awaits = (head.awaits | step.awaits) - {head}
                for other in steps:
                    if step in other.awaits and other is not head:
                        other.awaits = (other.awaits - {step}) | {head}
                steps.remove(step)
            elif is_member:
                step.activity = into
                heads.append(step)
            latest = head or step
        waiting, steps[:] = list(steps), []
        while waiting:
            free = next(one for one in waiting if not one.awaits & set(waiting))
            waiting.remove(free)
            steps.append(free)


class ReferenceRun:
    """Carries plans out, event by event."""

    def __init__(self, model: ProcessModel, *, seed: int, replication: int, start_us: int, end_us: int | None) -> None:
        self.model, self.start, self.end = model, start_us, end_us
        self.keys = [int(key) for key in stream_keys(seed, replication)]
        self.activities = {one.name: one for one in model.activities}
        self.people = [
            (one, pool, model.calendars.get(one.calendar or pool.calendar))
            for pool in model.pools
            for one in pool.people
        ]
        self.busy = [0] * len(self.people)
        self.free_order = list(range(len(self.people)))
        self.waiting: list[list[Instance]] = []
        self.collected: dict[str, list[Instance]] = {}
        self.generation: Counter = Counter()
        self.events: list = []
        self.sequence = self.turns = self.batches = 0

    def run(self, arrived, types) -> list[list[Instance]]:
        planner = ReferencePlanner(self.model, self.keys)
        self.arrived = [int(at) for at in arrived]
        self.types = [self.model.case_types[code] for code in types]
        self.plans = [planner.plan(case, one.name)[0] for case, one in enumerate(self.types)]
        groups: dict[str, int] = {}
        for person, (one, pool, calendar) in enumerate(self.people):
            group = groups.setdefault(one.calendar or pool.calendar, len(groups))
            for start, _end in self._spans(calendar):
                heapq.heappush(self.events, (start, 0, 10_000 * group + person, person))
        for case, at in enumerate(self.arrived):
            self._push(at, 3, case)
        while self.events:
            at, rank, _sequence, subject = heapq.heappop(self.events)
            if self.end is not None and at >= self.end:
                break
            self.now = at
            self._happen(rank, subject)
        return self.plans

    def _happen(self, rank: int, subject) -> None:
        if rank == 0:
            self._feed(subject)
        elif rank == 1:
            self._complete(*subject)
        elif rank == 2:
            self._collect(subject)
        elif rank == 3:
            for instance in self.plans[subject]:
                if not instance.awaits:
                    self._enable(instance)
        elif self.generation[subject[0]] == subject[1]:
            self._fire(subject[0])

    def _push(self, at: int, rank: int, subject) -> None:
        heapq.heappush(self.events, (at, rank, self.sequence, subject))
        self.sequence += 1

    def _spans(self, calendar) -> list[tuple[int, int]]:
        until = self.start + 400 * 86_400_000_000
        if calendar is None:
            return [(self.start, until)]
        return list(zip(*(part.tolist() for part in calendar.open_intervals(self.start, until)), strict=True))

    def _is_on_duty(self, person: int) -> bool:
        calendar = self.people[person][2]
        return calendar is None or len(calendar.open_intervals(self.now, self.now + 1)[0]) > 0

    def _share(self, stream: Stream, instance: Instance) -> float:
        return uniform(self.keys[stream], instance.case, int(name_key(instance.activity)), instance.occurrence)

    def _enable(self, instance: Instance) -> None:
        instance.enabled = self.now
        delay = self.activities[instance.activity].delay
        if delay and self._share(Stream.IS_DELAYED, instance) < delay.share:
            length = quantile_us(delay.delay, self._share(Stream.DELAY, instance))
            if length > 0:
                self._push(self.now + length, 2, instance)
                return
        self._collect(instance)

    def _collect(self, instance: Instance) -> None:
        rule = self.activities[instance.activity].batching
        if rule is None:
            self._ready([instance])
            return
        members = self.collected.setdefault(instance.activity, [])
        members.append(instance)
        subject = (instance.activity, self.generation[instance.activity])
        if len(members) == 1:
            if rule.maximum_wait_seconds:
                self._push(self.now + round(rule.maximum_wait_seconds * 1e6), 4, subject)
            if rule.fires_at:
                self._push(self._next_fire(rule), 4, subject)
        if rule.minimum_size and len(members) >= rule.minimum_size:
            self._fire(instance.activity)

    def _next_fire(self, rule) -> int:
        """Of models on UTC only."""
        week, minute = 7 * 86_400_000_000, 60_000_000
        monday = 4 * 86_400_000_000  # 1970-01-05
        ahead = [(monday + (day * 1440 + at) * minute - self.now) % week for day, at in rule.fires_at]
        return self.now + min(ahead)

    def _fire(self, activity: str) -> None:
        members = self.collected.pop(activity, [])
        self.generation[activity] += 1
        most = self.activities[activity].batching.maximum_size or len(members)
        batches = [members[place : place + most] for place in range(0, len(members), most)]
        for batch in batches:
            for member in batch:
                member.batch = self.batches
            self.batches += 1
        for batch in batches:
            self._ready(batch)

    def _ready(self, batch: list[Instance]) -> None:
        for instance in batch:
            instance.ready = self.now
        activity = self.activities[batch[0].activity]
        if activity.is_automatic:
            for instance in batch:
                instance.started = self.now
                instance.worked = quantile_us(activity.duration, self._share(Stream.DURATION, instance))
                instance.completed = self.now + instance.worked
                self._push(instance.completed, 1, (instance, False))
            return
        for person in self.free_order:
            one, pool, _calendar = self.people[person]
            if activity.name in (one.does or pool.does) and self._is_on_duty(person):
                self._start(batch, person)
                return
        batch[0].turn = self.turns
        self.turns += 1
        self.waiting.append(batch)

    def _duration(self, instance: Instance, person: int) -> int:
        own = dict(self.people[person][0].durations)
        distribution = own.get(instance.activity, self.activities[instance.activity].duration)
        return quantile_us(distribution, self._share(Stream.DURATION, instance))

    def _start(self, batch: list[Instance], person: int) -> None:
        self.busy[person] += 1
        if self.busy[person] == self.people[person][0].at_once:
            self.free_order.remove(person)
        rule = self.activities[batch[0].activity].batching
        lengths = [self._duration(instance, person) for instance in batch]
        if rule:
            factor = ([1.0] + [value for size, value in rule.size_factors if len(batch) >= size])[-1]
            if rule.is_concurrent:
                lengths = [math.floor(sum(lengths) * factor / len(batch) + 0.5)] * len(batch)
            else:
                lengths = [math.floor(length * factor + 0.5) for length in lengths]
        at = self.now
        for instance, length in zip(batch, lengths, strict=True):
            begun = self.now if rule and rule.is_concurrent else self._on_duty_from(batch[0], person, at)
            at = self._after(batch[0], person, begun, length)
            instance.person, instance.started, instance.worked, instance.completed = person, begun, length, at
            self._push(at, 1, (instance, instance is batch[-1]))

    def _on_duty_from(self, instance: Instance, person: int, at: int) -> int:
        if not self.activities[instance.activity].pauses:
            return at
        return min(max(at, start) for start, end in self._spans(self.people[person][2]) if end > at)

    def _after(self, instance: Instance, person: int, begun: int, length: int) -> int:
        calendar = self.people[person][2]
        if calendar is None or not self.activities[instance.activity].pauses:
            return begun + length
        return calendar.working_instant_us(begun, length)

    def _complete(self, instance: Instance, is_last: bool) -> None:
        for other in self.plans[instance.case]:
            if instance in other.awaits and other.enabled is None:
                other.awaits = other.awaits - {instance}
                if not other.awaits:
                    self._enable(other)
        if is_last:
            person = instance.person
            self.busy[person] -= 1
            if person in self.free_order:
                self.free_order.remove(person)
            self.free_order.append(person)
            if self._is_on_duty(person):
                self._feed(person)

    def _feed(self, person: int) -> None:
        while self.busy[person] < self.people[person][0].at_once:
            batch = self._first_waiting(person)
            if batch is None:
                return
            self.waiting.remove(batch)
            self._start(batch, person)

    def _first_waiting(self, person: int) -> list[Instance] | None:
        one, pool, _calendar = self.people[person]
        firsts = []
        for discipline in Discipline:
            able = [
                batch
                for batch in self.waiting
                if batch[0].activity in (one.does or pool.does)
                and self.activities[batch[0].activity].discipline is discipline
            ]
            if able:
                firsts.append(min(able, key=lambda batch: (*self._key(batch), batch[0].ready, batch[0].turn)))
        by_priority = Discipline.PRIORITY
        return min(
            firsts,
            default=None,
            key=lambda batch: (
                self._key(batch) if self.activities[batch[0].activity].discipline is by_priority else (0,),
                batch[0].ready,
                batch[0].turn,
            ),
        )

    def _key(self, batch: list[Instance]) -> tuple[int, ...]:
        discipline = self.activities[batch[0].activity].discipline
        if discipline is Discipline.PRIORITY:
            return (min(self.types[member.case].priority for member in batch),)
        if discipline is Discipline.EARLIEST_DUE:
            return (min(self.due_us(member.case) for member in batch),)
        return (0,)

    def due_us(self, case: int) -> int:
        model = self.model
        if model.term is None:
            return FAR
        due = due_at_us(model.term, self.arrived[case], model.calendars[model.term_calendar])
        assert due is not None
        return due
