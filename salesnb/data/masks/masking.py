"""The clean tables, the accounting and the playbook as an audience may see them: names masked, pay left out.

It happens once, when a case is loaded and before anything is computed, so that no figure, page or notebook can hold
what is left out here. Figures stay: a name is replaced by one mask everywhere, and no two names share one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from salesnb.data.masks.known_names import NAMED
from salesnb.data.masks.stand_ins import UNSEEN, Masks
from salesnb.data.taking.quarantine import Intake
from salesnb.schema import dimensions_naming, tables
from salesnb.settings import Audience

KINDS = {"customer": "customers", "person": "persons"}
"""Names of a sort, and the rule of an audience that speaks of them."""

_ADDED = {"orders": {"tags": "words"}, "opportunities": {"tags": "words"}}
"""Columns beside those of the schema, with what they hold."""

_ADDED_UP = frozenset({"spend"})
"""Tables whose rows figures are sums of: a row that is pay stays, only its kind goes."""


def hidden_names(rights: Audience) -> list[str]:
    """Return the sorts of names that an audience may not read."""
    return [holds for holds in NAMED if getattr(rights, KINDS[holds]) != "shown"]


def removed_dimensions(rights: Audience) -> dict[str, frozenset[str]]:
    """Return the dimensions by whose members an audience may see no figure, by rule: ``persons``, ``customers``."""
    if rights.sees_names:
        return {}
    return {KINDS[holds]: dimensions_naming(holds) for holds in NAMED if getattr(rights, KINDS[holds]) == "removed"}


def masked(frames: Mapping[str, pd.DataFrame], masks: Masks, rights: Audience) -> dict[str, pd.DataFrame]:
    """Return the clean tables, by name, as an audience may see them.

    Names become masks, also where texts mention them; nothing else of a row changes. Rows that are pay are left out;
    cost that is pay stays in the sums without its kind. What was issued of single persons or customers is left out
    where figures of these are.
    """
    if rights.sees_all:
        return dict(frames)
    made = {}
    for name, frame in frames.items():
        kept = _without_pay(name, frame, rights)
        if name == "issued":
            kept = _issued(kept, masks, rights)
        made[name] = _masked(name, kept, masks)
    return made


def masked_playbook(playbook: pd.DataFrame, masks: Masks) -> pd.DataFrame:
    """Return the playbook with the names masked that its texts mention."""
    if not masks.by_name:
        return playbook
    return playbook.assign(**{c: _mapped(playbook[c], masks.within) for c in ("action", "resources")})


def masked_intake(intake: Intake, masks: Masks, rights: Audience) -> Intake:
    """Return the accounting as an audience may see it: all counts, and no raw value from which anything is kept."""
    if rights.sees_all:
        return intake
    quarantine = intake.quarantine
    statuses = intake.statuses
    strange = statuses["status"].fillna("").astype("str") == ""
    similar = intake.similar_customers
    return replace(
        intake,
        files=_texts(intake.files, ["file"], masks),
        quarantine=_texts(quarantine, ["file"], masks).assign(value=_unseen(quarantine["value"])),
        statuses=statuses.assign(value=statuses["value"].mask(strange, UNSEEN)),
        similar_customers=similar.assign(
            **{c: _mapped(similar[c], lambda name: masks.of("customer", name)) for c in ("customer", "likely")}
        ),
        unknown=intake.unknown.assign(value=_unknown(intake.unknown, masks)),
        remarks=_texts(intake.remarks, ["file"], masks).assign(value=_unseen(intake.remarks["value"])),
        ignored=tuple(masks.within(file) for file in intake.ignored),
    )


def _unseen(values: pd.Series) -> pd.Series:
    return values.where(values.fillna("") == "", UNSEEN)


def _masked(name: str, frame: pd.DataFrame, masks: Masks) -> pd.DataFrame:
    """Mask the columns of a table one by one; those that need not stay the same objects."""
    if not masks.by_name:
        return frame
    columns: dict[str, Any] = {}
    for column, holds in _held(name).items():
        if column in frame and (masks.hide(holds) or holds == "words"):
            columns[column] = _mapped(frame[column], _masker(masks, holds))
    return frame.assign(**columns) if columns else frame


def _held(name: str) -> dict[str, str]:
    own = {c.name: c.holds for c in tables()[name].columns.values() if c.holds}
    return {**own, **_ADDED.get(name, {})}


def _masker(masks: Masks, holds: str) -> Callable[[str], str]:
    return masks.within if holds == "words" else lambda name: masks.of(holds, name)


def _mapped(column: pd.Series, put: Callable[[str], str]) -> pd.Series:
    """Return a column with each of its different texts replaced; missing stays missing."""
    codes, texts = pd.factorize(column)
    kind: Any = column.dtype
    made: Any = pd.array([put(str(text)) for text in texts], dtype=kind)
    return pd.Series(made.take(codes, allow_fill=True), index=column.index, name=column.name)


def _texts(frame: pd.DataFrame, columns: Iterable[str], masks: Masks) -> pd.DataFrame:
    return frame.assign(**{c: _mapped(frame[c], masks.within) for c in columns})


def _unknown(unknown: pd.DataFrame, masks: Masks) -> list[str]:
    """Mask the values that master data do not know: names by their column, others where they mention one."""
    held = [_held(table).get(column, "") for table, column in zip(unknown["table"], unknown["column"], strict=True)]
    return [
        masks.of(holds, value) if holds in NAMED else masks.within(value)
        for holds, value in zip(held, unknown["value"].astype("str"), strict=True)
    ]


def _without_pay(name: str, frame: pd.DataFrame, rights: Audience) -> pd.DataFrame:
    subjects = [column for column, holds in _held(name).items() if holds == "subject"]
    if rights.pay == "shown" or not subjects or frame.empty:
        return frame
    (subject,) = subjects
    of_pay = _is_pay(frame[subject], rights.pay_words)
    if not of_pay.any():
        return frame
    if name in _ADDED_UP:
        return frame.assign(**{subject: frame[subject].mask(of_pay)})
    return frame[~of_pay].reset_index(drop=True)


def _is_pay(subjects: pd.Series, words: Iterable[str]) -> np.ndarray:
    """Tell which subjects hold a word of pay: a whole word where words have blanks between, any place in Chinese."""
    codes, texts = pd.factorize(subjects)
    known = [_names_pay(str(text), words) for text in texts]
    return np.array([*known, False], dtype=bool)[codes]


def _names_pay(text: str, words: Iterable[str]) -> bool:
    lowered = text.casefold()
    parts = set("".join(c if c.isalnum() else " " for c in lowered).split())
    return any(w.casefold() in parts or (not w.isascii() and w.casefold() in lowered) for w in words)


def _issued(frame: pd.DataFrame, masks: Masks, rights: Audience) -> pd.DataFrame:
    """Mask names among issued figures' dimensions; leave out figures of members that the audience sees none of."""
    out = frozenset().union(*removed_dimensions(rights).values())
    dims = [_dims(text) for text in frame["dims"].fillna("").astype("str")]
    kept = np.array([not (out & set(d)) for d in dims], dtype=bool)
    if masks.by_name:
        written = ["|".join(f"{n}={_encoded(_dim(masks, n, v))}" for n, v in d.items()) for d in dims]
        own = pd.Series(written, index=frame.index).astype(frame["dims"].dtype)
        frame = frame.assign(dims=own.where(frame["dims"].notna()))
    return frame if kept.all() else frame[kept].reset_index(drop=True)


def _dims(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split("|") if pair)
    return {name: unquote(value) for name, _, value in pairs}


def _dim(masks: Masks, dimension: str, value: str) -> str:
    for holds in NAMED:
        if dimension in dimensions_naming(holds):
            return masks.of(holds, value)
    return masks.within(value)


def _encoded(value: str) -> str:
    return value.replace("%", "%25").replace("|", "%7C").replace("=", "%3D")
