"""The command `colorize`: what it does, what it says about mistakes, and its exit status."""

import json
import os
import re
import shlex
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_lib import backend, cli, color, menu, reports, training, zoo
from colorize_lib.data import sources
from colorize_lib.photo import colorizer
from colorize_lib.recipes import RECIPES, find
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files

ROOT = Path(__file__).resolve().parents[1]
Caught = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and a colorizer that needs no network: it paints everything bluish."""

    def blue(self: colorizer.Colorizer, rgb: Image.Image, asked: object = ()) -> np.ndarray:
        return np.full((2, 2, 2), [0, -30], "float32")

    monkeypatch.setattr(colorizer.Colorizer, "predict_ab", blue)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def photograph(path: str, mode: str = "RGB", kind: str | None = None) -> Path:
    """Write a small picture; return its path."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype="uint8")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).convert(mode).save(path, kind)
    return Path(path)


def files(folder: str) -> list[str]:
    """Return the files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def huge_png(path: str) -> None:
    """Write the first bytes of a PNG of 60,000 x 60,000 pixels, which would fill 10.8 GB."""
    chunks = b""
    for name, content in ((b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)), (b"IDAT", b"")):
        chunks += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def test_one_photograph_to_a_file(here: Path, capsys: Caught) -> None:
    photograph("in.png")
    assert cli.main(["photo", "in.png", "-o", "new/out.jpg"]) == cli.DONE
    assert files("new") == ["out.jpg"]
    with Image.open("new/out.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (40, 24))
    assert "[1/1] in.png -> new/out.jpg (PNG became JPEG)" in capsys.readouterr().out


def test_a_folder_to_a_folder_keeps_its_order_and_subfolders(here: Path, capsys: Caught) -> None:
    for name in ("in/10.png", "in/2.jpg", "in/sub/3.webp", "in/.hidden/4.png", "in/5.gif"):
        photograph(name)
    Path("in/notes.txt").write_text("not a photograph")
    assert cli.main(["photo", "in", "-o", "out"]) == cli.DONE
    assert files("out") == ["10.png", "2.jpg", "5.png", "sub/3.webp"]
    said = capsys.readouterr()
    assert "in/notes.txt: passed over" in said.out
    assert said.out.index("in/2.jpg ->") < said.out.index("in/10.png ->")
    assert "4 colorized, 0 failed" in said.out
    assert said.err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux allows such names")
def test_a_name_that_no_terminal_shows(here: Path, capsys: Caught) -> None:
    name = os.fsdecode(b"\xff.png")
    photograph(name)
    assert cli.main(["photo", name, "-o", "out"]) == cli.DONE
    assert "\\udcff.png ->" in capsys.readouterr().out


def test_results_are_replaced_and_not_colored_again(here: Path) -> None:
    photograph("in/a.png")
    for _ in range(2):
        assert cli.main(["photo", "in", "-o", "in/colored"]) == cli.DONE
        assert files("in") == ["a.png", "colored/a.png"]


def test_results_may_go_beside_or_above_the_folder_of_photographs(here: Path) -> None:
    photograph("photos/summer/a.png")
    assert cli.main(["photo", "photos", "-o", "."]) == cli.DONE
    assert cli.main(["photo", "photos/summer", "-o", "photos"]) == cli.DONE
    assert files(".") == ["photos/a.png", "photos/summer/a.png", "summer/a.png"]


def test_an_animation_with_damaged_later_frames_gives_its_first(here: Path, capsys: Caught) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 24, 40), dtype="uint8")
    first, *others = (Image.fromarray(frame).convert("P") for frame in noise)
    first.save("cut.gif", save_all=True, append_images=others)
    whole = Path("cut.gif").read_bytes()
    Path("cut.gif").write_bytes(whole[: 2 * len(whole) // 3 + 4])
    photograph("good.jpg")
    assert cli.main(["photo", "cut.gif", "good.jpg", "-o", "out"]) == cli.DONE
    assert files("out") == ["cut.png", "good.jpg"]


def test_names_that_meet_are_numbered(here: Path, capsys: Caught) -> None:
    for name in ("one/a.png", "two/a.png", "three/A.PNG"):
        photograph(name)
    photograph("four/a.gif", "P")
    assert (
        cli.main(["photo", "one/a.png", "two/a.png", "one/../one/a.png", "three/A.PNG", "four/a.gif", "-o", "o"]) == 0
    )
    assert files("o") == ["A-3.PNG", "a-2.png", "a-4.png", "a.png"]
    assert "4 colorized" in capsys.readouterr().out


BAD = {
    "text.jpg": (lambda path: Path(path).write_text("dear reader"), "not an image"),
    "empty.png": (lambda path: Path(path).touch(), "an empty file"),
    "huge.png": (huge_png, "3,600,000,000 pixels, expected at most 89,478,485"),
    "missing.jpg": (lambda path: None, "no such file"),
    "nothing": (lambda path: Path(path).mkdir(), "no photographs in this folder"),
}


@pytest.mark.parametrize("name", [*BAD, "cut.jpg"])
def test_a_bad_file_gets_one_sentence_and_the_others_are_done(here: Path, capsys: Caught, name: str) -> None:
    for good in ("a.png", "z.jpg"):
        photograph(good)
    if name == "cut.jpg":
        photograph(name)
        Path(name).write_bytes(Path(name).read_bytes()[:-200])
        reason = "truncated after"
    else:
        make, reason = BAD[name]
        make(name)
    assert cli.main(["photo", "a.png", name, "z.jpg", "-o", "out"]) == cli.FAILED
    assert files("out") == ["a.png", "z.jpg"]
    said = capsys.readouterr()
    sentences = [line for line in said.err.splitlines() if name in line]
    assert len(sentences) == 1
    assert re.search(rf"{name}: .*{reason}", sentences[0])
    assert "Traceback" not in said.err + said.out
    assert "2 colorized, 1 failed" in said.out


@pytest.mark.parametrize("out", [".", "in.png", "./sub/../in.png"])
def test_a_photograph_given_is_never_overwritten(here: Path, capsys: Caught, out: str) -> None:
    before = photograph("in.png").read_bytes()
    Path("sub").mkdir()
    assert cli.main(["photo", "in.png", "-o", out]) == cli.FAILED
    assert Path("in.png").read_bytes() == before
    assert "in.png: a photograph given as IN, which is never overwritten" in capsys.readouterr().err


def test_a_photograph_given_later_is_not_overwritten_by_an_earlier_result(here: Path) -> None:
    photograph("one/a.png")
    before = photograph("two/a.png").read_bytes()
    assert cli.main(["photo", "one/a.png", "two/a.png", "-o", "two"]) == cli.FAILED
    assert Path("two/a.png").read_bytes() == before
    assert files("two") == ["a-2.png", "a.png"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("photo a.png b.png -o out.jpg", "out.jpg: the name of one file for several photographs; name a folder."),
        ("photo in -o out.jpg", "out.jpg: the name of one file for several photographs"),
        ("photo a.png -o out.gif", "out.gif: GIF holds 256 colors"),
        ("photo a.png -o a_file", "a_file: a file, expected a folder"),
        (
            "photo a.png -o out.pgn",
            "out.pgn: unknown ending; expected .jpg or .png, or a folder that is there already.",
        ),
        ("evaluate gray --data sample --size 4", "--size 4: too small for SSIM; expected 7 or more."),
        ("train gray", "recipe 'gray' learns nothing"),
        ("evaluate gray --data sample --json in", "in: a folder, expected the name of a file"),
    ],
)
def test_a_command_that_cannot_be(here: Path, capsys: Caught, arguments: str, sentence: str) -> None:
    for name in ("a.png", "b.png", "in/c.png"):
        photograph(name)
    Path("a_file").touch()
    assert cli.main(arguments.split()) == cli.WRONG
    assert sentence in capsys.readouterr().err
    assert files(".") == ["a.png", "a_file", "b.png", "in/c.png"]


@pytest.mark.parametrize("arguments", ["", "photo", "photo a.png", "paint", "evaluate ours", "train ours --epochs 0"])
def test_a_command_not_understood_exits_with_2(capsys: Caught, arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments.split())
    assert ended.value.code == cli.WRONG
    assert "usage: colorize" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("train grey", "there is no recipe 'grey'; expected one of"),
        ("train plain --data nowhere --out run", "nowhere: no such folder"),
        ("evaluate grey --data sample", "there is no recipe 'grey'"),
        ("evaluate gray --data nowhere", "nowhere: no such folder"),
        ("train plain --data sample --out a.png/run", "a.png/run: no folder to write into (Not a directory)"),
        ("evaluate ours --data sample --size 100", "size is 100; expected a multiple of 16"),
        ("evaluate gray --data historic --size 16", "historic: all photographs are gray; expected some in color"),
        ("evaluate none.weights.h5 --data sample", "none.weights.h5: there is no such file"),
        ("photo a.png -o out --model grey", "there is no recipe 'grey'"),
        ("photo a.png -o out --model broken.weights.h5", "broken.weights.h5: not a weights file"),
        ("photo a.png -o out --model a.h5", "a.h5: expected a name that ends in .weights.h5"),
        ("evaluate gray --data ~nobody_of_this_name", "~nobody_of_this_name: no such folder"),
    ],
)
def test_a_mistake_gives_one_sentence(here: Path, capsys: Caught, arguments: str, sentence: str) -> None:
    photograph("a.png")
    Path("broken.weights.h5").write_text("hello")
    Path("a.h5").touch()
    assert cli.main(arguments.split()) == cli.FAILED
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_weights_that_do_not_fit_stop_the_batch(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    def broken(self: colorizer.Colorizer, rgb: Image.Image, asked: object = ()) -> np.ndarray:
        raise weights_files.WeightsError("the weights do not fit.")

    monkeypatch.setattr(colorizer.Colorizer, "predict_ab", broken)
    photograph("a.png"), photograph("b.png")
    assert cli.main(["photo", "a.png", "b.png", "-o", "out"]) == cli.FAILED
    assert capsys.readouterr().err == "colorize: the weights do not fit.\n"


def test_stopping_leaves_no_half_written_file(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    def stop(self: Image.Image, path: Path, *rest: object, **options: object) -> None:
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    photograph("a.png")
    monkeypatch.setattr(Image.Image, "save", stop)
    assert cli.main(["photo", "a.png", "-o", "out"]) == cli.STOPPED
    assert files("out") == []
    assert "stopped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (KeyboardInterrupt(), cli.STOPPED, "stopped; the same command goes on from the last whole epoch"),
        (MemoryError("Unable to allocate 9 GiB"), cli.FAILED, "not enough memory (Unable to allocate 9 GiB)"),
    ],
)
def test_a_training_cut_off_gives_one_sentence(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught, error: BaseException, status: int, sentence: str
) -> None:
    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(training, "run", run)
    assert cli.main(["train", "plain", "--data", "sample", "--out", "run"]) == status
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_evaluate_measures_ours_beside_gray(tmp_path: Path, capsys: Caught) -> None:
    file = tmp_path / "new" / "ours.json"
    assert cli.main(["evaluate", "ours", "--data", "sample", "--size", "64", "--json", str(file)]) == cli.DONE
    result = json.loads(file.read_text())
    said = capsys.readouterr().out
    assert "sample, all: 53 photographs at 64x64" in said
    assert f"{result['metrics']['psnr']['mean']:.2f} [" in said
    assert f"{result['gray']['psnr']['mean']:.2f} [" in said
    assert result["metrics"]["ciede2000"]["mean"] < result["gray"]["ciede2000"]["mean"]
    assert result["metrics"]["colorfulness_ratio"]["mean"] > 0.4


def test_evaluate_takes_a_split_of_a_folder_and_the_gray_recipe(here: Path, capsys: Caught) -> None:
    for number in range(12):
        photograph(f"in/{number}.png")
    assert cli.main(["evaluate", "gray", "--data", "in", "--size", "16", "--split", "train"]) == cli.DONE
    assert "in, train: 9 photographs at 16x16" in capsys.readouterr().out
    photograph("one/0.png")
    assert cli.main(["evaluate", "gray", "--data", "one", "--size", "16", "--split", "val"]) == cli.FAILED
    assert "no photographs in its val split; use --split all" in capsys.readouterr().err


def test_train_writes_weights_that_color(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    """The run itself is tested with `training`; here, that the command calls it and says where the files are."""
    monkeypatch.undo()
    monkeypatch.chdir(here)
    backend.start_keras()
    asked = []

    def run(recipe: object, out: Path, source: str | None, epochs: int | None, **_: object) -> dict[str, object]:
        asked.append((recipe, out, source, epochs))
        weights_files.save(find("plain").build(), out / "plain.weights.h5", "plain")
        numbers = {"mean": 1.0, "low": 0.5, "high": 1.5}
        measured = dict.fromkeys(("psnr", "psnr_pooled", "ssim", "mae", "ciede2000", "ab_distance"), numbers)
        measured |= dict.fromkeys(("colorfulness", "colorfulness_ratio", "accuracy"), numbers)
        about = {"source": "sample", "split": "test", "size": 128, "photographs": 5}
        return {"recipe": {"name": "plain"}, "data": about, "metrics": measured, "gray": measured}

    monkeypatch.setattr(training, "run", run)
    assert cli.main(["train", "plain", "--data", "sample", "--epochs", "2"]) == cli.DONE
    assert asked == [(find("plain"), Path("runs/plain"), "sample", 2)]
    assert "Written to runs/plain: plain.weights.h5 and plain.json." in capsys.readouterr().out
    photograph("a.png", "L")
    assert cli.main(["photo", "a.png", "-o", "out", "--model", "runs/plain/plain.weights.h5"]) == cli.DONE
    assert "with 'plain'" in capsys.readouterr().out
    before, after = (color.lightness(np.asarray(Image.open(p).convert("RGB"))) for p in ("a.png", "out/a.png"))
    assert np.abs(before - after).max() <= 100 / 255


def test_training_begins_with_the_weights_asked_for(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    ran = []
    monkeypatch.setattr(training, "run", lambda recipe, *_, **__: ran.append(recipe))
    monkeypatch.setattr(reports, "report", lambda result: None)
    photograph("rooms/1.jpg")
    command = ["train", "pretrained", "--data", "rooms"]
    assert cli.main([*command, "--begin", "pretrained"]) == cli.main(command) == cli.DONE
    assert ran == [replace(find("pretrained"), initial_weights="pretrained"), find("pretrained")]
    assert cli.main([*command, "--begin", "nothing"]) == cli.FAILED
    assert "there is no recipe 'nothing'" in capsys.readouterr().err


def test_the_chapter_on_ones_own_network_has_commands_that_exist() -> None:
    chapter = json.loads((Path(__file__).parents[1] / "notebooks/33_your_own_network.ipynb").read_text("utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in chapter["cells"])
    commands = re.findall(r"^ +\.venv/bin/colorize (.*)$", text, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["train", "evaluate", "export-onnx"]
    for command in commands:
        cli.parser().parse_args(shlex.split(command))


def landscape_layout(folder: Path, count: int = 20) -> None:
    for kind in ("color", "gray"):
        for i in range(count):
            photograph(str(folder / "landscape Images" / kind / f"{i}.jpg"))


def test_results_say_what_is_current(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    """Twenty made-up photographs are not the landscapes that the shipped files were measured on."""
    landscape_layout(here)
    monkeypatch.setenv("COLORIZE_DATA", str(here))
    monkeypatch.setitem(RECIPES, "not_run", replace(find("plain"), name="not_run"))
    assert cli.main(["results", "gray", "plain", "not_run"]) == cli.FAILED
    gray, plain, not_run = (line for line in capsys.readouterr().out.splitlines() if line)
    assert re.search(
        r"^gray +changed since: .*data; measured again: [\d.]+ dB, differs from the file's 23\.\d+ dB", gray
    )
    assert "its weights are not shipped" in plain
    assert "no results file; 'colorize train not_run' makes one" in not_run


def test_results_without_the_landscapes_say_what_can_be_said(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    monkeypatch.setattr(sources, "_kaggle", lambda source: here / "nowhere")
    assert cli.main(["results", "gray", "ours"]) == cli.FAILED
    gray, ours = (line for line in capsys.readouterr().out.splitlines() if line)
    for line, name in ((gray, "gray"), (ours, "ours")):
        assert re.search(rf"^{name} +current; not measured again: landscape: no such folder", line)


def test_a_full_memory_of_a_gpu_gives_one_sentence(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    def full(options: object) -> int:
        raise type("ResourceExhaustedError", (Exception,), {})("OOM when allocating tensor")

    monkeypatch.setattr(cli, "check_results", full)
    assert cli.main(["results"]) == cli.FAILED
    assert "not enough memory on the device" in capsys.readouterr().err


def test_results_measured_again_are_written_where_asked(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    landscape_layout(here)
    monkeypatch.setenv("COLORIZE_DATA", str(here))
    for module in ("settings", "results", "reports"):
        monkeypatch.setattr(f"colorize_lib.{module}.data_dir", lambda: here / "data")
    for part in ("sample", "models"):
        (here / "data").mkdir(exist_ok=True)
        (here / "data" / part).symlink_to(data_dir() / part)
    monkeypatch.setitem(RECIPES, "gray", replace(RECIPES["gray"], size=16))
    assert cli.main(["results", "gray"]) == cli.FAILED
    assert "no results file; 'colorize results gray --write' makes one" in capsys.readouterr().out
    assert cli.main(["results", "gray", "--write"]) == cli.DONE
    assert "current; measured again" in capsys.readouterr().out
    path = here / "data" / "results" / "gray.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"code": "0", "history": {"loss": [1.0]}}))
    assert cli.main(["results", "gray"]) == cli.FAILED
    assert "changed since: code" in capsys.readouterr().out
    assert cli.main(["results", "gray", "--write"]) == cli.FAILED  # it was not current when it was read
    assert json.loads(path.read_text()) == kept | {"history": {"loss": [1.0]}}


def test_tensorboard_and_precision_reach_the_training(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def run(recipe: object, out: Path, source: str | None, epochs: int | None, **options: object) -> dict[str, object]:
        asked.update(options, precision=recipe.precision)  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "run", run)
    arguments = ["train", "plain", "--data", "sample", "--out", "run", "--precision", "mixed_bfloat16"]
    assert cli.main([*arguments, "--tensorboard", "logs"]) == cli.STOPPED
    assert asked["precision"] == "mixed_bfloat16"
    assert [type(one).__name__ for one in asked["callbacks"]] == ["TensorBoard"]
    assert Path("logs").is_dir()


def test_help_and_import_leave_tensorflow_alone() -> None:
    code = (
        "import sys, colorize_lib, colorize_lib.cli as cli\n"
        "try: cli.main(['photo', '--help'])\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        "heavy = {'tensorflow', 'keras', 'skimage', 'pandas', 'matplotlib', 'numpy', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "a folder, or for one photograph a file" in done.stdout
    said = " ".join(done.stdout.split())
    assert [name for name, about in menu.ON_THE_PAGE.items() if f"{name} {about}" not in said] == []


def test_what_goes_wrong_while_starting_is_not_silenced() -> None:
    code = (
        "import os, sys\nfrom colorize_lib import backend\n"
        "with backend.stderr_held():\n    os.write(2, b'from below')\n    raise SystemExit('from above')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "from below" in done.stderr
    assert "from above" in done.stderr


def readme_commands() -> list[list[str]]:
    """Return the arguments of every `colorize` command in the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"(?:^    |`)(?:\.venv/bin/)?colorize ([^`\n#]+)", text, re.MULTILINE)
    return [shlex.split(command) for command in commands]


def test_the_readme_shows_how_to_color_a_photograph() -> None:
    assert "photo" in [arguments[0] for arguments in readme_commands()]


@pytest.mark.parametrize("arguments", readme_commands(), ids=" ".join)
def test_commands_of_the_readme(here: Path, capsys: Caught, arguments: list[str]) -> None:
    options = cli.parser().parse_args(arguments)
    (here / "data").symlink_to(data_dir())
    if arguments[0] == "photo":
        assert cli.main(arguments) == cli.DONE
        assert options.out.exists()
    elif arguments[0] == "train":
        assert find(options.recipe).learns
    elif arguments[0] == "evaluate":  # measured above; here, that model and source are there
        assert zoo.locate(options.model)[1].is_file()
        assert options.data in ("sample", "landscape", "intel")
