"""What a notebook works on: the clean tables of one team up to one day, the scope, and the accounting."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from salesnb import settings as rules
from salesnb.calendar import Calendar, Period, from_rows
from salesnb.cell_end import shown_of
from salesnb.data.cells.spelling import one_form
from salesnb.data.masks import masking
from salesnb.data.masks.stand_ins import Masks
from salesnb.data.masks.stand_ins import masks as made_of
from salesnb.data.reading.discovery import SAMPLE
from salesnb.data.store import opened, slicing, upkeep, writing
from salesnb.data.store.folder import cache_folder, in_use, lock
from salesnb.data.store.opened import Store, reading
from salesnb.data.taking import intake
from salesnb.data.taking.quarantine import Intake
from salesnb.errors import InputError, Problem, ScopeError, nearest, problem
from salesnb.parameters import cells_run, refuse_unknown
from salesnb.schema import tables
from salesnb.scope import WHOLE_COMPANY, Scope, rights_of
from salesnb.settings import Audience, Settings

_LANGUAGES = {"en": ("en",), "zh": ("zh",), "both": ("en", "zh")}


@dataclass(frozen=True, repr=False)
class Case:
    """Everything a notebook needs.

    One frame per canonical table, with all columns of the schema (empty where the table is absent), for the scope's
    team and up to its ``as_of``. ``absent`` names tables without a file, ``derived`` those made from others.
    ``stock`` is the store that they were read from.
    """

    scope: Scope
    orders: pd.DataFrame
    targets: pd.DataFrame
    opportunities: pd.DataFrame
    stage_history: pd.DataFrame
    snapshots: pd.DataFrame
    activities: pd.DataFrame
    customers: pd.DataFrame
    products: pd.DataFrame
    reps: pd.DataFrame
    receipts: pd.DataFrame
    spend: pd.DataFrame
    market: pd.DataFrame
    needs: pd.DataFrame
    notes: pd.DataFrame
    plans: pd.DataFrame
    actions: pd.DataFrame
    trainings: pd.DataFrame
    okrs: pd.DataFrame
    whys: pd.DataFrame
    overrides: pd.DataFrame
    controls: pd.DataFrame
    calendar: pd.DataFrame
    issued: pd.DataFrame
    absent: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    teams: tuple[str, ...] = field(default=())
    playbook: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The team's playbook: which actions answer which problem."""
    store: Store | None = field(default=None, repr=False)
    masks: Masks = field(default_factory=Masks, repr=False)
    """What stands for the names that the audience may not read."""

    def __repr__(self) -> str:
        """Name the scope; the frames are long."""
        scope = self.scope
        return f"<Case {scope.team} {scope.period.name} as of {scope.as_of}: {len(self.orders):,} order lines>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return shown_of(self)

    @cached_property
    def intake(self) -> Intake:
        """The accounting of all files, as the audience may see it, read when it is first asked for.

        Raises InputError where the store has another state by then.
        """
        assert self.store is not None
        return masking.masked_intake(self.store.intake, self.masks, self.scope.rights)

    @cached_property
    def uncounted(self) -> pd.DataFrame:
        """What could be sales or targets and is in no figure (see ``taking.uncounted``), read when asked for.

        Raises InputError where the store has another state by then.
        """
        assert self.store is not None
        return self.store.uncounted

    @property
    def partitions_read(self) -> tuple[str, ...]:
        """The files of the store that were read so far."""
        if self.store is None:
            return ()
        names = not self.scope.rights.sees_names
        asked = self.__dict__
        return tuple(self.store.reads(self.scope.team, "intake" in asked, names, "uncounted" in asked))


def load(
    data: str = SAMPLE,
    settings: str = "",
    team: str = WHOLE_COMPANY,
    period: str = "latest",
    as_of: str = "",
    lang: str = "en",
    audience: str = "leadership",
) -> Case:
    """Load the clean tables of a team for a period.

    Parameters
    ----------
    data
        Folder with the files, or ``sample`` for the sample company.
    settings
        Settings file; empty: ``salesnb.toml`` in the folder, where there is one.
    team
        A team's name, or ``all`` for the whole company.
    period
        ``2025``, ``2025-Q3``, ``2025-09``, ``2025-W36``, a name of the calendar table, or ``latest``.
    as_of
        The day as of which everything is seen, YYYY-MM-DD; empty: the newest day of the data.
    lang
        ``en``, ``zh`` or ``both``.
    audience
        For whom the pages are: ``leadership``, ``team``, ``public``, or another that the settings name. What it may
        not see is masked or left out of the tables.

    Raises
    ------
    InputError, SettingsError
        Files or settings cannot be used; all problems at once.
    ScopeError
        Team, period, day or audience do not exist, or are not text; papermill set a parameter that the notebook does
        not have.
    """
    given = {"team": team, "period": period, "as_of": as_of, "lang": lang, "audience": audience,
             "data": data, "settings": settings}  # fmt: skip
    refuse_unknown(cells_run())
    _only_text(given)
    with _opened(data, settings) as found:
        calendar = _calendar(found)
        scope = _scope(found, calendar, given)
        cut = slicing.cut(found, scope.team, scope.as_of)
        masks = _masks(found, scope.rights)
    return Case(
        scope=scope,
        absent=frozenset(tables()) - set(found.tables),
        derived=found.derived,
        teams=tuple(found.teams),
        playbook=masking.masked_playbook(found.playbook, masks),
        store=found,
        masks=masks,
        **masking.masked(cut.frames, masks, scope.rights),
    )


@contextmanager
def _opened(data: str, settings: str) -> Iterator[Store]:
    """Give the store to read, locked: the state that this process is pinned to, else the one of the files today."""
    pin = opened.current_pin(data, settings)
    if pin is None:
        at = _current(data, settings)
        with lock(at, "en", shared=True):
            yield opened.opened(at, (data, settings))
        return
    while True:
        at = upkeep.pinned(pin)
        with lock(at, "en", shared=True):
            if upkeep.pinned(pin) == at:  # else it was set aside before the lock was there
                yield opened.opened(at, (data, settings), pin.state)
                return


def open_store(data: str = SAMPLE, settings: str = "", keep: ExitStack | None = None) -> Store:
    """Bring the store of a data folder up to date, shared ones where they are shared too; return what it holds.

    With ``keep`` its state stays readable until that is closed, though the files change meanwhile.

    Raises InputError or SettingsError with all problems.
    """
    at = _current(data, settings, published=True)
    with lock(at, "en", shared=True):
        found = opened.opened(at, (data, settings))
        if keep is not None:
            keep.enter_context(in_use(at, found.state))
        return found


def scope(
    found: Store, team: str = WHOLE_COMPANY, period: str = "latest", as_of: str = "", lang: str = "en",
    audience: str = "leadership",
) -> Scope:  # fmt: skip
    """Return the scope that `load` would give for a store, without reading the tables; raise ScopeError like it."""
    given = {"team": team, "period": period, "as_of": as_of, "lang": lang, "audience": audience}
    _only_text(given)
    with reading(found) as here:
        return _scope(here, _calendar(here), given)


def masks(found: Store, audience: str) -> Masks:
    """Return what stands for the names that an audience may not read anywhere, e.g. among the files of the data."""
    rights = rights_of(found.settings, audience, WHOLE_COMPANY)
    with reading(found) as here:
        return _masks(here, rights)


def _masks(found: Store, rights: Audience) -> Masks:
    return Masks() if rights.sees_names else made_of(slicing.known_names(found), masking.hidden_names(rights))


def _current(data: str, settings: str, *, published: bool = False) -> Path:
    folder, path, chosen = source(data, settings)
    return upkeep.bring_up_to_date(folder, path, chosen, published=published)


def check(data: str = SAMPLE, settings: str = "") -> Intake:
    """Read, map and validate the files of a folder without keeping anything; return the accounting.

    Raises InputError or SettingsError with all problems.
    """
    folder, _, chosen = source(data, settings)
    with tempfile.TemporaryDirectory(prefix="salesnb-check-") as work:
        taken = intake.take(folder, chosen, Path(work) / "staging")
        writing.write(taken, chosen, Path(work))
        return opened.read_accounting(Path(work))


# -- where the data are


def source(data: str, settings: str) -> tuple[Path, Path | None, Settings]:
    """Return the data folder, the settings file where there is one, and the settings; raise what cannot be used."""
    folder = data_folder(data)
    path = Path(settings).expanduser() if settings else folder / rules.FILE_NAME
    if not settings and not path.is_file():
        return folder, None, Settings()
    if not path.is_file() and (folder / settings).is_file():
        path = folder / settings
    return folder, path, rules.load(path, {t.name: tuple(t.mapped) for t in tables().values()})


def data_folder(data: str) -> Path:
    """Return the folder that is asked for; raise InputError where there is none."""
    folder = sample_folder() if data == SAMPLE else Path(data).expanduser()
    if not folder.is_dir():
        raise InputError(problem("folder_missing", folder=data))
    return folder


def sample_folder() -> Path:
    """Return the folder of the sample company: that of the checkout, else one written into the user's cache."""
    beside = Path(__file__).resolve().parents[2] / "data" / "sample"
    if beside.is_dir() and any(beside.iterdir()):
        return beside
    from salesnb import sample  # what draws a company need not be imported where it is there

    kept = cache_folder() / "sample-company"
    with lock(kept, "en"):
        if not kept.is_dir():
            made = Path(tempfile.mkdtemp(prefix="sample-company.new-", dir=kept.parent))
            sample.write(made)
            made.rename(kept)
    return kept


# -- what is asked for


def _only_text(given: dict[str, str]) -> None:
    wrong = [
        problem("not_text", name=name, found=repr(value)) for name, value in given.items() if not isinstance(value, str)
    ]
    if given["lang"] not in _LANGUAGES and isinstance(given["lang"], str):
        wrong.append(problem("lang_unknown", found=repr(given["lang"])))
    if wrong:
        raise ScopeError(*wrong)


def _calendar(found: Store) -> Calendar:
    fiscal = from_rows(slicing.rows(found, "calendar")) if "calendar" in found.tables else []
    return Calendar(fiscal, found.settings.calendar.holidays, found.settings.calendar.workdays)


def _scope(found: Store, calendar: Calendar, given: dict[str, str]) -> Scope:
    problems: list[Problem] = []
    team = one_form(given["team"])
    if team != WHOLE_COMPANY and team not in found.teams:
        listed = ", ".join(found.teams[:20]) or "-"
        problems.append(problem("team_unknown", found=repr(team), near=nearest(team, found.teams), teams=listed))
    if given["audience"] not in found.settings.audience:
        known = ", ".join(found.settings.audience)
        near = nearest(given["audience"], found.settings.audience)
        problems.append(problem("audience_unknown", found=repr(given["audience"]), near=near, known=known))
    day = _as_of(found, given["as_of"], problems)
    chosen_period: Period | None = None
    try:
        chosen_period = _period(found, calendar, given["period"], day)
    except ScopeError as fault:
        problems.extend(fault.problems)
    if problems or chosen_period is None:
        raise ScopeError(*problems)
    return Scope(
        team,
        chosen_period,
        day,
        found.history_start,
        found.settings,
        calendar,
        _LANGUAGES[given["lang"]],
        given["audience"],
        found.records,
    )


def _as_of(found: Store, text: str, problems: list[Problem]) -> date:
    if not text.strip():
        return found.data_end
    span = {"start": found.data_start, "end": found.data_end}
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        problems.append(problem("as_of_unreadable", found=repr(text)))
        return found.data_end
    if not found.data_start <= day <= found.data_end:
        problems.append(problem("as_of_outside_data", found=text, **span))
        return found.data_end
    return day


def _period(found: Store, calendar: Calendar, text: str, day: date) -> Period:
    periods = calendar.expand(text.strip(), day)
    if len(periods) != 1:
        raise ScopeError(problem("period_several", found=repr(text)))
    period = latest(calendar, found.data_start, day) if text.strip() == "latest" else periods[0]
    if period.end < found.data_start or period.start > found.data_end:
        raise ScopeError(problem("period_outside_data", found=period.name, start=found.data_start, end=found.data_end))
    if period.start > day:
        raise ScopeError(problem("as_of_before_period", found=day, period=period.name, start=period.start))
    return period


def latest(calendar: Calendar, first: date, newest: date) -> Period:
    """Return the period that ``latest`` stands for in data that begin and end on these days."""
    period = calendar.latest(newest)
    if period.end < first:
        return calendar.holding(newest, period.level)  # the very first period is not over yet
    return period
