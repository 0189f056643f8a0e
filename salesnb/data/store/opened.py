"""What a store of clean tables holds, and its files: read where they lie, fetched first where it is a mirror."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from salesnb.data.masks.known_names import FILE as NAMES
from salesnb.data.reading.discovery import SAMPLE
from salesnb.data.store import sharing
from salesnb.data.store.fingerprint import hashed
from salesnb.data.store.folder import home, lock, manifest_of
from salesnb.data.tables import playbook
from salesnb.data.taking.quarantine import Intake
from salesnb.data.taking.records import Records, from_manifest, to_manifest
from salesnb.errors import InputError, problem
from salesnb.places import open_place
from salesnb.schema import tables
from salesnb.scope import WHOLE_COMPANY
from salesnb.settings import Settings

UNCOUNTED = "uncounted.parquet"
ACCOUNTING = ("files", "quarantine", "statuses", "similar_customers", "unknown", "remarks")
_IGNORED = "ignored"


PINNED = "SALESNB_PINNED"
"""The environment variable that holds a pin."""


@dataclass(frozen=True)
class Pin:
    """The state of a store, and the data and settings in whose place it is read.

    ``folder`` is the store of this machine, ``url`` where other machines find it; empty where it is not shared.
    """

    data: str
    settings: str
    state: str
    folder: str
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a process that is to read this state needs in its environment."""
        return {PINNED: json.dumps(asdict(self), ensure_ascii=False)}

    def covers(self, data: str, settings: str) -> bool:
        """Tell whether data and settings, as `load` takes them, are those of this pin."""
        return canonical(data) == self.data and canonical(settings) == self.settings


def current_pin(data: str, settings: str) -> Pin | None:
    """Return the pin of this process where it covers these data and settings."""
    text = os.environ.get(PINNED)
    if not text:
        return None
    pin = Pin(**json.loads(text))
    return pin if pin.covers(data, settings) else None


def canonical(path: str) -> str:
    """Return a path so that the same place has the same name from any folder; what is no path stays as it is."""
    if path in {"", SAMPLE}:
        return path
    named = Path(path).expanduser()
    return str(named.resolve()) if named.is_absolute() or named.exists() else path


@dataclass(frozen=True)
class Store:
    """A store that is up to date.

    ``teams`` are all teams in order, ``data_start`` and ``data_end`` the first and last day with data,
    ``fingerprint`` stands for settings, inputs and reading code, ``state`` for these and the playbook,
    ``partitions`` gives the hash of each file of the store by its name, ``records`` tells since when what is recorded,
    ``url`` is where other machines find it.
    """

    folder: Path
    teams: list[str]
    data_start: date
    data_end: date
    fingerprint: str
    state: str
    tables: tuple[str, ...]
    derived: frozenset[str]
    partitions: dict[str, str]
    orders: dict[str, str]
    inputs: dict[str, str]
    records: Records = field(default_factory=dict)
    url: str = ""
    asked: tuple[str, str] = ("", "")
    """The data and settings that it was asked for with."""
    rules: str = field(default="", repr=False)
    plays: list[list[Any]] = field(default_factory=list, repr=False)
    currency: str = ""

    @property
    def history_start(self) -> date:
        """First day of the sales history."""
        return self.data_start

    @cached_property
    def settings(self) -> Settings:
        """The settings that it was made with, and the currency that its amounts are in."""
        chosen = Settings.model_validate_json(self.rules)
        company = chosen.company.model_copy(update={"currency": self.currency or chosen.company.currency})
        return chosen.model_copy(update={"company": company})

    @cached_property
    def playbook(self) -> pd.DataFrame:
        """The playbook in force."""
        return playbook.from_rows(self.plays)

    @cached_property
    def intake(self) -> Intake:
        """The accounting of all files; InputError where the store has another state by now."""
        with reading(self) as found:
            found.fetch(self.accounting)
            return read_accounting(found.folder)

    @cached_property
    def uncounted(self) -> pd.DataFrame:
        """What could be sales or targets and is in no figure; InputError where the store has another state by now."""
        with reading(self):
            self.fetch([UNCOUNTED])
            rows = pq.read_table(self.folder / UNCOUNTED).to_pandas()
        return rows.assign(day=pd.to_datetime(rows["day"]))

    @property
    def accounting(self) -> list[str]:
        """The files that hold the accounting."""
        return [f"intake/{name}.parquet" for name in (*ACCOUNTING, _IGNORED)]

    def files(self, name: str, team: str) -> list[str]:
        """Return the files in which a table's rows of a team are."""
        if name == "orders":
            wanted = self.orders if team == WHOLE_COMPANY else [t for t in (team,) if t in self.orders]
            return [self.orders[t] for t in wanted]
        return [f"{name}.parquet"] if name in self.tables else []

    def reads(
        self, team: str, accounting: bool = False, names: bool = False, uncounted: bool = False
    ) -> dict[str, str]:
        """Return each file that is read for a team, with its hash.

        ``accounting`` adds those of the intake, ``names`` the one that masks are made from, ``uncounted``
        that of rows in no figure.
        """
        read = [file for name in tables() for file in self.files(name, team)]
        read += [*(self.accounting if accounting else ()), *((NAMES,) if names else ())]
        read += [UNCOUNTED] if uncounted else []
        return {file: self.partitions[file] for file in read}

    def digest(self) -> str:
        """Return a hash of all that a notebook gets beside the files: teams, days, tables, settings, playbook."""
        days = [self.data_start.isoformat(), self.data_end.isoformat()]
        told = [self.teams, days, self.tables, sorted(self.derived), self.plays, to_manifest(self.records)]
        return hashed(json.dumps(told, ensure_ascii=False), self.rules, self.currency)

    def pin(self) -> dict[str, str]:
        """Return the environment in which `load` of the same data and settings reads this state and no other."""
        data, settings = map(canonical, self.asked)
        return Pin(data, settings, self.state, str(self.folder), self.url).environment

    def fetch(self, files: Iterable[str]) -> None:
        """Copy files into the folder that are not there yet, where it mirrors a shared store."""
        if not self.url:
            return
        missing = {f: self.partitions[f] for f in files if not (self.folder / f).exists()}
        if missing:
            sharing.fetch(open_place(self.url), self.folder, missing)


def opened(folder: Path, asked: tuple[str, str] = ("", ""), state: str = "") -> Store:
    """Return what a store holds.

    Parameters
    ----------
    folder
        The store's folder, whose lock is held.
    asked
        The data and settings it is opened for.
    state
        The state that it must have; empty: any.

    Raises
    ------
    InputError
        There is none, or none of that state.
    """
    manifest = manifest_of(folder)
    if not manifest or (state and manifest.get("state") != state):
        raise InputError(problem("store_changed", folder=folder.name))
    return _from_manifest(folder, manifest, asked)


def _from_manifest(folder: Path, manifest: dict[str, Any], asked: tuple[str, str]) -> Store:
    return Store(
        folder,
        list(manifest["teams"]),
        date.fromisoformat(manifest["data_start"]),
        date.fromisoformat(manifest["data_end"]),
        manifest["fingerprint"],
        manifest["state"],
        tuple(manifest["tables"]),
        frozenset(manifest["derived"]),
        manifest["partitions"],
        manifest["orders"],
        {name: entry["sha256"] for name, entry in manifest["inputs"].items()},
        from_manifest(manifest["records"]),
        manifest["url"],
        asked,
        manifest["settings"],
        manifest["playbook"],
        manifest.get("currency", ""),
    )


def read_accounting(folder: Path) -> Intake:
    """Return the accounting that lies in a store's folder."""
    frames: dict[str, Any] = {
        name: pq.read_table(folder / "intake" / f"{name}.parquet").to_pandas() for name in ACCOUNTING
    }
    ignored = pq.read_table(folder / "intake" / f"{_IGNORED}.parquet").column("file").to_pylist()
    return Intake(**frames, ignored=tuple(ignored))


@contextmanager
def reading(store: Store) -> Iterator[Store]:
    """Keep a store from being changed and give it as it lies now; raise InputError where its state is gone by now."""
    at = home(store.folder, store.state)
    with lock(at, "en", shared=True):
        opened(at, state=store.state)
        yield replace(store, folder=at)
