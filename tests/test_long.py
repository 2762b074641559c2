"""What takes too long for every day (``make test-long``): large photographs."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from colorize_lib import color

pytestmark = pytest.mark.long

COLORIZE = [sys.executable, "-c", "from colorize_lib.cli import main; raise SystemExit(main())"]


def test_24_megapixels_keep_their_size_and_lightness(tmp_path):
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (50, 75, 3), np.uint8)
    photo = Image.fromarray(small).resize((6000, 4000), Image.Resampling.BICUBIC)
    photo.save(tmp_path / "large.png", compress_level=1)
    subprocess.run(
        [*COLORIZE, "photo", str(tmp_path / "large.png"), "-o", str(tmp_path / "colored.png")],
        check=True,
        capture_output=True,
    )
    colored = Image.open(tmp_path / "colored.png")
    assert colored.size == photo.size
    for top in range(0, 4000, 500):
        stripe = (0, top, 6000, top + 500)
        apart = color.lightness(np.asarray(photo.crop(stripe))) - color.lightness(np.asarray(colored.crop(stripe)))
        assert np.abs(apart).max() <= 100 / 255
