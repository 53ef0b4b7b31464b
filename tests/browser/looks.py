"""Draws entries of the gallery, and compares pictures as eyes do; `bin/baselines` writes those that tests compare with.

The pictures are drawn with Debian's Noto fonts, so that every machine draws the same letters.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.app_server import ROOT, AppServer
from tests.support.chromium import chromium

FOLDER = ROOT / "tests" / "browser" / "baselines"

ENTRIES = (
    "about.html plain",
    "board/page.html many",
    "board/page.html edit-refused",
    "chat/_composer.html refused",
    "chat/history.html many",
    "chat/room.html empty",
    "chat/room.html many",
    "chat/room.html long-words",
    "chat/room.html right-to-left",
    "chat/room.html several-lines",
    "chat/room.html reconnecting",
    "chat/door.html passphrase",
    "error.html away",
    "identity/page.html link",
    "owners/settings.html owner",
)
"""The entries that `bin/baselines` draws: most of what a reader ever sees."""

FONTS = (
    ':root { --font: "Noto Sans", "Noto Sans Arabic", "Noto Color Emoji" !important; --font-mono: "Noto Sans Mono"; }'
)

COLOURS = 256
"""Colours of a baseline. A page has few but for its emoji, and all baselines together are to stay below 1.5 MB."""

BLUR = 1.2
"""Pixels over which a picture is blurred before it is compared: edges of letters differ from machine to machine."""

SEEN = 24
"""Levels of 255 by which a colour has to differ to be seen."""

ALLOWED = 0.0004
"""The share of pixels that may differ: a tenth of what one button takes on a phone."""


class Screen(NamedTuple):
    """A screen. The picture of a desktop is half as wide as that, since the baselines are small."""

    name: str
    viewport: ViewportSize
    scale: float


SCREENS = (
    Screen("phone", ViewportSize(width=360, height=640), 1),
    Screen("desktop", ViewportSize(width=1280, height=800), 0.5),
)

SCHEMES = ("light", "dark")


def draw(browser: Browser, server: AppServer, entry: str, screen: Screen, scheme: str) -> Image.Image:
    """The picture of an entry, from a server in development."""
    options: dict[str, Any] = {"viewport": screen.viewport, "device_scale_factor": screen.scale}
    # The policy of the page would refuse the style sheet that names the fonts.
    with browser.new_context(bypass_csp=True, reduced_motion="reduce", **options) as context:
        page = context.new_page()
        template, _, state = entry.rpartition(" ")
        page.goto(f"{server.url}/design/frame/{template}?state={state}&scheme={scheme}")
        return photograph(page)


def photograph(page: Page) -> Image.Image:
    """The picture of a page as it is, with our fonts."""
    page.add_style_tag(content=FONTS)
    page.evaluate("document.fonts.ready")
    return Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where the two can be told apart, and else black. They are of the same size."""
    first, second = (each.convert("RGB").filter(ImageFilter.GaussianBlur(BLUR)) for each in (one, other))
    red, green, blue = ImageChops.difference(first, second).split()
    most = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    return most.point([0] * SEEN + [255] * (256 - SEEN))


def share(one: Image.Image, other: Image.Image) -> float:
    """The share of the pixels that can be told apart; 1 for pictures of different sizes."""
    if one.size != other.size:
        return 1.0
    return difference(one, other).histogram()[255] / (one.width * one.height)


def file_of(entry: str, screen: Screen, scheme: str) -> Path:
    """Where the baseline of an entry is."""
    name = entry.replace(".html ", "-").replace("/", "-").replace("_", "")
    return FOLDER / f"{name}-{screen.name}-{scheme}.png"


def kinds() -> Iterator[tuple[str, Screen, str]]:
    """Every picture: its entry, its screen and its scheme."""
    for entry in ENTRIES:
        for screen in SCREENS:
            for scheme in SCHEMES:
                yield entry, screen, scheme


def save(picture: Image.Image, file: Path) -> None:
    """Write a baseline: with few colours, unless eyes would see that."""
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    (few if share(few, picture) <= ALLOWED / 4 else picture).save(file, optimize=True)


def main() -> None:
    """Draw all baselines anew. One that looks as before stays as it is, byte for byte."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        AppServer(Path(folder), {"DEVELOPMENT": "on"}) as server,
        chromium() as browser,
    ):
        wanted = set()
        for entry, screen, scheme in kinds():
            file = file_of(entry, screen, scheme)
            picture = draw(browser, server, entry, screen, scheme)
            wanted.add(file)
            if not file.exists() or share(Image.open(file), picture) > 0:
                save(picture, file)
                print(file.relative_to(ROOT))
    for file in set(FOLDER.glob("*.png")) - wanted:
        file.unlink()


if __name__ == "__main__":
    main()
