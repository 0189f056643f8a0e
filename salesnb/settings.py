"""Settings: one TOML file beside the data, validated; what it does not say has a default.

Nothing in a settings file is executed. An unknown key is refused, with the known key nearest to it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from salesnb import words
from salesnb.errors import Problem, SettingsError, nearest, problem
from salesnb.refusals import explained, table_problems
from salesnb.setting_types import Cases, Charset, Days, Factor, InFolder, Months, MonthsOrNone, Norm, Separator, Share

FILE_NAME = "salesnb.toml"


class Part(BaseModel):
    """Base of all parts: unknown keys are refused, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


class Company(Part):
    """Who the reports are for."""

    name: str = ""
    """Stands at the head of every page."""
    currency: str = Field("CNY", min_length=1, max_length=16)
    """Code of the currency that amounts are in; not given: the one that marks them all, else CNY."""
    language: Literal["en", "zh", "both"] = "en"
    """Language of pages and messages where the command names none."""
    smallest_unit: float = Field(0.01, ge=0.0001, le=1_000_000)
    """Targets that differ by less are equal."""


class Sales(Part):
    """What counts as a sale, and since when a customer is new."""

    basis: Literal["won", "signed", "collected", "invoiced"] = "won"
    """What counts as sales: won (not cancelled), signed, collected (later statuses included), or invoiced."""
    new_customer_months: MonthsOrNone = 0
    """0: new is who never ordered before; n: who did not order in the n months before."""
    existing_customer_months: Months = 12
    """An existing customer ordered within this many months before the period."""
    cycle_months: Months = 12
    """Sales cycle and chance to win are those of deals begun within so many months up to the day of the report."""
    small_n: Cases = 10
    """Below this count a rate is not shown; its n is."""


class CalendarRules(Part):
    """Days off and days on; weeks begin on Monday."""

    holidays: tuple[date, ...] = ()
    """Days off, beside Saturdays and Sundays."""
    workdays: tuple[date, ...] = ()
    """Saturdays and Sundays that are worked (调休)."""


class Kpi(Part):
    """One item of the weighted KPI score."""

    metric: str
    """Id of a figure, e.g. sales, collection_rate, new_customers."""
    weight: Share
    """Its weight; all weights add up to 1."""
    cap: float | None = Field(None, gt=0, le=1_000_000)
    """Attainment above this counts as this, e.g. 1.2 for 120 %."""
    floor: float | None = Field(None, ge=0, le=1_000_000)
    """Attainment below this counts as this."""
    target: float | None = None
    """Used where the targets table has none, e.g. 0.95 for a collection rate."""


class Lights(Part):
    """When a light tells whether a target is met."""

    covered: Share = 0.5
    """Where targets cover less than this share of sales, the whole wears no light."""


class Funnel(Part):
    """Stages of deals, in the company's own words, and when a month's deals can be judged."""

    stages: tuple[str, ...] = ()
    """Stages in their order, without won and lost, as the stage history spells them; others are left out. Empty: the
    order in which most deals entered them."""
    opportunity_stage: str = ""
    """From this stage on a lead is an opportunity; empty: from the second one on."""
    ripe_share: float = Field(0.9, gt=0, lt=1)
    """Deals begun in a month can be judged when they are older than this share of closed deals were at their close."""


class Losses(Part):
    """Who owns the reasons for which deals are lost."""

    departments: Mapping[str, str] = Field(default_factory=dict)
    """Words of a reason -> department that owns it, e.g. "lead time" = "delivery"; they come before the words that
    are known anyway: price, product, delivery, service, sales and the like in both languages."""


class Execution(Part):
    """Norms of daily work."""

    calls_per_day: Norm = 20
    """Norm of calls a day."""
    contacts_per_month: Norm = 3
    """Norm of contacts a month per existing customer."""


class Situations(Part):
    """When a situation that a diagnosis starts from holds."""

    new_team_months: Months = 6
    """Who joined within this many months is new to the team."""
    new_team_share: Share = 0.5
    """A team of which at least this share is new is a new team."""
    sprint_days: Days = 20
    """The last so many working days of a quarter are a sprint."""


class Quality(Part):
    """When a file is refused as a whole, and which days the data are about."""

    refuse_share: Share = 0.5
    """A file in which more than this share of the rows cannot be read is refused."""
    first_day: date | None = None
    """Rows of what happened before this day are set aside; empty: few rows that lie far before all others are."""
    last_day: date | None = None
    """Rows of what happened after this day are set aside; empty: few rows that lie far after all others are."""


class Strategy(Part):
    """Where the team's playbook is, and how soon actions are due."""

    playbook: InFolder = ""
    """The team's playbook, a TOML file; empty: playbook.toml in the data folder, else the one that comes along."""
    due_working_days: Days = 10
    """Proposed actions are due so many working days after the day of the report."""


class Push(Part):
    """What is sent to phones and calendars."""

    message_bytes: int = Field(4096, ge=256, le=1_000_000)
    """A message is at most so long, in bytes of UTF-8; what does not fit is left out line by line."""


UNRESTRICTED = "leadership"
"""The audience for whom reports are made where nobody says for whom."""

Access = Literal["shown", "masked", "removed"]
_STRICTNESS: tuple[Access, ...] = ("shown", "masked", "removed")


class Audience(Part):
    """What one audience may see; what it may not is masked or removed when the tables are loaded, and pages say so."""

    customers: Access = "masked"
    """Customers: by name, under masks such as 张* or H*** S***, or removed: no figure of a single customer."""
    persons: Access = "removed"
    """Reps, managers and owners, likewise. Where they are removed, names in lists and texts are masked."""
    pay: Literal["shown", "removed"] = "removed"
    """Pay: targets, plans and cost of a kind that holds one of ``pay_words``, and raw rows, which may hold anything."""
    pay_words: tuple[str, ...] = (
        "pay", "salary", "salaries", "wage", "wages", "bonus", "bonuses", "commission", "commissions",
        "工资", "薪", "奖金", "提成", "佣金",
    )  # fmt: skip
    """A kind of cost or a metric that holds one of these words is pay."""
    other_teams: Access = "shown"
    """The least that is done to names on pages of the whole company, where teams would read one another's."""

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from this audience."""
        return self.pay == self.customers == self.persons == "shown"

    @property
    def sees_names(self) -> bool:
        """Whether all names stand as they are."""
        return self.customers == self.persons == "shown"

    @property
    def kept(self) -> tuple[str, ...]:
        """What is kept from this audience and how, as codes such as ``customers_masked``."""
        rules = {"persons": self.persons, "customers": self.customers, "pay": self.pay}
        return tuple(f"{rule}_{access}" for rule, access in rules.items() if access != "shown")

    def everywhere(self) -> Audience:
        """Return what may be seen on pages of the whole company."""
        both = {"customers": self.customers, "persons": self.persons}
        stricter = {k: max(v, self.other_teams, key=_STRICTNESS.index) for k, v in both.items()}
        return self.model_copy(update=stricter)


_AUDIENCES: Mapping[str, Mapping[str, str]] = {
    "leadership": {"customers": "shown", "persons": "shown", "pay": "shown"},
    "team": {"customers": "shown", "persons": "shown", "other_teams": "masked"},
    "public": {},
}
"""What of the strictest rules does not hold for the audiences that always exist."""


def _audiences() -> dict[str, Audience]:
    return {name: Audience.model_validate(rules) for name, rules in _AUDIENCES.items()}


class Several(Part):
    """A column made of several columns of the file, by one of three rules."""

    first: tuple[str, ...] = ()
    """Headers; the first of them whose cell is filled counts."""
    join: tuple[str, ...] = ()
    """Headers whose cells are written one after the other, e.g. first and last name; blank ones are left out."""
    between: str = Field(" ", alias="with", validation_alias=AliasChoices("with", "between"))
    """What stands between joined cells."""
    sum: tuple[str, ...] = ()
    """Headers whose numbers are added up; a blank cell adds nothing."""

    @model_validator(mode="after")
    def _one_rule(self) -> Several:
        given = [rule for rule in ("first", "join", "sum") if getattr(self, rule)]
        if len(given) == 1 and self.between != " " and not self.join:
            given.append("with")
        if len(given) != 1:
            raise PydanticCustomError("several", "one of three", {"found": ", ".join(given) or "{}"})
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that are named."""
        return self.first or self.join or self.sum


def _form(given: object) -> str:
    return "=table" if isinstance(given, (Mapping, Several)) else "=list" if _is_list(given) else "=text"


def _is_list(given: object) -> bool:
    return isinstance(given, (list, tuple))


Origin = Annotated[
    Annotated[str, Tag("=text")] | Annotated[tuple[str, ...], Tag("=list")] | Annotated[Several, Tag("=table")],
    Discriminator(_form),
]
"""Where a column comes from; which form was given is not part of a message's place, hence the mark."""


def headers_named(origin: str | tuple[str, ...] | Several) -> tuple[str, ...]:
    """Return the headers that a column comes from."""
    return origin.headers if isinstance(origin, Several) else (origin,) if isinstance(origin, str) else origin


Words = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given), Field(min_length=1)
]


class Lookup(Part):
    """A second file from which columns are joined, e.g. agent -> manager, region."""

    file: InFolder
    """File in the data folder."""
    on: Mapping[str, str] = Field(min_length=1)
    """Header in the table's file (or in that of ``via``) -> header in the lookup file."""
    take: Mapping[str, str] = Field(default_factory=dict)
    """Canonical column -> header in the lookup file; needed unless a later lookup goes ``via`` this one."""
    via: str = ""
    """File of an earlier lookup, in which the left headers of ``on`` stand: orders -> customers.csv -> regions.csv."""
    several: Literal["refuse", "first"] = "refuse"
    """What a key with several different rows does: the file is refused, or the first row counts, and the others
    are told."""
    encoding: Charset = ""
    """Encoding of a text file; empty: found out."""
    sheet: str = ""
    """Sheet of an Excel file; empty: the first."""


class Wide(Part):
    """A wide table made long: one column per period or item becomes one row each."""

    into: str
    """Canonical column that receives the header, or what ``headers`` says for it, e.g. period."""
    value: str = "amount"
    """Canonical column that receives the cell."""
    headers: Mapping[str, str] = Field(default_factory=dict)
    """Header -> value for ``into``; empty: every header that reads as a period."""
    year: str = ""
    """Header of the column that holds the year, or a year such as 2025: the other headers are then months or quarters
    (Jan, 1月, Q1, 一季度)."""


class Source(Part):
    """How the files of one canonical table are read and mapped."""

    files: tuple[InFolder, ...] = ()
    """File names or patterns in the data folder; several are read one after the other."""
    sheet: str = ""
    """Sheet of an Excel file; empty: the one with the most known headers, and all others with the same headers."""
    sheets: tuple[str, ...] = ()
    """Several sheets of an Excel file, read one after the other; patterns like "2025*" are allowed."""
    encoding: Charset = ""
    """Encoding of a text file, e.g. gb18030 or big5; empty: found out."""
    separator: Separator = ""
    """What stands between the cells of a text file: one character, "tab", or "blanks"; empty: found out."""
    header_row: int | None = Field(None, ge=1, le=1_048_576)
    """Row that holds the headers; without it, the row that looks most like headers."""
    columns: Mapping[str, Origin] = Field(default_factory=dict)
    """Canonical column -> header, several headers for a composite id, or ``{ first = [...] }``, ``{ join = [...],
    with = " " }``, ``{ sum = [...] }``."""
    values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Canonical column -> {value in the file: value wanted}; ``""`` is a blank cell."""
    skip: Mapping[str, Words] = Field(default_factory=dict)
    """Header or canonical column -> values whose rows are left out, as the file spells them; ``""`` is a blank cell."""
    take: Mapping[str, Words] = Field(default_factory=dict)
    """Header or canonical column -> values whose rows alone are read; of several columns, all must agree."""
    fill_down: tuple[str, ...] = ()
    """Headers or canonical columns that stand on the first line of an order only; the lines below, of the same id, get
    them too. With the id itself among them, lines without one belong to the id above."""
    units: Mapping[str, Factor] = Field(default_factory=dict)
    """Canonical column -> factor, e.g. amount = 1000 for thousands."""
    constants: Mapping[str, str] = Field(default_factory=dict)
    """Canonical column -> value for every row."""
    lookups: tuple[Lookup, ...] = ()
    """Second files from which columns are joined."""
    repeats: Literal["", "keep", "drop"] = ""
    """Equal lines without a line number: ``keep`` or ``drop`` all; without it a file keeps its own, and what two files
    share counts once."""
    wide: Wide | None = None
    """How a table with a column per period becomes one with a row per period."""
    date_order: Literal["", "dmy", "mdy", "ymd"] = ""
    """How 03/04/2025 and 25/9/6 are read; without it, as other dates of the column prove."""
    decimal: Literal["", ".", ","] = ""
    """Mark of decimals; without it, the one that the column's numbers prove."""
    thousands: Literal["", ",", ".", " ", "'"] = ""
    """Mark of thousands; without it, any but the mark of decimals."""

    @model_validator(mode="after")
    def _two_marks(self) -> Source:
        if self.decimal and self.decimal == self.thousands:
            raise PydanticCustomError("marks", "two different marks", {"found": self.decimal})
        return self

    @model_validator(mode="before")
    @classmethod
    def _one_file(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("file"), str):
            data = {**data, "files": (data["file"],)}
            data.pop("file")
        return data


_KPIS = (
    Kpi(metric="sales", weight=0.6),
    Kpi(metric="collection_rate", weight=0.3),
    Kpi(metric="new_customers", weight=0.1),
)


class Settings(Part):
    """All rules of one company."""

    company: Company = Company()
    """Who the reports are for."""
    sales: Sales = Sales()
    """What counts as a sale, and who is a new customer."""
    calendar: CalendarRules = CalendarRules()
    """Days off and days on."""
    kpis: tuple[Kpi, ...] = _KPIS
    """Items of the weighted KPI score."""
    lights: Lights = Lights()
    """When a light tells whether a target is met."""
    funnel: Funnel = Funnel()
    """Stages of deals, and when deals begun in a month can be judged."""
    losses: Losses = Field(default_factory=Losses)
    """Which department owns which reason of lost deals."""
    execution: Execution = Execution()
    """Norms of daily work."""
    situations: Situations = Situations()
    """When a diagnosis is due."""
    quality: Quality = Quality()
    """When a file is refused."""
    strategy: Strategy = Field(default_factory=Strategy)
    """Playbook and dates of actions."""
    push: Push = Push()
    """How long a message may be."""
    audience: Mapping[str, Audience] = Field(default_factory=_audiences)
    """Audience of ``--audience`` -> what it may see. ``leadership`` sees all. ``team`` sees no pay, and
    names under masks on pages of the whole company. ``public``, and any other that is named here, begins with the
    defaults below."""
    store: str = ""
    """Where the clean tables are kept: a folder, or a URL such as s3://bucket/folder (needs salesnb[s3]), which
    machines share: one builds, the others fetch what they read. Credentials and endpoint come from the environment
    (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...), never from here. Empty: a folder in the user's cache."""
    tables: Mapping[str, Source] = Field(default_factory=dict)
    """Canonical table -> how its files are read and mapped."""

    @model_validator(mode="before")
    @classmethod
    def _beside_defaults(cls, data: Any) -> Any:
        """Let what is said of a known audience change its own rules only, and the others stay."""
        given = data.get("audience") if isinstance(data, dict) else None
        if not isinstance(given, Mapping):
            return data
        own = {
            name: {**_AUDIENCES.get(name, {}), **rules} if isinstance(rules, Mapping) else rules
            for name, rules in {**_AUDIENCES, **given}.items()
        }
        return {**data, "audience": own}

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.kpis and abs(sum(k.weight for k in self.kpis) - 1) > 1e-9:
            found = f"{sum(k.weight for k in self.kpis):g}"
            raise PydanticCustomError("weights", "weights add up to 1", {"found": found})
        first, last = self.quality.first_day, self.quality.last_day
        if first and last and first > last:
            raise PydanticCustomError("frame", "first_day not after last_day", {"found": f"{first} > {last}"})
        return self


def load(path: Path | None, tables: Mapping[str, Sequence[str]] | None = None) -> Settings:
    """Return the settings of a file; all defaults for None.

    Parameters
    ----------
    path
        A TOML file.
    tables
        Names of the canonical tables with their columns; given, ``tables.*`` sections are checked against them.

    Raises
    ------
    SettingsError
        With every problem: the file is missing or is not TOML, a key is unknown (the nearest known one is named),
        a value is out of its range.
    """
    if path is None:
        return Settings()
    if not path.is_file():
        raise SettingsError(problem("settings_missing", file=path))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(problem("settings_encoding", file=path.name)) from None
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError(problem("settings_not_toml", file=path.name, reason=fault)) from None
    return from_mapping(raw, path.name, tables)


def language(path: Path) -> str:
    """Return the language that a file names, even where the rest of it cannot be used; empty where it names none."""
    try:
        company = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("company")
    except (OSError, ValueError):
        return ""
    return str(company.get("language", "")) if isinstance(company, dict) else ""


def from_mapping(
    raw: Mapping[str, Any], file: str = FILE_NAME, tables: Mapping[str, Sequence[str]] | None = None
) -> Settings:
    """Return settings from nested tables; raise SettingsError like `load`."""
    found = list(table_problems(raw, file, tables or {}))
    settings = Settings()
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as fault:
        found.extend(explained(e, file, Settings) for e in fault.errors())
    found.extend(_metric_problems(settings, file))
    if found:
        raise SettingsError(*found)
    return settings


def _metric_problems(settings: Settings, file: str) -> Iterator[Problem]:
    """Yield kpis that no metric bears the name of: their weight would silently count for nothing."""
    known = words.catalogue("metrics")
    for i, kpi in enumerate(settings.kpis, start=1):
        if kpi.metric not in known:
            where, near = f"kpis.{i}.metric", nearest(kpi.metric, known)
            yield problem("settings_metric", file=file, where=where, found=kpi.metric, near=near)
