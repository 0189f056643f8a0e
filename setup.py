"""Put the notebooks into the wheel: an installed kit runs without a clone."""

from pathlib import Path
from shutil import copy

from setuptools import setup
from setuptools.command.build_py import build_py


class WithNotebooks(build_py):
    """Copy ``notebooks/`` into the built package."""

    def run(self) -> None:
        """Build the package, then add the notebooks; an editable install reads them where they are."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "salesnb" / "notebooks"
        target.mkdir(parents=True, exist_ok=True)
        for notebook in sorted(Path("notebooks").glob("*.ipynb")):
            copy(notebook, target)


setup(cmdclass={"build_py": WithNotebooks})
