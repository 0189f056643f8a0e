"""Write ``environment.yml`` from the lock, for conda and Binder: Python, pip and what the lock pins.

Run ``python -m tools.environment``.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_HEAD = """\
# Made from requirements-dev.lock by `make refresh`; do not edit.
name: salesnb
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def environment(lock: str) -> str:
    """Return the text of ``environment.yml`` for the text of a lock."""
    pins = [line.strip() for line in lock.splitlines() if line.strip() and not line.startswith(("#", "-"))]
    return _HEAD + "".join(f'      - "{pin}"\n' for pin in [*pins, "-e ."])


def main() -> None:
    """Write the file."""
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment(lock), encoding="utf-8")


if __name__ == "__main__":
    main()
