"""The pictures in the docs are those that the command makes, all of them shown, and small."""

import re

import pytest
from PIL import Image

from tools.pictures import FOLDER, PICTURES

NAMES = {f"{picture.name}.png" for picture in PICTURES}


def test_every_picture_is_there_and_shown_with_words():
    page = (FOLDER.parent / "pictures.md").read_text(encoding="utf-8")
    assert {path.name for path in FOLDER.iterdir()} == NAMES
    assert set(re.findall(r"!\[[^\]]{10,}\]\(pictures/([^)]+)\)", page)) == NAMES


def test_pictures_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 1_500_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_of_the_width_that_its_reader_has(picture):
    with Image.open(FOLDER / f"{picture.name}.png") as image:
        assert image.mode == "P"
        if picture.sheet:
            assert image.height / image.width == pytest.approx(297 / 210, abs=0.01)
        else:
            assert image.width == picture.width * picture.scale
            assert 844 <= image.height <= picture.longest * picture.scale
