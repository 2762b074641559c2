"""Turing widget: the color Turing test in a notebook, on any trained network (taught in chapter 10).

It needs a running kernel; the page of the test in the book needs none. Both write the same files.
"""

import asyncio
import html
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image
from tqdm import tqdm

from colorize_lib import color, plots, settings
from colorize_lib.data import reading, sources
from colorize_lib.photo.colorizer import Colorizer
from colorize_lib.training.progress import BEST
from colorize_lib.turing import FORMS, SHOWN, SIDES, Answers, Trial, files

SIDE = 256  # pixels, as published
# Photographs for catch trials, chosen by eye: turned into their opposites, their colors are plainly wrong (purple
# meadows, a green sky). Where only the sky has color its opposite could be an evening.
CATCHES = (
    *("aitzgorri.jpg", "don_joaquin_dam.webp", "great_wall.webp", "life.jpg", "mykonos_windmills.webp"),
    *("podgoschi_windmill.webp", "rhodes_windmill.webp", "statue_of_liberty.webp", "tetrapylon.webp"),
)
Later = Callable[[float, Callable[[], None]], Any]
Item = TypeVar("Item")
BITS = 2**32 - 1  # numbers are cut to 32 bits


def square(name: str) -> Image.Image:
    """Return the middle of a photograph of the sample, made `SIDE` pixels on its short side."""
    photo = reading.open_photo(settings.data_dir() / "sample" / name).convert("RGB")
    scale = SIDE / min(photo.size)
    photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BICUBIC)
    left, top = (photo.width - SIDE) // 2, (photo.height - SIDE) // 2
    return photo.crop((left, top, left + SIDE, top + SIDE))


def plainly_wrong(photo: Image.Image) -> Image.Image:
    """Return the photograph with opposite colors, a and b with the other sign: the fake of a catch trial."""
    lab = color.rgb_to_lab(np.asarray(photo))
    wrong = color.merge(lab[..., :1], -lab[..., 1:])
    return Image.fromarray(color.as_uint8(color.lab_to_rgb(color.fit_gamut(wrong))))


def mulberry32(seed: int) -> Callable[[], float]:
    """Return a source of random numbers in [0, 1): the one that the book's page has, with 32 bits of state."""
    state = seed & BITS

    def draw() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & BITS
        mixed = (state ^ state >> 15) * (state | 1) & BITS
        mixed ^= (mixed + (mixed ^ mixed >> 7) * (mixed | 61)) & BITS
        return (mixed ^ mixed >> 14) / 2**32

    return draw


def shuffled(items: Sequence[Item], draw: Callable[[], float]) -> list[Item]:
    """Return the items in another order, each order equally likely (Fisher and Yates)."""
    result = list(items)
    for last in range(len(result) - 1, 0, -1):
        other = int(draw() * (last + 1))
        result[last], result[other] = result[other], result[last]
    return result


def plan(names: Sequence[str], form: str, seed: int) -> list[Trial]:
    """Return the trials of a test: no photograph twice, order and sides by the seed.

    Parameters
    ----------
    names : sequence of str
        Photographs of the sample; those of `CATCHES` among them may serve in catch trials.
    form : str
        A key of `turing.FORMS`.
    seed : int
        The same seed gives the same test, here and on the book's page (``book/web/js/turing-protocol.js``).
    """
    counts = FORMS[form]
    if len(names) < sum(counts.values()):
        raise ValueError(f"{len(names)} photographs; expected at least {sum(counts.values())} for the {form} form.")
    draw = mulberry32(seed)

    def trials(part: str, photographs: Sequence[str]) -> list[Trial]:
        return [Trial(part, name, SIDES[0] if draw() < 0.5 else SIDES[1]) for name in photographs]

    order = shuffled(names, draw)
    catches = [name for name in order if name in CATCHES][: counts["catch"]]
    if len(catches) < counts["catch"]:
        raise ValueError(
            f"{len(catches)} photographs for catch trials; expected at least {counts['catch']} of CATCHES."
        )
    others = [name for name in order if name not in catches]
    practice = trials("practice", others[: counts["practice"]])
    counted = trials("test", others[counts["practice"] :][: counts["test"]]) + trials("catch", catches)
    return practice + shuffled(counted, draw)


class TuringTest:
    """The test as buttons and pictures: show its `box` in a notebook.

    Parameters
    ----------
    model : str or path
        A recipe with published weights, or a ``.weights.h5`` file, such as that of your own run.
    form : str
        "short" (12 test pairs) or "long" (36).
    seed : int, optional
        Decides order and sides; left out, it is drawn.
    seconds : float, optional
        How long a pair is shown: 1, as published; None for no limit. The way from kernel to screen adds a little.
    folder : path
        Where the result file goes.
    later : callable, optional
        Calls a function after so many seconds; for tests.
    """

    def __init__(
        self,
        model: str | Path = settings.MODEL,
        form: str = "short",
        seed: int | None = None,
        seconds: float | None = SHOWN,
        folder: str | Path = ".",
        later: Later | None = None,
    ) -> None:
        """Color the photographs, which takes a while, and lay out the test."""
        self.seed = random.SystemRandom().randrange(10**6) if seed is None else seed
        path = Path(model)  # of a run's best weights it is the folder that tells which run
        self.name = (path.parent if path.name == BEST else path).name.removesuffix(".weights.h5")
        self.form, self.seconds, self.folder = form, seconds, Path(folder)
        self.later = later or (lambda delay, call: asyncio.get_running_loop().call_later(delay, call))
        squares = {name: square(name) for name in [entry.name for entry in sources.find("sample")]}
        self.trials = plan(list(squares), form, self.seed)
        self.done: list[Trial] = []
        self.path: Path | None = None  # of the result file, once the test is over
        self.started = datetime.now(UTC)
        colorizer = Colorizer(model)
        self._pictures = {}
        for trial in tqdm(self.trials, "Coloring photographs", unit="", leave=False):
            real = squares[trial.photograph]
            fake = plainly_wrong(real) if trial.part == "catch" else colorizer.colorize(real)
            self._pictures[trial.photograph] = (plots.png(np.asarray(real)), plots.png(np.asarray(fake)))
        self._lay_out()

    def _lay_out(self) -> None:
        import ipywidgets as widgets

        self._text = widgets.HTML()
        self._images = {side: widgets.Image(format="png", width=SIDE, height=SIDE) for side in SIDES}
        self._buttons = {side: widgets.Button(description=f"The {side} one is the fake") for side in SIDES}
        self._next = widgets.Button(description="Start", button_style="primary")
        for side, button in self._buttons.items():
            button.layout.width = f"{SIDE}px"
            button.on_click(lambda _, side=side: self.choose(side))
        self._next.on_click(lambda _: self.show())
        pair = widgets.HBox([widgets.VBox([self._images[side], self._buttons[side]]) for side in SIDES])
        self.box = widgets.VBox([self._text, pair, self._next])
        self._visible(False)
        self._answerable(False)
        shown = "for as long as you like" if self.seconds is None else f"for {self.seconds:g} s"
        self._say(f"{len(self.trials)} pairs, each shown {shown}. One of the two got its colors from a network. Which?")

    def show(self) -> None:
        """Show the next pair."""
        if not self.done:
            self.started = datetime.now(UTC)
        trial = self.trials[len(self.done)]
        real, fake = self._pictures[trial.photograph]
        for side, image in self._images.items():
            image.value = fake if side == trial.fake else real
        self._next.disabled = True
        self._say(f"Pair {len(self.done) + 1} of {len(self.trials)}{', for practice' * (trial.part == 'practice')}")
        self._visible(True)
        self._began = time.perf_counter()
        if self.seconds is None:
            self._answerable(True)
        else:
            self.later(self.seconds, self._hide)

    def _hide(self) -> None:
        self._visible(False)
        self._answerable(True)

    def choose(self, side: str) -> None:
        """Take `side` as the answer: which one is the fake."""
        trial = self.trials[len(self.done)]
        seconds = round(time.perf_counter() - self._began, 2)
        self.done.append(replace(trial, chosen=side, seconds=seconds))
        self._answerable(False)
        self._visible(trial.part == "practice")
        if trial.part == "practice":
            right = "Right" if side == trial.fake else "No"
            self._say(f"{right}: the fake is on the {trial.fake}.")
        self._next.description, self._next.disabled = "Next pair", False
        if len(self.done) == len(self.trials):
            self.finish()

    def finish(self) -> None:
        """Say the result and write the file; call it again, with another `folder`, if that one can't be written."""
        answers = Answers("", self.name, self.form, tuple(self.done), self.seconds)
        path = Path(self.folder) / f"turing-{self.name}-{self.started:%Y%m%d-%H%M%S}.json"
        self._next.disabled = True
        try:
            files.write(path, answers, self.seed, self.started)
        except OSError as error:
            written = f"{error} Your answers are kept: set test.folder to another folder and call test.finish()."
        else:
            self.path, written = path, f"Written to {path}."
        passed, catches = answers.catches
        self._say(
            f"Fooled in {answers.fooled} of {len(answers.answered)} pairs; catch trials passed: {passed} of {catches}. "
            f"{written}"
        )

    def _say(self, sentence: str) -> None:
        self._text.value = f'<p role="status">{html.escape(sentence)}</p>'

    def _visible(self, whether: bool) -> None:
        for image in self._images.values():
            image.layout.visibility = "visible" if whether else "hidden"

    def _answerable(self, whether: bool) -> None:
        for button in self._buttons.values():
            button.disabled = not whether
