"""A company whose names are attacks: two teams of the sample, named by markup, formulas, paths and endless words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
TEAMS = ("South", "Central")
ATTACKS = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>&amp;&",
    '=HYPERLINK("http://x.example","go")',
    "\u202eright-to-left \u200fשלום",
    "😀👩‍👩‍👧🏽",
    "../../x",
    "{team} {{7*7}} {%raw%} %s",
    "*a* _b_ [c](javascript:alert(3)) `d` <!--",
    "W" * 200,
    "超长名字" * 50,
    "</script></style></title><svg onload=alert(4)>",
    "@SUM(1+1)*cmd|' /C calc'!A0",
)
COMPANY = '<b id="injected">Kunlan</b> & "Söhne"'
_NAMED = {
    "reps": ("Rep", "Manager", "Region"),
    "products": ("Product", "Product Line"),
    "客户": ("客户", "客户类型", "行业", "渠道", "标签"),
    "opportunities": ("Channel", "Lead Source", "Lost Reason", "Competitor"),
    "actions": ("Problem", "Action", "Resources"),
    "activities": ("Approach",),
    "spend": ("Kind",),
    "trainings": ("Topic",),
    "okrs": ("Objective", "Key Result"),
    "whys": ("Answer",),
    "needs": ("Need", "Strategy"),
    "周计划": ("未完成原因", "改进措施"),
    "情报反馈": ("内容",),
}
"""Where names and texts come from, by file; their other mentions follow them."""

_BY_REP = ("orders", "opportunities", "activities", "trainings", "周计划", "回款", "情报反馈", "targets")


def team_name(team: str) -> str:
    """Return what a team of the sample is called here."""
    return f"{ATTACKS[5]} {ATTACKS[10]} {team}" if team == TEAMS[0] else f"{ATTACKS[2]} {team}"


def make_company(folder: Path) -> None:
    """Write the company's files into a folder."""
    frames = _frames()
    reps = frames["reps"]
    frames["reps"] = reps[reps["Team"].isin(TEAMS)]
    known = set(frames["reps"]["Rep"])
    for name in _BY_REP:
        rep = "销售" if "销售" in frames[name] else "Rep"
        frames[name] = frames[name][frames[name][rep].isin(known)]
    called = _called(frames)
    folder.mkdir(parents=True)
    for name, frame in frames.items():
        renamed = frame.apply(lambda column: column.map(lambda v: called.get(v, v)))
        renamed.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    settings = (SAMPLE / "salesnb.toml").read_text(encoding="utf-8")
    (folder / "salesnb.toml").write_text(settings.replace('"Kunlan Flow Control"', f"'{COMPANY}'"), encoding="utf-8")


def _called(frames: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Return the new name of every old one: an attack, and the old name, so that no two become one."""
    old = [value for name, columns in _NAMED.items() for c in columns for value in frames[name][c].unique()]
    names = [name for name in dict.fromkeys(old) if name]
    return {n: f"{ATTACKS[i % len(ATTACKS)]} {n}" for i, n in enumerate(names)} | {
        team: team_name(team) for team in TEAMS
    }


def _frames() -> dict[str, pd.DataFrame]:
    frames = {path.stem: _read(path) for path in sorted(SAMPLE.glob("*.csv"))}
    for path in SAMPLE.glob("*.parquet"):
        frames[path.stem] = pd.read_parquet(path).astype("str")
    frames["targets"] = pd.read_excel(SAMPLE / "targets.xlsx", dtype=str, keep_default_na=False, engine="calamine")
    return frames


def _read(path: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(path)
