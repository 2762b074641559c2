"""Photographs: what is read, what is refused and how, splits, batches, and the sample with its credits."""

import csv
import importlib.util
import json
import os
import re
import struct
import subprocess
import sys
import types
import zlib
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image

from colorize_lib import color, data, metrics
from colorize_lib.data import audit, batches, reading, sources

CHECKOUT = Path(__file__).resolve().parents[1]
SAMPLE = CHECKOUT / "data" / "sample"
LICENSES = {"Public domain", "CC0 1.0", "CC BY 2.0", "CC BY 4.0", "CC BY-SA 4.0"}


# Files of every kind, made here


def noise(seed: int, side: int = 24) -> Image.Image:
    """A blotchy color picture that no other seed resembles."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype="uint8")
    return Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)


def truncated(path: Path, image: Image.Image) -> Path:
    image.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def huge(path: Path) -> Path:
    """A PNG of a hundred bytes that claims to be 60,000 x 60,000."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest)
    return path


def display_p3() -> bytes:
    """An ICC profile with the primaries of Display P3 and the curve of sRGB, as phones embed it."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def text(words: str) -> bytes:
        coded = words.encode("utf-16-be")
        return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(coded), 28) + coded

    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"desc": text("Display P3"),
        b"cprt": text("public domain"),
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249),
        b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.51512, 0.24120, -0.00105),
        b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.29198, 0.69225, 0.04189),
        b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.15710, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x04000000, b"mntr", b"RGB ", b"XYZ ") + b"\0" * 12
    header += b"acsp" + b"\0" * 28 + fixed(0.9642, 1, 0.8249) + b"\0" * 48
    return header + table + body


# One file


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste("red", (0, 0, 8, 8))  # the top left corner before the camera's note is followed
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    image.save(tmp_path / "turned.png", exif=exif)
    photo = reading.open_photo(tmp_path / "turned.png")
    assert photo.size == (20, 40)
    assert photo.getpixel((18, 2)) == (255, 0, 0)
    assert 0x0112 not in photo.getexif()


@pytest.mark.parametrize(
    ("mode", "value", "suffix", "read_mode", "read_value"),
    [
        ("1", 1, "png", "L", 255),
        ("L", 70, "png", "L", 70),
        ("LA", (70, 9), "png", "LA", (70, 9)),
        ("RGB", (10, 20, 30), "png", "RGB", (10, 20, 30)),
        ("RGBA", (10, 20, 30, 40), "png", "RGBA", (10, 20, 30, 40)),
        ("CMYK", (0, 255, 255, 0), "tif", "RGB", (255, 0, 0)),
        ("YCbCr", (128, 128, 128), "jpg", "RGB", (128, 128, 128)),
        ("I;16", 65535, "png", "L", 255),
        ("I;16", 32768, "png", "L", 128),
        ("I;16", 300, "tif", "L", 1),
    ],
)
def test_modes(tmp_path: Path, mode: str, value: object, suffix: str, read_mode: str, read_value: object) -> None:
    path = tmp_path / f"photo.{suffix}"
    Image.new(mode, (16, 16), value).save(path)  # type: ignore[arg-type]
    photo = reading.open_photo(path)
    assert photo.mode == read_mode
    assert photo.getpixel((5, 5)) == read_value


def test_cmyk_jpeg(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=95)
    photo = reading.open_photo(tmp_path / "print.jpg")
    assert photo.mode == "RGB"
    np.testing.assert_allclose(photo.getpixel((5, 5)), (255, 0, 0), atol=3)


def test_palettes_and_transparent_colors(tmp_path: Path) -> None:
    image = noise(1).quantize(8)
    image.save(tmp_path / "plain.png")
    photo = reading.open_photo(tmp_path / "plain.png")
    assert photo.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(photo), np.asarray(image.convert("RGB")))
    image.save(tmp_path / "clear.png", transparency=int(np.asarray(image)[0, 0]))
    clear = reading.open_photo(tmp_path / "clear.png")
    assert clear.mode == "RGBA"
    assert clear.getpixel((0, 0))[3] == 0  # type: ignore[index]
    Image.new("L", (4, 4), 7).save(tmp_path / "key.png", transparency=7)
    assert reading.open_photo(tmp_path / "key.png").mode == "LA"


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), name) for name in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert reading.open_photo(tmp_path / "moving.gif").convert("RGB").getpixel((3, 3)) == (255, 0, 0)


def test_values_beyond_16_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 70_000, "int32")).save(tmp_path / "deep.tif")
    with pytest.raises(reading.PhotoError, match=r"deep\.tif: values beyond 16 bits, .*save it"):
        reading.open_photo(tmp_path / "deep.tif")


@pytest.mark.parametrize("alpha", [False, True])
def test_display_p3_becomes_srgb(tmp_path: Path, alpha: bool) -> None:
    p3 = np.array([(200, 120, 90), (60, 110, 80), (128, 128, 128), (20, 30, 90)], "uint8")
    image = Image.fromarray(p3[None])
    if alpha:
        image.putalpha(99)
    image.save(tmp_path / "phone.png", icc_profile=display_p3())
    photo = reading.open_photo(tmp_path / "phone.png")
    # From Display P3 to sRGB on linear light: the product of both sets of primaries (SMPTE RP 431-2, IEC 61966-2-1).
    matrix = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])
    linear = color.srgb_to_linear(p3 / 255) @ matrix.T
    expected = color.linear_to_srgb(np.clip(linear, 0, 1)) * 255
    np.testing.assert_allclose(np.asarray(photo)[0, :, :3], expected, atol=1.5)
    assert np.abs(expected - p3).max() > 10  # else reading without the profile would pass
    assert photo.mode == ("RGBA" if alpha else "RGB")
    assert "icc_profile" not in photo.info
    assert not alpha or photo.getpixel((0, 0))[3] == 99  # type: ignore[index]


def test_a_profile_that_does_not_fit_is_ignored(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 50).save(tmp_path / "gray.png", icc_profile=display_p3())
    assert reading.open_photo(tmp_path / "gray.png").getpixel((0, 0)) == 50
    Image.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / "broken.png", icc_profile=b"no profile at all")
    assert reading.open_photo(tmp_path / "broken.png").getpixel((0, 0)) == (1, 2, 3)


def make_bad(folder: Path, fault: str) -> Path:
    """Make a file with the fault of this name."""
    path = folder / "bad.jpg"
    if fault == "empty":
        path.write_bytes(b"")
    elif fault == "not an image":
        path.write_text("A letter, not a photograph.")
    elif fault == "truncated":
        truncated(path, noise(3, 64))
    elif fault == "damaged":
        path = folder / "bad.png"
        noise(3, 64).save(path)
        content = bytearray(path.read_bytes())
        content[60:400] = bytes(340)
        path.write_bytes(content)
    elif fault == "too large":
        path = huge(folder / "bad.png")
    elif fault == "folder":
        path.mkdir()
    return path


FAULTS = ["missing", "empty", "not an image", "truncated", "damaged", "too large", "folder"]


@pytest.mark.parametrize("fault", FAULTS)
def test_refused_with_one_sentence(tmp_path: Path, fault: str) -> None:
    path = make_bad(tmp_path, fault)
    with pytest.raises(reading.PhotoError) as caught:
        reading.open_photo(path)
    message = str(caught.value)
    assert caught.value.fault == fault
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert ", expected " in message
    assert re.search(r"; (\w+ )+\w+\.$", message)  # what to do
    assert isinstance(caught.value, ValueError)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reading, "open", refuse, raising=False)  # as root, no file mode refuses
    with pytest.raises(reading.PhotoError, match=r"a\.jpg: no permission to read it; change its permissions\."):
        reading.open_photo(tmp_path / "a.jpg")


# A folder of photographs


@pytest.fixture
def landscapes(tmp_path: Path) -> Path:
    """Twelve pairs in the Landscape layout."""
    for kind in ("color", "gray"):
        (tmp_path / "landscape Images" / kind).mkdir(parents=True)
    for k in range(12):
        noise(k).save(tmp_path / "landscape Images" / "color" / f"{k}.jpg", quality=95)
        noise(k).convert("L").save(tmp_path / "landscape Images" / "gray" / f"{k}.jpg", quality=95)
    return tmp_path


def test_pairs_in_natural_order(landscapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (landscapes / "classes.csv").write_text("file,scene\n" + "".join(f"{k}.jpg,scene{k}\n" for k in range(12)))
    monkeypatch.setenv("COLORIZE_DATA", str(landscapes))
    photos = data.load("landscape", size=16)
    assert photos.names == [f"{k}.jpg" for k in range(12)]  # 10 after 9, not after 1
    assert photos.titles == [str(k) for k in range(12)]
    assert photos.scenes == [f"scene{k}" for k in range(12)]
    assert (photos.total, photos.faults, photos.credits) == (12, [], None)
    assert photos.rgb.shape == (12, 16, 16, 3)
    assert photos.rgb.dtype == np.uint8
    assert photos.gray is not None
    assert photos.gray.shape == (12, 16, 16)
    with Image.open(landscapes / "landscape Images" / "color" / "7.jpg") as image:
        squashed = np.asarray(image.resize((16, 16), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(photos.rgb[7], squashed)
    part = data.load(landscapes, size=16, first=3, last=6)
    np.testing.assert_array_equal(part.ids, [3, 4, 5])
    np.testing.assert_array_equal(part.rgb, photos.rgb[3:6])
    assert part.total == 12


def test_a_faulty_file_shifts_no_split(landscapes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    color_folder, gray_folder = (landscapes / "landscape Images" / kind for kind in ("color", "gray"))
    whole = data.split(data.load(landscapes, size=8))
    assert {name: list(part.ids) for name, part in whole.items()} == {
        "train": list(range(9)),
        "val": [9],
        "test": [10, 11],
    }
    truncated(color_folder / "2.jpg", noise(2, 64))
    (color_folder / "4.jpg").unlink()
    (gray_folder / "6.jpg").unlink()
    truncated(gray_folder / "8.jpg", noise(8, 64))
    capsys.readouterr()
    photos = data.load(landscapes, size=8)
    told = capsys.readouterr().out
    parts = data.split(photos)
    assert list(parts["train"].ids) == [0, 1, 3, 5, 6, 7, 8]
    assert list(parts["val"].ids) == [9]
    np.testing.assert_array_equal(parts["test"].rgb, whole["test"].rgb)
    assert [name for name, _ in photos.faults] == ["2.jpg", "4.jpg", "6.jpg", "8.jpg"]
    assert told.count("\n") == 1
    assert all(f"{k}.jpg (" in told for k in (2, 4, 6, 8))
    assert "left out: truncated" in told
    assert "gray made from the color file: no gray twin" in told
    np.testing.assert_array_equal(data.gray_of(photos)[4], Image.fromarray(photos.rgb[4]).convert("L"))


def test_split_of_the_landscapes() -> None:
    tiny = np.zeros((7129, 1, 1, 3), "uint8")
    photos = data.Photographs("landscape", tiny, np.arange(7129), [f"{k}.jpg" for k in range(7129)], total=7129)
    parts = data.split(photos)
    assert [(part.ids[0], part.ids[-1]) for part in parts.values()] == [(0, 5999), (6000, 6499), (6500, 7128)]
    assert parts["val"].names[0] == "6000.jpg"
    assert np.shares_memory(parts["test"].rgb, tiny)


@pytest.mark.parametrize("total", range(30))
def test_every_part_has_a_photograph_where_there_are_enough(total: int) -> None:
    parts = data.split(data.of_arrays(np.zeros((total, 2, 2, 3), "uint8")))
    sizes = [len(part) for part in parts.values()]
    assert sum(sizes) == total
    assert total < data.FEWEST or min(sizes) >= 1
    assert np.concatenate([part.ids for part in parts.values()]).tolist() == list(range(total))


def test_any_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b/2.png", "a/10.png", "a/1.png", "b/.hidden.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        noise(len(name)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a photograph")
    photos = data.load(tmp_path, size=8)
    assert photos.names == ["a/1.png", "b/2.png", "a/10.png"]
    assert photos.scenes == ["a", "b", "a"]
    assert photos.total == 4
    assert "1 of 4 files are faulty: notes.txt (left out: not an image" in capsys.readouterr().out
    half = photos.select(photos.ids > 0)
    assert (len(half), half.names, half.gray) == (2, ["b/2.png", "a/10.png"], None)


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert data.load(tmp_path, size=4).rgb.min() == 255


def test_many_faults_are_named_in_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise(1).save(tmp_path / "photo.png")
    for k in range(13):
        (tmp_path / f"{k}.jpg").write_text("no photograph")
    photos = data.load(tmp_path, size=4)
    assert len(photos.faults) == 13
    assert "and 3 more, all in .faults" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda folder: folder / "nowhere",
            r"nowhere: no such folder; expected .* sample, historic, landscape, intel\.",
        ),
        (lambda folder: folder, r": an empty folder, expected photographs in it; check the path\."),
        (lambda folder: (folder / "a.jpg").write_text("x") and folder, r": none of the 1 files chosen is a photograph"),
    ],
)
def test_wrong_folders(tmp_path: Path, make: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        data.load(make(tmp_path), size=4)  # type: ignore[operator]
    assert "\n" not in str(caught.value)


@pytest.fixture
def intel(tmp_path: Path) -> Path:
    for k, scene in enumerate(("sea", "forest", "sea")):
        folder = tmp_path / "seg_train" / "seg_train" / scene
        folder.mkdir(parents=True, exist_ok=True)
        noise(k).save(folder / f"{k}.jpg")
    return tmp_path


def fake_kagglehub(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    def dataset_download(handle: str) -> str:
        assert handle == "puneet6060/intel-image-classification"
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    module = types.ModuleType("kagglehub")
    module.dataset_download = dataset_download  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kagglehub", module)


def test_intel_from_the_mirror_before_any_download(intel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_kagglehub(monkeypatch, AssertionError("must not be asked"))
    monkeypatch.setenv("COLORIZE_DATA", str(intel))
    photos = data.load("intel", size=8)
    assert photos.names == ["sea/0.jpg", "forest/1.jpg", "sea/2.jpg"]  # scenes mixed, so that a slice holds all
    assert photos.scenes == ["sea", "forest", "sea"]


def test_each_set_of_one_mirror_is_found_by_its_name(
    intel: Path, landscapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert intel == landscapes  # the folder of both
    monkeypatch.setenv("COLORIZE_DATA", str(intel))
    assert len(data.load("intel", size=8)) == 3
    assert len(data.load("landscape", size=8)) == 12


def test_intel_downloaded(intel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_kagglehub(monkeypatch, intel)
    monkeypatch.delenv("COLORIZE_DATA", raising=False)
    assert len(data.load("intel", size=8)) == 3


def test_refused_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_kagglehub(monkeypatch, ConnectionError("Max retries exceeded\n" * 20))
    monkeypatch.setenv("COLORIZE_DATA", str(tmp_path))
    with pytest.raises(
        ValueError, match=r"intel: no 'seg_train/seg_train' in COLORIZE_DATA .*ConnectionError.*network"
    ):
        data.load("intel", size=8)


def test_progress_on_long_loads_alone(
    landscapes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data.load(landscapes, size=8)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sources, "LONG", 12)
    data.load(landscapes, size=8)
    assert "Reading photographs" in capsys.readouterr().err


# Faults


def found(table: object) -> set[tuple[str, str]]:
    return set(zip(table["file"], table["fault"], strict=True))  # type: ignore[index]


def test_check_finds_every_kind_of_fault(landscapes: Path) -> None:
    color_folder, gray_folder = (landscapes / "landscape Images" / kind for kind in ("color", "gray"))
    assert found(audit.check(landscapes)) == set()
    truncated(color_folder / "0.jpg", noise(0, 64))
    (color_folder / "1.jpg").write_text("not an image")
    (color_folder / "2.jpg").write_bytes(b"")
    noise(3, 20).save(color_folder / "3.jpg")
    noise(4).convert("L").save(color_folder / "4.jpg")
    (gray_folder / "5.jpg").unlink()
    (color_folder / "6.jpg").unlink()
    (color_folder / "12.jpg").write_bytes((color_folder / "11.jpg").read_bytes())
    (gray_folder / "12.jpg").write_bytes((gray_folder / "11.jpg").read_bytes())
    noise(9).point(lambda value: value * 0.9).save(color_folder / "13.jpg", quality=80)
    (gray_folder / "13.jpg").write_text("not an image")
    table = audit.check(landscapes)
    assert found(table) == {
        ("0.jpg", "truncated"),
        ("1.jpg", "not an image"),
        ("2.jpg", "empty"),
        ("3.jpg", "wrong size"),
        ("gray/3.jpg", "wrong size"),
        ("4.jpg", "gray"),
        ("5.jpg", "no gray twin"),
        ("6.jpg", "no color file"),
        ("12.jpg", "duplicate"),
        ("13.jpg", "near duplicate"),
        ("gray/13.jpg", "not an image"),
    }
    assert list(table.columns) == ["file", "fault", "detail"]
    assert list(table["file"])[-3:] == ["12.jpg", "13.jpg", "gray/13.jpg"]
    detail = dict(zip(table["file"], table["detail"], strict=True))
    assert detail["3.jpg"] == "20x20, expected 24x24"
    assert "11.jpg" in detail["12.jpg"]
    assert "9.jpg" in detail["13.jpg"]


def test_check_takes_any_sizes_where_none_is_usual(tmp_path: Path) -> None:
    for k in range(4):
        noise(k, 20 + k).save(tmp_path / f"{k}.png")
    assert audit.check(tmp_path).empty


def test_almost_gray(tmp_path: Path) -> None:
    for spread in (8, 9):
        values = np.random.default_rng(spread).integers(20, 200, (24, 24, 1)) + np.array([0, 3, spread])
        Image.fromarray(values.astype("uint8")).save(tmp_path / f"{spread}.png")
    assert found(audit.check(tmp_path)) == {("8.png", "gray")}


def test_check_of_a_folder_that_is_called_gray(tmp_path: Path) -> None:
    for name in ("color/a.jpg", "bad.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (32, 32), "red").save(tmp_path / name)
    (tmp_path / "gray").mkdir()
    (tmp_path / "gray" / "bad.jpg").write_text("no picture")
    found = audit.check(tmp_path)
    assert ("gray/bad.jpg", "not an image") in list(zip(found["file"], found["fault"], strict=True))


def test_a_path_is_a_folder_whatever_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample").mkdir()
    Image.new("RGB", (32, 32), "red").save(tmp_path / "sample" / "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert len(data.load(Path("sample"), 32)) == len(data.load("./sample", 32)) == 1
    assert len(data.load("sample", 32)) > 1


def test_check_of_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"an empty folder, expected photographs"):
        audit.check(tmp_path)


def test_check_of_the_sample() -> None:
    assert audit.check("sample").empty
    assert found(audit.check("historic")) == {(name, "gray") for name in data.load("historic", size=8).names}


# Arrays and batches


@pytest.fixture(scope="module")
def sample() -> data.Photographs:
    return data.load("sample", size=36)


def test_arrays(sample: data.Photographs) -> None:
    x, y = data.rgb_arrays(sample)
    assert x.shape == y.shape == (53, 36, 36, 3)
    assert x.dtype == y.dtype == np.float32
    assert (x[..., 0] == x[..., 1]).all()
    assert (x[..., 0] == x[..., 2]).all()
    np.testing.assert_array_equal(color.as_uint8(y), sample.rgb)
    np.testing.assert_array_equal(color.as_uint8(x[5, ..., 0]), Image.fromarray(sample.rgb[5]).convert("L"))
    x, y = data.lab_arrays(sample)
    assert (x.shape, y.shape, x.dtype) == ((53, 36, 36, 1), (53, 36, 36, 2), np.float32)
    assert 0 <= x.min() < x.max() <= 1.000001
    assert -1 <= y.min() < y.max() <= 1
    back = color.as_uint8(color.lab_to_rgb(color.merge(x * 100, y * color.CHROMA_SCALE)))
    np.testing.assert_array_equal(back, sample.rgb)
    half_x, half_y = data.lab_arrays(sample, "float16")
    assert half_x.dtype == half_y.dtype == np.float16
    assert np.abs(half_x - x).max() < 0.1 / 255


def test_gray_twins_are_preferred(landscapes: Path) -> None:
    for path in (landscapes / "landscape Images" / "gray").iterdir():
        Image.new("L", (24, 24), 77).save(path)
    assert (data.gray_of(data.load(landscapes, size=8)) == 77).all()


def test_fingerprint(sample: data.Photographs) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", data.fingerprint(sample))
    assert data.fingerprint(sample) == data.fingerprint(data.load("sample", size=36))
    changed = sample.select(slice(None))
    object.__setattr__(changed, "rgb", sample.rgb.copy())
    changed.rgb[9, 9, 9, 0] ^= 1
    assert data.fingerprint(changed) != data.fingerprint(sample)
    assert data.fingerprint(sample.select(slice(1, None))) != data.fingerprint(sample)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_batches_hold_every_photograph_once_and_in_order(count: int) -> None:
    photos = data.load("sample", 8).select(slice(count))
    batches = list(photos.batches(2))
    assert [name for batch in batches for name in batch.names] == photos.names
    assert [len(batch) for batch in batches] == [2] * (count // 2) + [1] * (count % 2)


def test_batches_show_every_photograph_once(sample: data.Photographs) -> None:
    x, y = data.lab_arrays(sample)
    shuffled = batches.Batches(x, y, 16, seed=1)
    assert [len(part) for part, _ in shuffled] == [16, 16, 16, 5]
    shown = np.concatenate([part for part, _ in shuffled])
    order = shuffled.plan().which
    np.testing.assert_array_equal(shown, x[order])
    np.testing.assert_array_equal(sorted(order), np.arange(53))
    shuffled.epoch += 1
    assert not np.array_equal(shuffled.plan().which, order)
    with pytest.raises(IndexError):
        shuffled[4]


def test_a_pass_cut_into_epochs_shows_every_photograph_once(sample: data.Photographs) -> None:
    x, y = data.lab_arrays(sample)
    cut = batches.Batches(x, y, 5, seed=1, augmentation=batches.Augmentation(True, 0.1), parts=4)
    passes = []
    for epoch in range(8):
        cut.epoch = epoch
        assert [len(part) for part, _ in cut] == [5, 5, 3]  # of 53 photographs, 13 an epoch
        passes.append(cut.plan().which)
    first, second = (np.concatenate(one) for one in (passes[:4], passes[4:]))
    assert len(np.unique(first)) == len(np.unique(second)) == 52
    assert not np.array_equal(first, second)
    whole = batches.Batches(x, y, 5, seed=1, augmentation=batches.Augmentation(True, 0.1), epoch=1).plan()
    for values, together in zip(cut.plan(), whole, strict=True):  # the last epoch: the end of the second pass
        np.testing.assert_array_equal(values, together[39:52])
    with pytest.raises(ValueError, match="53 photographs can't be shown in 54 epochs a pass; expected 53 or fewer"):
        batches.Batches(x, y, 5, seed=1, parts=54)


def test_batches_are_the_same_again(sample: data.Photographs) -> None:
    x, y = data.lab_arrays(sample)
    first, again, other = (
        batches.Batches(x, y, 8, seed, batches.Augmentation(True, 0.1), epoch=3) for seed in (5, 5, 6)
    )
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])
    assert not np.array_equal(first[0][0], other[0][0])


def test_pairs_are_augmented_together(sample: data.Photographs) -> None:
    x = color.as_float(sample.rgb)
    for photo, truth in batches.Batches(x, x.copy(), 16, seed=2, augmentation=batches.Augmentation(True), size=32):
        assert photo.shape[1:] == (32, 32, 3)
        np.testing.assert_array_equal(photo, truth)
    lightened, truth = batches.Batches(x, x, 16, seed=2, augmentation=batches.Augmentation(True, 0.3))[0]
    assert np.abs(lightened - truth).max() > 0.05  # gamma moves x alone


def test_crop_by_hand() -> None:
    ramp = np.arange(8, dtype="float32")[None, :, None].repeat(8, axis=0)  # each pixel holds its column
    half = batches.crop(ramp, np.array([0, 0.5, 1, 0.5], "float32"), False, (8, 4))
    np.testing.assert_allclose(half[0, :, 0], [4, 5, 6, 7])
    mirrored = batches.crop(ramp, np.array([0, 0.5, 1, 0.5], "float32"), True, (8, 4))
    np.testing.assert_allclose(mirrored[0, :, 0], [7, 6, 5, 4])
    doubled = batches.crop(ramp, np.array([0, 0.25, 1, 0.5], "float32"), False, (8, 8))
    np.testing.assert_allclose(doubled[0, :, 0], [1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25])


def test_a_pasted_rectangle_shows_the_photograph_before_in_x_and_y() -> None:
    numbers = np.arange(6, dtype="float32")[:, None, None, None]
    x = np.broadcast_to(numbers, (6, 20, 20, 1))  # each photograph holds its own number
    made = batches.Batches(x, -x, 6, seed=1, augmentation=batches.Augmentation(cutmix=1.0))
    (photos, truths), drawn = made[0], made.plan()
    np.testing.assert_array_equal(photos, -truths)
    for k, (top, left, height, width) in enumerate(drawn.pasted):
        before, own = drawn.which[k - 1], drawn.which[k]
        expected = np.full((20, 20), own, "float32")
        rows, columns = (
            [at for at in range(20) if first <= (at + 0.5) / 20 < first + length]
            for first, length in ((top, height), (left, width))
        )
        expected[np.ix_(rows, columns)] = before
        np.testing.assert_array_equal(photos[k, ..., 0], expected)


def test_rectangle_by_hand() -> None:
    half = np.array([[0.5, 0.2, 0.5, 0.3], [0, 0, 0, 0]], "float32")  # below the middle, from 20 to 50 % of the width
    mask = batches.rectangle_masks(half, (6, 10))
    assert mask.shape == (2, 6, 10, 1)
    expected = np.zeros((6, 10), bool)
    expected[3:, 2:5] = True
    np.testing.assert_array_equal(mask[0, ..., 0], expected)
    assert not mask[1].any()


def test_a_batch_of_one_has_nothing_to_paste(sample: data.Photographs) -> None:
    x, y = data.lab_arrays(sample)
    plain, alone = (batches.Batches(x, y, 1, 3, batches.Augmentation(cutmix=chance))[0] for chance in (0.0, 1.0))
    for one, other in zip(plain, alone, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("chance", [-0.1, 25.0])
def test_a_chance_that_is_none(chance: float) -> None:
    with pytest.raises(ValueError, match=rf"cutmix is {chance}; expected a probability, from 0 to 1"):
        batches.Augmentation(cutmix=chance)


def test_rectangles_stay_inside_and_have_all_areas() -> None:
    settings = (batches.Augmentation(True, 0.2, 0.5, cutmix=chance) for chance in (0, 0.25))
    plain, drawn = (batches.plan(4000, 0, 0, one) for one in settings)
    assert not plain.pasted.any()
    for one, other in zip(plain[:-1], drawn[:-1], strict=True):  # what earlier recipes draw stays as it is
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(drawn.pasted[:, 2], drawn.pasted[:, 3])
    assert (drawn.pasted[:, :2] >= 0).all()
    assert (drawn.pasted[:, :2] + drawn.pasted[:, 2:] <= 1 + 1e-6).all()
    areas = drawn.pasted[:, 2] * drawn.pasted[:, 3]
    assert 0.22 < (areas > 0).mean() < 0.28
    tenths = np.quantile(areas[areas > 0], [0.1, 0.5, 0.9])
    np.testing.assert_allclose(tenths, [0.1, 0.5, 0.9], atol=0.04)


def test_crops_stay_inside_and_large() -> None:
    plan = batches.plan(2000, seed=0, epoch=0, augmentation=batches.Augmentation(True))
    assert (plan.box[:, :2] >= 0).all()
    assert (plan.box[:, :2] + plan.box[:, 2:] <= 1 + 1e-6).all()
    side = np.sqrt(plan.box[:, 2] * plan.box[:, 3])
    assert 0.6 < side.min() < 0.7
    assert side.max() > 0.97
    assert 0.4 < plan.flip.mean() < 0.6
    smaller = batches.plan(2000, seed=0, epoch=0, augmentation=batches.Augmentation(True, smallest=0.5))
    assert 0.45 < np.sqrt(smaller.box[:, 2] * smaller.box[:, 3]).min() < 0.55
    np.testing.assert_array_equal(smaller.which, plan.which)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"augmentation": batches.Augmentation(True)},
        {"augmentation": batches.Augmentation(True, 0.15), "size": 32},
        {"augmentation": batches.Augmentation(True, 0.15, 0.5), "size": 32},
        {"augmentation": batches.Augmentation(True, 0.15, cutmix=0.5), "size": 32},
        {"size": 24},
    ],
    ids=str,
)
def test_both_paths_give_the_same_batches(sample: data.Photographs, options: dict[str, object]) -> None:
    x, y = data.lab_arrays(sample)
    arrays = list(batches.Batches(x, y, 16, seed=4, epoch=2, **options))  # type: ignore[arg-type]
    tensors = batches.pipeline(batches.Batches(x, y, 16, seed=4, epoch=2, **options))  # type: ignore[arg-type]
    for _ in range(2):  # the second time from the cache
        compared = 0
        for (photo, truth), (tf_photo, tf_truth) in zip(arrays, tensors, strict=True):
            np.testing.assert_allclose(tf_photo.numpy(), photo, atol=1e-5)
            np.testing.assert_allclose(tf_truth.numpy(), truth, atol=1e-5)
            compared += len(photo)
        assert compared == 53


def test_arrays_that_do_not_pair() -> None:
    with pytest.raises(ValueError, match=r"x \(3, 8, 8, 1\) and y \(4, 8, 8, 2\) don't pair"):
        batches.Batches(np.zeros((3, 8, 8, 1)), np.zeros((4, 8, 8, 2)), 2, seed=0)


def test_arrays_need_no_tensorflow() -> None:
    script = """
import json, sys
from colorize_lib import data
from colorize_lib.data import audit, batches, reading
photos = data.load("sample", size=8)
list(batches.Batches(*data.lab_arrays(photos), 16, seed=0, augmentation=batches.Augmentation(True)))
data.rgb_arrays(photos), data.split(photos), data.fingerprint(photos), audit.check("historic")
print(json.dumps([name for name in ("tensorflow", "keras", "torch", "jax") if name in sys.modules]))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout.splitlines()[-1]) == []


# The sample


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with open(SAMPLE / "ATTRIBUTION.csv", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_picture_is_credited_and_every_credit_has_a_picture(rows: list[dict[str, str]]) -> None:
    names = [row["file"] for row in rows]
    pictures = {path.name for path in SAMPLE.iterdir()} - {"ATTRIBUTION.csv", "LICENSES.md", "large"}
    assert sorted(names) == sorted(pictures)
    assert sum(row["set"] == "color" for row in rows) == 53
    assert sum(row["set"] == "historic" for row in rows) == 3
    for row in rows:
        assert all(row[key].strip() for key in row if key != "year"), row["file"]
        assert row["license"] in LICENSES
        assert re.fullmatch(r"(\d{4}(-\d{4})?)?", row["year"])
        address = row["source"].split()[0]
        assert row["set"] == "historic" or urlparse(address).scheme == "https"
    assert len({row["title"] for row in rows}) == len(rows)


def test_licenses_name_every_file_under_its_license(rows: list[dict[str, str]]) -> None:
    sections = re.split(r"^## ", (SAMPLE / "LICENSES.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    listed = {section.splitlines()[0]: set(re.findall(r"`([\w.-]+\.(?:jpg|webp))`", section)) for section in sections}
    assert all("<https://creativecommons.org/" in section for section in sections)
    assert set(listed) == LICENSES
    for license_name, pictures in listed.items():
        assert pictures == {row["file"] for row in rows if row["license"] == license_name}


def test_large_pictures_are_those_of_the_sample_and_credited(rows: list[dict[str, str]]) -> None:
    larger = {path.name for path in (SAMPLE / "large").iterdir()}
    assert larger == {row["file"] for row in rows if "320 and 640 pixels" in row["changes"]}
    for row in rows:
        with Image.open(sources.large(row["file"])) as large, Image.open(SAMPLE / row["file"]) as small:
            assert max(large.size) == (640 if row["file"] in larger else 320)
            again = np.asarray(large.convert("RGB").resize(small.size, Image.Resampling.LANCZOS), int)
            assert np.abs(again - np.asarray(small.convert("RGB"))).mean() < 3, row["file"]


def test_photographs_for_showing_are_the_same_ones_larger() -> None:
    sample = data.load("sample")
    few = sample.select([40, 3, 17])
    larger = data.for_showing(few)
    assert (larger.names, larger.titles, larger.credits) == (few.names, few.titles, few.credits)
    np.testing.assert_array_equal(larger.rgb, data.load("sample", data.SHOWN).rgb[[40, 3, 17]])
    assert data.fingerprint(sample) == data.fingerprint(data.load("sample"))


def test_sample_is_small(rows: list[dict[str, str]]) -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 3e6
    for row in rows:
        with Image.open(SAMPLE / row["file"]) as image:
            assert max(image.size) == 320, row["file"]


def test_sample_and_historic() -> None:
    photos = data.load("sample", size=16)
    assert (len(photos), photos.total, photos.faults, photos.gray) == (53, 53, [], None)
    assert photos.names == sorted(photos.names, key=sources.natural_key)
    at = photos.names.index("arc_de_triomphe_du_carrousel.webp")
    assert photos.titles[at] == "Arc de Triomphe du Carrousel, Paris"
    assert photos.credits is not None
    assert photos.credits[at].startswith(
        "Arc de Triomphe du Carrousel, Paris. Markus Mark (2009). Public domain. https:"
    )
    assert [len(part) for part in data.split(photos).values()] == [44, 4, 5]
    historic = data.load("historic", size=16)
    assert len(historic) == 3
    assert (historic.rgb == historic.rgb[..., :1]).all()


def test_the_data_set_card_tells_the_bias_as_it_is() -> None:
    photos = data.load("sample")
    upper = np.array([color.rgb_to_lab(rgb)[: 128 // 3, :, 2].mean() for rgb in photos.rgb])
    card = (CHECKOUT / "data" / "README.md").read_text(encoding="utf-8")
    assert f"In {(upper < -5).sum()} of the 53 the" in card
    assert f"colorfulness is {metrics.colorfulness(photos.rgb).mean():.1f}, against" in card


def test_make_sample(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_sample", CHECKOUT / "data" / "make_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    noise(1, 500).resize((500, 300)).save(tmp_path / "large.png", icc_profile=display_p3())
    module.make(tmp_path / "large.png", tmp_path / "small.jpg", gray=False)
    module.make(tmp_path / "large.png", tmp_path / "gray.jpg", gray=True)
    noise(2).save(tmp_path / "a.webp")
    module.make(tmp_path / "a.webp", tmp_path / "b.webp", gray=False)
    with Image.open(tmp_path / "small.jpg") as small, Image.open(tmp_path / "gray.jpg") as gray:
        assert (small.size, small.mode, gray.mode) == ((320, 192), "RGB", "L")
        assert "icc_profile" not in small.info
    with Image.open(tmp_path / "large" / "small.jpg") as large:
        assert large.size == (500, 300), "never enlarged"
    assert (tmp_path / "b.webp").read_bytes() == (tmp_path / "a.webp").read_bytes()


# The Intel scenes in the Landscape layout, where they are at hand


def mirror() -> Path | None:
    """The folder that COLORIZE_DATA names, or one near the checkout, if it holds the landscapes."""
    named = os.environ.get("COLORIZE_DATA")
    near = CHECKOUT.parent.glob(f"*/*/{sources.LAYOUTS['landscape']}")
    candidates = [Path(named)] if named else [folder.parent for folder in near]
    return next((root for root in candidates if (root / sources.LAYOUTS["landscape"]).is_dir()), None)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Path:
    root = mirror()
    if root is None:
        pytest.skip("no landscapes: COLORIZE_DATA names no folder with 'landscape Images'; measured figures unchecked")
    monkeypatch.setenv("COLORIZE_DATA", str(root))
    return root


def test_landscapes_load(full: Path) -> None:
    assert full.is_dir()
    photos = data.load("landscape", size=32, first=6480, last=6520)
    assert photos.total == 7129
    assert (photos.names[0], photos.faults) == ("6480.jpg", [])
    assert photos.scenes is not None
    assert set(photos.scenes) <= {"buildings", "forest", "glacier", "mountain", "sea", "street"}
    assert [len(part) for part in data.split(photos).values()] == [0, 20, 20]


def test_landscapes_faults(full: Path) -> None:
    entries = [entry for entry in sources.find(str(full)) if entry.name in KNOWN]
    assert len(entries) == len(KNOWN)
    seen: list[tuple[str, str, str]] = []
    looks = [look for look in (audit._look(entry, seen) for entry in entries) if look]
    assert seen == []
    grays = {name for name, _, _ in audit._grays(looks)}
    near = {name for name, _, _ in audit._near_duplicates(looks)}
    assert grays == {name for name, fault in KNOWN.items() if fault == "gray"}
    assert near == {name for name, fault in KNOWN.items() if fault == "near duplicate"}


KNOWN = {  # a few of the rows that `check` gives for the whole set, and pictures close to its limits
    "567.jpg": "gray",
    "6542.jpg": "gray",
    "4094.jpg": "gray",
    "6706.jpg": "",
    "921.jpg": "",
    "3843.jpg": "",
    "6045.jpg": "near duplicate",
    "2081.jpg": "",
    "4000.jpg": "near duplicate",
    "4045.jpg": "",
    "5369.jpg": "",
    "4629.jpg": "",
    "5530.jpg": "",
}
