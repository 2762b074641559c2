"""Colorizer and zoo: any photograph in, the same one out in color, lightness kept; weights small and checked."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colorize_lib import color, recipes, settings, zoo
from colorize_lib.data import metadata, reading, sources
from colorize_lib.data.reading import open_photo
from colorize_lib.networks import paper
from colorize_lib.photo import colorizer, writer
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing

STEP = 100 / 255  # one 8-bit step of L
SAMPLE = sorted(sources.attributions())
SIZE = (61, 37)  # not round on purpose
ORIENTATION, MAKER_NOTE, ARTIST = 0x0112, 0x927C, 0x013B  # EXIF tags


@pytest.fixture(scope="module")
def ours() -> colorizer.Colorizer:
    return colorizer.Colorizer("ours")


@pytest.fixture
def vivid(monkeypatch: pytest.MonkeyPatch) -> colorizer.Colorizer:
    """A colorizer that wants colors far outside sRGB everywhere, and needs no network."""

    def loud(self: colorizer.Colorizer, rgb: Image.Image, asked: object = ()) -> np.ndarray:
        return np.random.default_rng(0).uniform(-120, 120, (5, 7, 2)).astype("float32")

    monkeypatch.setattr(colorizer.Colorizer, "predict_ab", loud)
    return colorizer.Colorizer("ours")


def scene(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture with every brightness and soft colors."""
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    rgb = np.stack([across, (across + down) / 2, 1 - down * across], axis=-1)
    picture = Image.fromarray(color.as_uint8(rgb))
    if mode in ("LA", "RGBA"):
        picture.putalpha(Image.fromarray(color.as_uint8(across)))
    return picture.convert(mode)


def lightness_moved(result: Image.Image, photo: Image.Image) -> float:
    """Return by how much L* differs at most."""
    before, after = (color.lightness(np.asarray(image.convert("RGB"))) for image in (photo, result))
    return float(np.abs(after - before).max())


@pytest.mark.parametrize("name", SAMPLE)
def test_every_photograph_of_the_sample(ours: colorizer.Colorizer, tmp_path: Path, name: str) -> None:
    source, target = data_dir() / "sample" / name, tmp_path / "result.png"
    ours.colorize_file(source, target)
    with Image.open(source) as before, Image.open(target) as after:
        assert (after.size, after.mode) == (before.size, "RGB")
        assert lightness_moved(after, open_photo(source)) <= STEP


def save_rotated(path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # a phone held upright
    exif[metadata.DESCRIPTION] = "The harbor"
    exif[0x010F] = "A camera"
    exif[metadata.CAMERA] = {0x9003: "2026:05:04 10:00:00", MAKER_NOTE: b"its place in the file counts"}
    scene().save(path, exif=exif)


def save_16_bit(path: Path) -> None:
    gray = np.asarray(scene("L")).astype("uint16")
    Image.fromarray(gray * 257).save(path)


def display_p3() -> bytes:
    """Return a small ICC profile with the primaries of Display P3, as phones embed it (ICC.1:2001-04)."""
    primaries = {"rXYZ": (0.5151, 0.2412, -0.0011), "gXYZ": (0.2919, 0.6922, 0.0419), "bXYZ": (0.1572, 0.0666, 0.7841)}
    curve = b"curv" + struct.pack(">xxxxIHxx", 1, int(2.2 * 256))
    description = b"desc" + struct.pack(">xxxxI", 11) + b"Display P3\0" + bytes(4 + 4 + 2 + 1 + 67 + 2)
    tags = {"desc": description, "cprt": b"text\0\0\0\0none\0\0\0\0"} | dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve)
    for tag, xyz in {**primaries, "wtpt": (0.9642, 1.0, 0.8249)}.items():
        tags[tag] = b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in xyz))
    table, body = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += tag.encode() + struct.pack(">2I", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content
    whole = struct.pack(">I4x4s4s4s4s", 128 + len(table + body), b"\2\x40\0\0", b"mntr", b"RGB ", b"XYZ ")
    header = whole + struct.pack(">12x4s28x3i", b"acsp", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


def save_display_p3(path: Path) -> None:
    scene().save(path, icc_profile=display_p3())


def save_animated(path: Path) -> None:
    frames = [scene().rotate(angle) for angle in (0, 90, 180)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


ODD_FILES: dict[str, Any] = {
    "one_pixel.png": lambda path: scene(size=(1, 1)).save(path),
    "one_row.png": lambda path: scene(size=(300, 1)).save(path),
    "gray_16_bit.png": save_16_bit,
    "gray.png": lambda path: scene("L").save(path),
    "gray_alpha.png": lambda path: scene("LA").save(path),
    "bits.png": lambda path: scene("1").save(path),
    "palette.png": lambda path: scene("P").save(path),
    "alpha.png": lambda path: scene("RGBA").save(path),
    "cmyk.jpg": lambda path: scene("CMYK").save(path),
    "rotated.jpg": save_rotated,
    "display_p3.png": save_display_p3,
    "animated.gif": save_animated,
    "lossy.webp": lambda path: scene().save(path),
    "photo.tif": lambda path: scene().save(path),
    "photo.bmp": lambda path: scene().save(path),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_every_odd_file_as_png(ours: colorizer.Colorizer, tmp_path: Path, name: str) -> None:
    source, target = tmp_path / name, tmp_path / "result.png"
    ODD_FILES[name](source)
    ours.colorize_file(source, target)
    photo = open_photo(source)
    with Image.open(target) as after:
        assert after.size == photo.size
        assert after.mode == ("RGBA" if photo.mode in ("LA", "RGBA") else "RGB")
        assert lightness_moved(after, photo) <= STEP
        assert after.getexif().get(ORIENTATION, 1) == 1


def test_the_display_p3_file_is_one(tmp_path: Path) -> None:
    save_display_p3(tmp_path / "p3.png")
    plain, converted = np.asarray(scene()).astype(int), np.asarray(open_photo(tmp_path / "p3.png")).astype(int)
    assert np.abs(plain - converted).max() > 20


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (300, 200), (5000, 13), (13, 5000)])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_lightness_stays_whatever_the_colors(vivid: colorizer.Colorizer, size: tuple[int, int], mode: str) -> None:
    photo = scene(mode, size)
    result = vivid.colorize(photo)
    assert (result.size, result.mode) == (size, "RGBA" if mode.endswith("A") else "RGB")
    assert lightness_moved(result, photo) <= STEP
    if mode.endswith("A"):
        np.testing.assert_array_equal(np.asarray(result.getchannel("A")), np.asarray(photo.getchannel("A")))


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "YCbCr", "HSV"])
def test_other_modes_are_converted(vivid: colorizer.Colorizer, mode: str) -> None:
    assert vivid.colorize(scene(mode)).size == SIZE


def test_16_bits_are_refused_with_the_way_out(vivid: colorizer.Colorizer) -> None:
    with pytest.raises(ValueError, match="mode I;16; expected 8 bits a channel: read it with open_photo"):
        vivid.colorize(Image.new("I;16", (4, 4)))


def test_stripes_meet_without_a_seam(vivid: colorizer.Colorizer, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = scene(size=(90, 70))
    whole = np.asarray(vivid.colorize(photo)).astype(int)
    monkeypatch.setattr(colorizer, "STRIPE", 90 * 3)
    striped = np.asarray(vivid.colorize(photo)).astype(int)
    assert np.abs(whole - striped).max() <= 1  # positions in float round differently


def test_colors_stand_where_the_network_put_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Left half red, right half blue, in the small copy and in the photograph."""
    ab = np.zeros((16, 16, 2), "float32")
    ab[:, :8, 0], ab[:, 8:, 1] = 40, -40
    monkeypatch.setattr(colorizer.Colorizer, "predict_ab", lambda self, rgb, asked: ab)
    result = colorizer.Colorizer("ours").colorize(Image.new("L", (320, 200), 128))
    lab = color.rgb_to_lab(np.asarray(result))
    np.testing.assert_allclose(lab[:, :140, 1:], np.broadcast_to([40, 0], (200, 140, 2)), atol=1)
    np.testing.assert_allclose(lab[:, 180:, 1:], np.broadcast_to([0, -40], (200, 140, 2)), atol=1)
    between = lab[100, 151:170, 1]
    assert (np.diff(between) <= 0.5).all()  # a straight line from one color to the other


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((256, 256), (256, 256)),
        ((6000, 4000), (384, 256)),
        ((4000, 6000), (256, 384)),
        ((640, 480), (336, 256)),  # 341.3 / 16 = 21.3
        ((1, 1), (256, 256)),
        ((10_000, 1000), (1024, 96)),  # 102.4 / 16 = 6.4
        ((100_000, 1), (1024, 16)),
    ],
)
def test_working_size(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert colorizer.working_size(*size) == expected
    assert colorizer.working_size(*size[::-1]) == expected[::-1]


def test_the_papers_network_colors_too(tmp_path: Path) -> None:
    recipe = recipes.find("plain")
    from colorize_lib.backend import start_keras

    start_keras()
    path = tmp_path / "plain.weights.h5"
    weights_files.save(recipe.build(), path, "plain")
    result = colorizer.Colorizer(path).colorize(scene("L"))
    assert lightness_moved(result, scene("L")) <= STEP


def test_metadata_say_what_happened_and_keep_what_is_true(vivid: colorizer.Colorizer, tmp_path: Path) -> None:
    save_rotated(tmp_path / "rotated.jpg")
    for name in ("result.jpg", "result.png", "result.webp", "result.tif"):
        vivid.colorize_file(tmp_path / "rotated.jpg", tmp_path / name)
        with Image.open(tmp_path / name) as image:
            exif = image.getexif()
            assert image.size == SIZE[::-1], name
            assert exif.get(ORIENTATION, 1) == 1
            assert exif[metadata.DESCRIPTION].startswith("Colorized: the colors are predicted by the model 'ours'")
            assert exif[metadata.DESCRIPTION].endswith("The harbor")
            assert "model ours" in exif[metadata.SOFTWARE]
            assert exif[0x010F] == "A camera"
            details = exif.get_ifd(metadata.CAMERA)
            assert details[0x9003] == "2026:05:04 10:00:00"
            assert MAKER_NOTE not in details
            if name == "result.png":
                assert "Colorized" in image.text["Description"]
                assert "model ours" in image.text["Software"]


def test_jpeg_keeps_full_chroma_at_quality_95(vivid: colorizer.Colorizer, tmp_path: Path) -> None:
    vivid.colorize_file(data_dir() / "sample" / SAMPLE[0], tmp_path / "result.jpg")
    scene().save(tmp_path / "reference.jpg", quality=95)
    with Image.open(tmp_path / "result.jpg") as image, Image.open(tmp_path / "reference.jpg") as reference:
        assert image.quantization == reference.quantization
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # 4:4:4


def test_notes_say_what_was_lost(vivid: colorizer.Colorizer, tmp_path: Path) -> None:
    save_animated(tmp_path / "animated.gif")
    save_16_bit(tmp_path / "deep.png")
    scene().save(tmp_path / "plain.bmp")
    notes = vivid.colorize_file(tmp_path / "animated.gif", tmp_path / "1.png").notes
    assert notes == ["the first of 3 frames", "GIF became PNG"]
    assert vivid.colorize_file(tmp_path / "deep.png", tmp_path / "2.png").notes == ["16 bits became 8"]
    assert (
        "doesn't say that it is colorized" in vivid.colorize_file(tmp_path / "plain.bmp", tmp_path / "3.bmp").notes[0]
    )
    assert vivid.colorize_file(tmp_path / "1.png", tmp_path / "4.png").notes == []


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("JPEG", "a.jpg", "a.jpg"),
        ("JPEG", "a.JPEG", "a.JPEG"),
        ("PNG", "a.jpg", "a.png"),
        ("GIF", "a.gif", "a.png"),
        ("BMP", "a.bmp", "a.png"),
        ("PPM", "a.ppm", "a.png"),
        ("TIFF", "a.tiff", "a.tiff"),
        ("WEBP", "a", "a.webp"),
    ],
)
def test_the_result_has_the_format_of_the_content(tmp_path: Path, kind: str, name: str, expected: str) -> None:
    scene().save(tmp_path / name, kind)
    assert writer.result_name(tmp_path / name, reading.read(tmp_path / name)) == expected


def test_targets_that_cannot_be(vivid: colorizer.Colorizer, tmp_path: Path) -> None:
    source = tmp_path / "photo.png"
    scene("RGBA").save(source)
    before = source.read_bytes()
    for target, reason in (
        (source, "the photograph itself, which is never overwritten"),
        (tmp_path / "a.gif", "GIF holds 256 colors"),
        (tmp_path / "a.xyz", "unknown ending; expected one of .jpg, .png"),
        (tmp_path / "a.jpg", "JPEG holds no transparency"),
    ):
        with pytest.raises(ValueError, match=reason):
            vivid.colorize_file(source, target)
    assert source.read_bytes() == before
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_leaves_nothing(
    vivid: colorizer.Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene().save(tmp_path / "photo.png")

    def full(path: Path) -> Path:
        path.with_name("full.part").symlink_to("/dev/full")
        return path.with_name("full.part")

    monkeypatch.setattr(writing, "_new", full)
    for name in ("result.png", "result.jpg", "result.tif"):
        with pytest.raises(OSError, match=f"{name}: could not be written .*; free some space"):
            vivid.colorize_file(tmp_path / "photo.png", tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_enormous_metadata_are_no_reason_to_refuse(vivid: colorizer.Colorizer, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ARTIST] = "She"
    exif[metadata.CAMERA] = {0x9286: b"a comment of 70 kB" * 4000}
    scene().save(tmp_path / "photo.png", exif=exif)
    notes = vivid.colorize_file(tmp_path / "photo.png", tmp_path / "1.jpg").notes
    assert notes == ["PNG became JPEG", "metadata beyond 60,000 bytes are left out"]
    with Image.open(tmp_path / "1.jpg") as image:
        assert "Colorized" in image.getexif()[metadata.DESCRIPTION]
        assert image.getexif()[ARTIST] == "She"
        assert image.getexif().get_ifd(metadata.CAMERA) == {}


class TestZoo:
    def test_what_ships_is_small_registered_and_of_the_size_allowed(self, ours: colorizer.Colorizer) -> None:
        shipped = sorted(path.name for path in weights_files.models_dir().glob(f"*{weights_files.SUFFIX}"))
        assert "ours.weights.h5" in shipped
        assert set(shipped) <= set(weights_files.registry())
        assert zoo.weights_path("ours").stat().st_size < 3e6
        assert ours.model.count_params() <= 1_450_000

    def test_weights_come_back_as_float16_holds_them(self, ours: colorizer.Colorizer, tmp_path: Path) -> None:
        path = tmp_path / "new" / "again.weights.h5"
        weights_files.save(ours.model, path, "ours")
        again = zoo.load_model(path)
        for one, other in zip(ours.model.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)  # they were float16 before
            assert other.dtype == np.float32
        assert path.stat().st_size == pytest.approx(2 * ours.model.count_params(), rel=0.1)
        assert [other.name for other in path.parent.iterdir()] == [path.name]

    def test_the_optimizer_stays_behind(self, tmp_path: Path) -> None:
        import keras

        model = paper.encoder(32)
        model.compile(keras.optimizers.Adam(), "mae")
        model.optimizer.build(model.trainable_variables)
        weights_files.save(model, tmp_path / "small.weights.h5", "paper")
        assert (tmp_path / "small.weights.h5").stat().st_size == pytest.approx(2 * model.count_params(), rel=0.1)

    def test_numbers_float16_cannot_hold_stay(self, tmp_path: Path) -> None:
        network = recipes.find("plain").build()
        weights = network.get_weights()
        weights[1][0] = 1e6
        network.set_weights(weights)
        weights_files.save(network, tmp_path / "plain.weights.h5", "plain")
        assert zoo.load_model(tmp_path / "plain.weights.h5").get_weights()[1][0] == 1e6
        weights[1][0] = np.nan
        network.set_weights(weights)
        with pytest.raises(ValueError, match="not finite numbers"):
            weights_files.save(network, tmp_path / "other.weights.h5", "plain")
        with pytest.raises(ValueError, match=r"ends in \.weights\.h5"):
            weights_files.save(network, tmp_path / "other.h5", "plain")

    def test_mistakes_get_one_sentence(self, tmp_path: Path) -> None:
        text, cut, foreign = (tmp_path / f"{name}.weights.h5" for name in ("text", "cut", "foreign"))
        text.write_text("hello")
        cut.write_bytes(zoo.weights_path("ours").read_bytes()[:5000])
        weights_files.save(recipes.find("plain").build(), foreign, "ours")
        for name, reason in (
            (tmp_path / "none.weights.h5", "there is no such file"),
            (text, "not a weights file"),
            (cut, "not a weights file"),
            (foreign, "do not fit the network of recipe 'ours'"),
            ("grey", "no recipe 'grey'; expected one of: gray, plain"),
            ("gray", "has no network, so it has no weights"),
            ("plain", "no published weights of 'plain'; published: .*ours"),
        ):
            with pytest.raises(ValueError, match=reason) as caught:
                zoo.load_model(name)
            assert "\n" not in str(caught.value)

    @pytest.fixture
    def elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """An installation without any weights, and a release on this machine."""
        monkeypatch.setenv("COLORIZE_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(settings, "data_dir", lambda: tmp_path)
        monkeypatch.setattr(settings, "repository", lambda: "http://127.0.0.1:9")  # nobody listens there
        (tmp_path / "models").mkdir()
        return tmp_path

    def test_registering_writes_the_hash_that_loading_checks(self, elsewhere: Path) -> None:
        file = elsewhere / "models" / "plain.weights.h5"
        file.write_bytes(b"weights")
        assert zoo.weights_path("plain") == file  # one's own, not registered
        weights_files.register("plain")
        assert weights_files.registry() == {"plain.weights.h5": weights_files.sha256(file)}
        assert zoo.weights_path("plain") == file
        file.write_bytes(b"damaged")
        with pytest.raises(weights_files.WeightsError, match=r"its sha256 is not the one in registry\.txt"):
            zoo.weights_path("plain")

    def test_what_is_not_shipped_is_downloaded_or_explained(self, elsewhere: Path) -> None:
        import pooch

        file = elsewhere / "models" / "plain.weights.h5"
        file.write_bytes(b"weights")
        weights_files.register("plain")
        file.unlink()
        with pytest.raises(
            weights_files.WeightsError, match=r"127.0.0.1:9/releases/download/v.*could not be downloaded"
        ):
            zoo.weights_path("plain")
        (elsewhere / "cache" / "models").mkdir(parents=True, exist_ok=True)
        (elsewhere / "cache" / "models" / file.name).write_bytes(b"weights")  # downloaded before
        assert zoo.weights_path("plain").read_bytes() == b"weights"
        assert pooch.file_hash(str(zoo.weights_path("plain"))) == weights_files.registry()[file.name]
