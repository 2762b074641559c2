"""Photographs as they come: turned, damaged, oddly stored. Right, or one sentence; nothing lost or overwritten."""

import importlib.util
import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import photographs as made
import pytest
from PIL import Image, ImageCms, ImageFile, TiffImagePlugin

from colorize_lib import cli, data
from colorize_lib.data import metadata, reading
from colorize_lib.photo import colorizer, writer

SHARED = Path(__file__).resolve().parents[2] / "shared" / "faulty_files"
FORMATS = (".jpg", ".png", ".webp", ".tif")  # those that hold metadata
Caught = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and a colorizer that needs no network."""
    monkeypatch.setattr(colorizer.Colorizer, "predict_ab", lambda self, rgb, asked: np.full((2, 2, 2), -30, "float32"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def blue(here: Path) -> colorizer.Colorizer:
    return colorizer.Colorizer("ours")


def opened(content: bytes, path: Path) -> reading.Photo:
    path.write_bytes(content)
    return reading.read(path)


def pixels(content: bytes, path: Path) -> np.ndarray:
    return np.asarray(opened(content, path).image).astype(int)


# Pixels: the right way up, as bright as they were


@pytest.mark.parametrize("compression", [None, "packbits", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_a_tiff_is_turned_whole(tmp_path: Path, mode: str, compression: str | None) -> None:
    if mode == "YCbCr" and compression:
        pytest.skip("libtiff packs YCbCr with JPEG alone")
    image = made.scene(mode)
    upright = opened(made.saved(image, "TIFF", compression=compression), tmp_path / "upright.tif").image
    for orientation in made.ORIENTATIONS:
        file = made.saved(image, "TIFF", compression=compression, exif=made.turned(orientation))
        photo = opened(file, tmp_path / "turned.tif").image
        turn = reading.TURNS.get(orientation)
        expected = upright.transpose(turn) if turn is not None else upright
        assert photo.size == (made.SIZE if orientation < 5 else made.SIZE[::-1])
        np.testing.assert_array_equal(np.asarray(photo), np.asarray(expected), f"orientation {orientation}")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "BigTIFF"])
def test_every_format_is_turned(tmp_path: Path, kind: str) -> None:
    # Where EXIF's orientation says that the first row and the first column of the pixels are (CIPA DC-008).
    corners = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    for orientation, (row, column) in corners.items():
        if kind == "BigTIFF":
            file = made.big_tiff(np.asarray(made.scene("L")), orientation)
        else:
            options = {"lossless": True} if kind == "WEBP" else {}
            file = made.saved(made.scene(), kind, exif=made.turned(orientation), **options)
        photo = opened(file, tmp_path / "turned").image.convert("L")
        corner_pixels = np.asarray(photo)
        assert photo.size == (made.SIZE if orientation < 5 else made.SIZE[::-1])
        assert corner_pixels[row, column] < 20, orientation
        others = [corner_pixels[r, c] for r in (0, -1) for c in (0, -1) if (r, c) != (row, column)]
        assert min(others) > 40, orientation


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 4, 8, 12, 16])
@pytest.mark.parametrize("photometric", [0, 1])
def test_gray_tiffs_are_as_bright_as_they_say(
    tmp_path: Path, bits: int, order: str, photometric: int, packed: bool
) -> None:
    most = 2**bits - 1
    samples = (np.arange(13 * 9).reshape(9, 13) * most // (13 * 9 - 1)).astype("uint32")
    light = samples if photometric else most - samples
    path = tmp_path / "gray.tif"
    path.write_bytes(made.tiff(order, samples, bits, photometric, packed))
    found = np.asarray(reading.open_photo(path).convert("L")).astype(int)
    np.testing.assert_allclose(found, light * 255 / most, atol=0.51)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("color_type", [0, 2], ids=["gray", "color"])
def test_the_transparent_color_of_a_png(tmp_path: Path, depth: int, color_type: int) -> None:
    if color_type == 2 and depth < 8:
        pytest.skip("PNG has no such files")
    rng = np.random.default_rng(0)
    samples = rng.integers(0, 2**depth, (9, 13) if color_type == 0 else (9, 13, 3))
    key = samples[4, 5].reshape(-1)
    file = made.png(samples, depth, color_type, made.chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)))
    photo = opened(file, tmp_path / "key.png").image
    clear = (samples.reshape(9, 13, -1) == key).all(axis=-1)
    assert photo.mode in ("LA", "RGBA")
    np.testing.assert_array_equal(np.asarray(photo.getchannel("A")) == 0, clear)


@pytest.mark.parametrize("gamma", [1.0, 0.8, 0.45455, 0.3])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_a_png_that_says_its_gamma_is_shown_so(tmp_path: Path, mode: str, gamma: float) -> None:
    image = made.scene(mode)
    said = made.chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))
    plain = pixels(made.saved(image, "PNG"), tmp_path / "plain.png")
    shown = pixels(made.with_chunks(made.saved(image, "PNG"), said), tmp_path / "gamma.png")
    expected = 255 * (plain / 255) ** (1 / (2.2 * gamma)) if gamma != 0.45455 else plain.astype(float)
    if mode == "RGBA":
        expected[..., 3] = plain[..., 3]
    np.testing.assert_allclose(shown, expected, atol=0.51)
    srgb = made.chunk(b"sRGB", b"\0")  # says more than the gamma
    both = pixels(made.with_chunks(made.saved(image, "PNG"), said, srgb), tmp_path / "both.png")
    np.testing.assert_array_equal(both, plain)


def test_lab_stored_as_lab(tmp_path: Path) -> None:
    image = made.scene()
    srgb, lab = (ImageCms.createProfile(name) for name in ("sRGB", "LAB"))
    stored = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    read = pixels(made.saved(stored, "TIFF", exif=made.turned(6)), tmp_path / "lab.tif")
    apart = np.abs(read - np.asarray(image.transpose(reading.TURNS[6])).astype(int))
    assert apart.mean() < 2  # 8 bits of Lab are coarse where a color is strong


# Notes: damaged ones cost no pixels, credits stay to the byte

ODD_ENTRIES = {  # tag, kind, count, value beside a sound orientation
    "resolution unit as text": (0x0128, 2, 2, b"2\0"),
    "resolution without a denominator": (0x011A, 5, 1, struct.pack("<II", 300, 0)),
    "a kind that isn't known": (0x0132, 99, 7, b"2026:05"),
    "a value beyond the end": (0x0132, 2, 9999, b"\xff\xff\xff\x7f....."),
    "a huge count": (0x0110, 2, 2**32 - 1, b"abc\0defg"),
    "orientation twice": (0x0112, 3, 1, b"\x03\0"),
    "no value": (0x010F, 2, 0, b""),
    "a folder that leads nowhere": (0x8769, 4, 1, b"\xff\xff\xff\xff"),
    "a folder as text": (0x8769, 2, 4, b"here"),
    "a folder that leads to itself": (0x8769, 4, 1, b"\x08\0\0\0"),
}


@pytest.mark.parametrize("name", ODD_ENTRIES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_odd_tags_cost_neither_pixels_nor_the_turn(blue: colorizer.Colorizer, kind: str, name: str) -> None:
    if kind == "TIFF":
        tag, type_, count, value = ODD_ENTRIES[name]
        file = tiff_with(tag, type_, count, value)
    else:
        block = made.exif("<", (0x0112, 3, 1, b"\x06\0"), ODD_ENTRIES[name])
        file = made.saved(made.scene(), kind, exif=block)
    Path("in").write_bytes(file)
    written = blue.colorize_file("in", "out.png")
    with Image.open("out.png") as image:
        assert image.size == made.SIZE[::-1]
    assert set(written.notes) <= {"damaged metadata are left out", f"{kind} became PNG"}


def tiff_with(tag: int, kind: int, count: int, value: bytes) -> bytes:
    """Return a turned TIFF with one more tag, whose value stands at the end of the file if it is long."""
    file = bytearray(made.tiff("<", np.asarray(made.scene("L")).astype(int), 8, 1, False, (274, 3, 6)))
    (at,) = struct.unpack_from("<I", file, 4)
    (entries,) = struct.unpack_from("<H", file, at)
    place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", len(file) + 12)
    entry = struct.pack("<HHI", tag, kind, count) + place
    struct.pack_into("<H", file, at, entries + 1)
    end = at + 2 + 12 * entries
    return bytes(file[:end] + entry + file[end:] + value)


DAMAGED_CHUNKS = {
    "broken EXIF": made.chunk(b"eXIf", b"no tags at all"),
    "broken raw profile": made.chunk(b"tEXt", b"Raw profile type exif\0\nexif\n   9\nzz"),
    "broken compressed text": made.chunk(b"zTXt", b"Comment\0\0no deflate"),
    "unknown compression": made.chunk(b"zTXt", b"Comment\0\x07" + zlib.compress(b"a")),
    "text of 3 MB": made.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))),
    "text that fills the memory": made.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60_000_000))),
    "many long texts": b"".join(made.chunk(b"tEXt", b"Comment\0" + b"x" * 900_000) for _ in range(80)),
    "wrong checksum": made.chunk(b"tEXt", b"Comment\0a")[:-1] + b"?",
    "broken profile": made.chunk(b"iCCP", b"icc\0\0no deflate"),
    "short gamma": made.chunk(b"gAMA", b"\0"),
    "short resolution": made.chunk(b"pHYs", b"\0\0"),
    "short animation": made.chunk(b"acTL", b"\0"),
    "frames that don't fit": made.chunk(b"acTL", struct.pack(">II", 2, 0)) + made.chunk(b"fcTL", b"\xff" * 26),
}


@pytest.mark.parametrize("name", DAMAGED_CHUNKS)
def test_damaged_chunks_of_a_png_cost_no_pixels(blue: colorizer.Colorizer, name: str) -> None:
    plain = made.saved(made.scene(), "PNG")
    odd = pixels(made.with_chunks(plain, DAMAGED_CHUNKS[name]), Path("odd.png"))
    np.testing.assert_array_equal(odd, pixels(plain, Path("plain.png")))
    (note,) = blue.colorize_file("odd.png", "out.png").notes
    assert re.search("damaged metadata are left out|metadata beyond 60,000 bytes are left out|first of 2 frames", note)
    with Image.open("out.png") as image:  # what was odd isn't handed on
        image.load()
        assert image.size == made.SIZE


def test_training_reads_photographs_with_damaged_notes(tmp_path: Path, capsys: Caught) -> None:
    for number, damage in enumerate(DAMAGED_CHUNKS.values()):
        (tmp_path / f"{number}.png").write_bytes(made.with_chunks(made.saved(made.scene(), "PNG"), damage))
    assert len(data.load(tmp_path, 16)) == len(DAMAGED_CHUNKS)
    assert capsys.readouterr().out == ""


CREDITS = {
    "ASCII": (2, b"Ann Example"),
    "UTF-8": (2, "Jos\u00e9 M\u00fcller, \u6771\u4eac".encode()),
    "Latin-1": (2, b"Jos\xe9 M\xfcller"),
    "bytes": (7, b"Jos\xe9 \xff\xfe M\xfcller"),
    "numbers": (1, b"Jos\xe9 Mueller"),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", CREDITS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_credits_go_through_to_the_byte(blue: colorizer.Colorizer, kind: str, name: str, order: str) -> None:
    way, text = CREDITS[name]
    tags = (metadata.DESCRIPTION, metadata.ARTIST, metadata.COPYRIGHT)
    values = {tag: text + f", tag {tag}".encode() for tag in tags}
    if kind == "TIFF":
        folder = TiffImagePlugin.ImageFileDirectory_v2(b"II*\0\0\0\0\0" if order == "<" else b"MM\0*\0\0\0\0")
        for tag, value in values.items():
            folder[tag], folder.tagtype[tag] = value, way
        file = made.saved(made.scene(), "TIFF", tiffinfo=folder)
    else:
        file = made.saved(
            made.scene(), kind, exif=made.exif(order, *((tag, way, len(v) + 1, v + b"\0") for tag, v in values.items()))
        )
    Path("in").write_bytes(file)
    for ending in FORMATS:
        target = Path(f"out{ending}")
        blue.colorize_file("in", target)
        kept = target.read_bytes()
        for value in values.values():
            assert value in kept, ending
        with Image.open(target) as image:
            image.load()
            assert "Colorized" in str(image.getexif()[metadata.DESCRIPTION])
            assert str(image.getexif()[metadata.SOFTWARE]).startswith("colorize-lib")


def test_credits_in_the_texts_of_a_png(blue: colorizer.Colorizer) -> None:
    texts = {
        b"Author": made.chunk(b"tEXt", b"Author\0Jos\xe9"),
        b"Copyright": made.chunk(b"iTXt", b"Copyright\0\0\0de\0\0\xc2\xa9 2020"),
        b"Title": made.chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"The harbor")),
    }
    Path("in.png").write_bytes(made.with_chunks(made.saved(made.scene(), "PNG"), *texts.values()))
    for ending in FORMATS:
        target = Path(f"out{ending}")
        blue.colorize_file("in.png", target)
        assert b"Jos\xe9" in target.read_bytes()
        assert b"\xc2\xa9 2020" in target.read_bytes()
    assert all(text in Path("out.png").read_bytes() for text in texts.values())


@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize("dpi", [(300, 300), (600, 150), (72.5, 96)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_resolution_stays(blue: colorizer.Colorizer, kind: str, dpi: tuple[float, float], turned: int) -> None:
    if kind == "WEBP":
        rational = [struct.pack("<II", round(value * 10), 10) for value in dpi]
        entries = [(0x0112, 3, 1, bytes([turned, 0])), (0x011A, 5, 1, rational[0]), (0x011B, 5, 1, rational[1])]
        file = made.saved(made.scene(), kind, exif=made.exif("<", *entries))
    else:
        file = made.saved(made.scene(), kind, dpi=dpi, **({} if kind == "BMP" else {"exif": made.turned(turned)}))
    Path("in").write_bytes(file)
    wanted = dpi[::-1] if turned == 6 and kind != "BMP" else dpi
    for ending in (".jpg", ".png", ".tif", ".bmp"):
        blue.colorize_file("in", f"out{ending}")
        with Image.open(f"out{ending}") as image:
            np.testing.assert_allclose([float(value) for value in image.info["dpi"]], wanted, atol=0.6)
        Path(f"out{ending}").unlink()


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder of faulty files beside this checkout")
def test_the_shared_files_come_out_right(here: Path, capsys: Caught) -> None:
    assert cli.main(["photo", str(SHARED), "-o", "out"]) == cli.FAILED
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert "fake.heic: a HEIC file" in line
    assert "im_exif_broken.png (damaged metadata are left out)" in said.out
    assert len(list(Path("out").iterdir())) == len(list(SHARED.iterdir())) - 2  # but for the README and the HEIC
    for name in ("gray_turned.tif", "orient5.tif", "unit_as_text.jpg"):
        with Image.open(Path("out", name)) as image:
            assert image.size == (48, 64)
    with Image.open("out/dpi300.jpg") as image:
        assert image.info["dpi"] == (300, 300)
    with Image.open("out/bits12.tif") as image:
        assert np.asarray(image.convert("L")).mean() > 80


# Names: nothing is overwritten but results


@pytest.mark.parametrize("ending", [*FORMATS, ".gif", ".bmp", ".txt"])
def test_a_foreign_file_stays_and_is_named(here: Path, capsys: Caught, ending: str) -> None:
    """The result of `in/scan` would have the name of another file."""
    Path("in").mkdir()
    kind = {".jpg": "JPEG", ".webp": "WEBP", ".tif": "TIFF"}.get(ending, "PNG")
    suffix = ending if ending in FORMATS else ".png"
    Path(f"in/scan{suffix}").write_bytes(made.saved(made.scene(), kind))
    foreign = Path(f"out/scan{suffix}")
    foreign.parent.mkdir()
    foreign.write_bytes(made.saved(made.scene("L"), kind) if ending in FORMATS else b"a letter")
    before = foreign.read_bytes()
    for _ in range(2):  # the second run replaces its own result, and nothing else
        assert cli.main(["photo", "in", "-o", "out"]) == cli.DONE
        said = capsys.readouterr().out
        assert f"out/scan-2{suffix} (scan{suffix} was there and is no result of the course, so it stays)" in said
        assert foreign.read_bytes() == before
        assert sorted(path.name for path in foreign.parent.iterdir()) == [f"scan-2{suffix}", f"scan{suffix}"]
    assert cli.main(["photo", f"in/scan{suffix}", "-o", str(foreign)]) == cli.FAILED
    assert "is there already and is no result of the course" in capsys.readouterr().err
    assert foreign.read_bytes() == before


def test_a_format_without_room_for_the_stamp_says_so_the_second_time(here: Path, capsys: Caught) -> None:
    """A BMP can't be told from any other, so a second run doesn't replace it, and calls it nothing that it isn't."""
    Path("scan.png").write_bytes(made.saved(made.scene(), "PNG"))
    assert cli.main(["photo", "scan.png", "-o", "colored.bmp"]) == cli.DONE
    before = Path("colored.bmp").read_bytes()
    capsys.readouterr()
    assert cli.main(["photo", "scan.png", "-o", "colored.bmp"]) == cli.FAILED
    said = capsys.readouterr().err
    assert "a BMP file can't say whether it is a result of the course" in said
    assert "is no result" not in said
    assert Path("colored.bmp").read_bytes() == before


def test_a_scan_and_the_photograph_beside_it(here: Path) -> None:
    Path("scan.gif").write_bytes(made.saved(made.scene("P"), "GIF"))
    Path("scan.png").write_bytes(made.saved(made.scene(), "PNG"))
    before = Path("scan.png").read_bytes()
    assert cli.main(["photo", "scan.gif", "-o", "."]) == cli.DONE
    assert Path("scan.png").read_bytes() == before
    assert Path("scan-2.png").is_file()


@pytest.mark.parametrize("ending", FORMATS)
def test_results_are_known_by_their_stamp(blue: colorizer.Colorizer, ending: str) -> None:
    Path("in.png").write_bytes(made.saved(made.scene(), "PNG"))
    target = Path(f"out{ending}")
    blue.colorize_file("in.png", target)
    assert writer.is_result(target)
    blue.colorize_file("in.png", target)
    assert not writer.is_result(Path("in.png"))
    assert not writer.is_result(Path("nothing.png"))


def test_a_foreign_half_written_file_stays(here: Path) -> None:
    Path("in.jpg").write_bytes(made.saved(made.scene(), "JPEG"))
    foreign = {name: Path(name) for name in ("out.jpg.part", "out.jpg.0123abcd.part")}
    for path in foreign.values():
        path.write_text("mine")
    assert cli.main(["photo", "in.jpg", "-o", "out.jpg"]) == cli.DONE
    assert [path.read_text() for path in foreign.values()] == ["mine", "mine"]
    assert len(list(here.iterdir())) == 4


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\u6771"])
@pytest.mark.parametrize("length", [200, 251, 252, 254, 255])
def test_names_as_long_as_they_can_be(here: Path, length: int, letter: str) -> None:
    stem = letter * ((length - 4) // len(letter.encode()))
    name = f"{stem}{'x' * (length - 4 - len(stem.encode()))}.png"
    Path("in").mkdir()
    Path("in", name).write_bytes(made.saved(made.scene(), "PNG"))
    assert cli.main(["photo", "in", "-o", "out"]) == cli.DONE
    assert [path.name for path in Path("out").iterdir()] == [name]


def test_a_name_that_is_too_long_gets_its_own_advice(here: Path, capsys: Caught) -> None:
    Path("in.png").write_bytes(made.saved(made.scene(), "PNG"))
    assert cli.main(["photo", "in.png", "-o", "x" * 300 + ".png"]) == cli.FAILED
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "name too long; choose" in said
    assert "[Errno" not in said


@pytest.mark.parametrize(("ending", "longest"), [(".webp", 16_383), (".jpg", 65_500)])
def test_a_picture_too_long_for_its_format_is_sent_to_png(
    here: Path, capsys: Caught, ending: str, longest: int
) -> None:
    Path("in.png").write_bytes(made.saved(Image.new("L", (longest + 1, 1)), "PNG"))
    assert cli.main(["photo", "in.png", "-o", f"out{ending}"]) == cli.FAILED
    assert f"holds at most {longest:,}; write a .png." in capsys.readouterr().err
    Path("fits.png").write_bytes(made.saved(Image.new("L", (longest, 1)), "PNG"))
    assert cli.main(["photo", "fits.png", "-o", f"fits{ending}"]) == cli.DONE


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "P"])
def test_bitmaps_in_a_folder_become_png(here: Path, mode: str) -> None:
    Path("in").mkdir()
    Path("in/a.bmp").write_bytes(made.saved(made.scene(mode), "BMP"))
    for _ in range(2):
        assert cli.main(["photo", "in", "-o", "out"]) == cli.DONE
        assert [path.name for path in Path("out").iterdir()] == ["a.png"]


RUNS = """
import sys, numpy as np
from colorize_lib import cli
from colorize_lib.photo import colorizer
colorizer.Colorizer.predict_ab = lambda self, rgb, asked: np.full((2, 2, 2), -30, "float32")
raise SystemExit(cli.main(["photo", "in", "-o", "out"]))
"""


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.long)])
def test_two_runs_at_once_into_one_folder(here: Path, times: int) -> None:
    Path("in").mkdir()
    for number in range(10):
        for kind, ending in (("PNG", ".png"), ("JPEG", ".jpg"), ("TIFF", ".tif"), ("WEBP", ".webp")):
            Path(f"in/{number}{ending}").write_bytes(made.saved(made.scene(size=(60, 40)), kind))
    for _ in range(times):
        runs = [
            subprocess.Popen([sys.executable, "-c", RUNS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [run.communicate() for run in runs]
        assert [run.returncode for run in runs] == [0, 0], said
        assert [error for _, error in said] == ["", ""]
        assert len(list(Path("out").iterdir())) == 40
        for path in Path("out").iterdir():
            assert writer.is_result(path)
            with Image.open(path) as image:
                image.load()


# Folders


def test_links_are_followed_once(here: Path, capsys: Caught) -> None:
    for name in ("elsewhere/a.png", "in/b.png", "in/sub/c.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(made.saved(made.scene(), "PNG"))
    Path("in/linked").symlink_to(here / "elsewhere")
    Path("in/d.png").symlink_to(here / "elsewhere" / "a.png")
    Path("in/sub/loop").symlink_to(here / "in")
    Path("in/nowhere.png").symlink_to("nothing")
    os.mkfifo("in/pipe.jpg")
    assert cli.main(["photo", "in", "-o", "out"]) == cli.DONE
    said = capsys.readouterr().out
    assert "in/nowhere.png: passed over" in said
    assert "in/pipe.jpg: passed over" in said
    results = {str(path.relative_to("out")) for path in Path("out").rglob("*.*")}
    assert results == {"b.png", "sub/c.png", "d.png"}  # d.png and linked/a.png are one photograph
    photos = data.load("in", 16)
    assert set(photos.names) == {"b.png", "sub/c.png", "d.png", "linked/a.png"}
    assert [name for name, _ in photos.faults] == ["nowhere.png", "pipe.jpg"]


def test_a_folder_that_cannot_be_read_fails(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    Path("in/closed").mkdir(parents=True)
    Path("in/a.png").write_bytes(made.saved(made.scene(), "PNG"))
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):  # root may read every folder
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert cli.main(["photo", "in", "-o", "out"]) == cli.FAILED
    said = capsys.readouterr()
    assert "in/closed: a folder that can't be read (Permission denied)" in said.err
    assert "1 colorized, 1 failed" in said.out
    with pytest.raises(ValueError, match=r"in/closed: a folder that can't be read \(Permission denied\)"):
        data.load("in", 16)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevc"])
def test_a_heic_file_is_called_one(here: Path, capsys: Caught, brand: bytes) -> None:
    Path("in").mkdir()
    Path("in/phone.heic").write_bytes(struct.pack(">I", 24) + b"ftyp" + brand + bytes(12) + bytes(99))
    assert cli.main(["photo", "in", "-o", "out"]) == cli.FAILED
    said = capsys.readouterr().err
    assert "phone.heic: a HEIC file, which can't be read here" in said
    assert "save the photograph as JPEG" in said


def test_a_decoder_of_heic_is_used_where_it_is_installed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = struct.pack(">I", 24) + b"ftypheic"

    class Decoded(ImageFile.ImageFile):
        format = "HEIF"

        def _open(self) -> None:
            self._size, self._mode = made.SIZE, "RGB"
            self.info["exif"] = made.credited()
            self.tile = [ImageFile._Tile("raw", (0, 0, *made.SIZE), 24, ("RGB", 0, 1))]

    def register() -> None:
        Image.register_open("HEIF", Decoded, lambda prefix: prefix.startswith(head))

    for known in ("ID", "OPEN"):
        monkeypatch.setattr(Image, known, getattr(Image, known).copy())
    monkeypatch.setitem(sys.modules, "pi_heif", SimpleNamespace(register_heif_opener=register))
    Path("in").mkdir()
    Path("in/phone.heic").write_bytes(head + bytes(12) + made.scene().tobytes())
    assert cli.main(["photo", "in", "-o", "out"]) == cli.DONE
    with Image.open("out/phone.png") as image:
        assert image.size == made.SIZE[::-1]


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000"])
def test_formats_that_pillow_only_reads_become_png(here: Path, kind: str, capsys: Caught) -> None:
    ending = {"AVIF": ".avif", "JPEG2000": ".jp2"}[kind]
    Path("in").mkdir()
    Path(f"in/a{ending}").write_bytes(made.saved(made.scene(), kind))
    Path(f"in/cut{ending}").write_bytes(made.saved(made.scene(), kind)[:60])
    assert cli.main(["photo", "in", "-o", "out"]) == cli.FAILED
    assert [path.name for path in Path("out").iterdir()] == ["a.png"]
    (line,) = capsys.readouterr().err.splitlines()
    assert f"cut{ending}: " in line
    assert "for the result" not in line


# The command in a shell

BLUE = RUNS.split("raise SystemExit")[0]


def shell(command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of bash in which `$colorize` is the command with a colorizer that needs no network."""
    Path("colorize.py").write_text(BLUE + "raise SystemExit(cli.main())\n")
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=os.environ | {"colorize": f"{sys.executable} colorize.py"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        "$colorize photo in -o out 2>&-",
        "$colorize photo in -o out >&-",
        "$colorize photo in -o out <&- >&- 2>&-",
        "$colorize photo in -o out | head -1",
        "$colorize photo in -o out 2>&1 | true",
        "MPLBACKEND=nonsense $colorize photo in -o out",
    ],
)
def test_what_hears_the_command_does_not_stop_it(here: Path, command: str) -> None:
    Path("in").mkdir()
    for number in (1, 2, 3):
        Path(f"in/{number}.png").write_bytes(made.saved(made.scene(), "PNG"))
    done = shell(command)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(Path("out").iterdir())) == 3


def test_a_pipe_and_a_name_with_a_dash(here: Path) -> None:
    Path("-dash.png").write_bytes(made.saved(made.scene(), "PNG"))
    for command in (
        "cat < ./-dash.png | $colorize photo /dev/stdin -o 1.png",
        "$colorize photo /dev/stdin -o 2.png < ./-dash.png",
        "$colorize photo <(cat ./-dash.png) -o 3.png",
        "$colorize photo -dash.png -o 4.png",
    ):
        done = shell(command)
        assert (done.returncode, done.stderr) == (0, ""), command
    assert all(Path(f"{number}.png").is_file() for number in (1, 2, 3, 4))
    done = shell("cat ./-dash.png | $colorize photo /dev/stdin -o out")
    assert done.returncode == cli.FAILED
    assert "/dev/stdin: no file whose name the result could have; name it: -o result.png." in done.stderr


def test_an_interrupt_that_an_import_swallowed_is_still_one(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    def imports(options: object) -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("numpy failed to import") from None
        return 0

    monkeypatch.setattr(cli, "check_results", imports)
    assert cli.main(["results"]) == cli.STOPPED
    assert capsys.readouterr().err == "colorize: stopped.\n"


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_backend_without_its_package_gets_one_sentence(here: Path, backend: str) -> None:
    if importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is installed here")
    Path("in.png").write_bytes(made.saved(made.scene(), "PNG"))
    for arguments in ("photo in.png in.png -o out", "train plain --data sample --out run"):
        done = subprocess.run(
            [sys.executable, "-m", "colorize_lib.cli", *arguments.split()],
            env=os.environ | {"KERAS_BACKEND": backend},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == cli.FAILED
        assert done.stderr.count("\n") == 1, done.stderr
        assert f"Keras's backend ({backend}) needs the package {backend}" in done.stderr


def test_channels_come_last_whatever_keras_was_told(here: Path) -> None:
    Path(".keras").mkdir()
    Path(".keras/keras.json").write_text(json.dumps({"image_data_format": "channels_first"}))
    Path("in.png").write_bytes(made.saved(made.scene(), "PNG"))
    done = subprocess.run(
        [sys.executable, "-m", "colorize_lib.cli", "photo", "in.png", "-o", "out"],
        env=os.environ | {"KERAS_HOME": str(here / ".keras")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# Whatever happens to a file


def tried(file: bytes, path: Path, target: Path, blue: colorizer.Colorizer) -> tuple[int, int] | str:
    """Color a file; return the result's size, or the sentence."""
    path.write_bytes(file)
    target.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            blue.colorize_file(path, target)
        except reading.PhotoError as error:
            said = str(error)
            assert said.startswith(f"{path}: "), said
            assert "\n" not in said
            assert not target.exists()
            return said
        finally:
            assert path.read_bytes() == file
    with Image.open(target) as image:
        image.load()
        assert image.size == reading.open_photo(path).size
        return image.size


@pytest.mark.parametrize("count", [100, pytest.param(20_000, marks=pytest.mark.long)])
def test_mutated_files(
    blue: colorizer.Colorizer,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tell: object,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)  # a changed size shall not fill the memory
    chance = random.Random(count)
    seeds = {name: make() for name, make in made.SEEDS.items()}
    colored = 0
    for number in range(count):
        name = list(seeds)[number % len(seeds)]
        file = made.mutated(seeds[name], chance)
        try:
            colored += isinstance(tried(file, Path(name), Path("out.png"), blue), tuple)
        except Exception as error:
            Path("failed").write_bytes(file)
            raise AssertionError(f"mutation {number} of {name}: {type(error).__name__}: {error}") from error
    said = capfd.readouterr()
    assert said.out + said.err == ""
    tell(f"of {count:,} mutated files {colored:,} were colored, the others got a sentence")  # type: ignore[operator]


@pytest.mark.parametrize("count", [100, pytest.param(5_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["photo.jpg", "alpha.png", "photo.webp", "raw.tif"])
def test_no_note_costs_sound_pixels(tmp_path: Path, name: str, count: int) -> None:
    chance, seed = random.Random(name), made.SEEDS[name]()
    kind = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF"}[name.split(".")[1]]
    notes = [tag for tag in range(250, 65_536) if tag not in metadata.PIXEL_TAGS]
    for number in range(count):
        if kind == "TIFF":
            tag = chance.choice((chance.choice(notes), metadata.CAMERA, metadata.PLACE, metadata.ARTIST, 33723, 34377))
            kinds, lengths = chance.randrange(20), chance.choice((0, 1, 2, 9, 2**31))
            odd = tiff_with(tag, kinds, lengths, chance.randbytes(chance.choice((1, 4, 9, 60))))
        else:
            odd = made.with_odd_notes(seed, kind, chance)
        photo = opened(odd, tmp_path / "odd").image
        assert sorted(photo.size) == sorted(made.SIZE), number
