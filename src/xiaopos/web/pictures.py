"""Drawing applicants' pictures anew, and with words all over them: by the typesetter that also prints receipts.

What may live here: the Redrawer on typst, and on Pillow what it has drawn. What may not: what may be drawn
(merchants.applications.pictures), keeping it.

What comes out is a PNG of ours: upright, of a size that can be read, without places, times, thumbnails or anything else that was
in the file beside what is seen. The typesetter reads files only: for as long as it draws, the picture lies in a folder that only
this process's user may read, in memory where the machine has such a place.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import typst
from django.conf import settings
from PIL import Image

from xiaopos.risk.rings.likeness import HEIGHT, WIDTH
from xiaopos.usecases.keep_documents import Undrawable

_MARKUP = Path(__file__).with_name("picture.typ")
_POINTS_PER_INCH = 72.0
_IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


class TypstRedrawer:
    """See Redrawer."""

    def redraw(self, data: bytes) -> bytes:
        """See Redrawer."""
        return _draw(data, "")

    def mark(self, picture: bytes, words: str) -> bytes:
        """See Redrawer."""
        return _draw(picture, words)

    def grey(self, picture: bytes) -> bytes:
        """See Redrawer."""
        with Image.open(io.BytesIO(picture), formats=("PNG",)) as ours:
            return ours.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BOX).tobytes()


def _draw(data: bytes, words: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="xiaopos-", dir=_IN_MEMORY) as folder:
        markup, picture = Path(folder, "main.typ"), Path(folder, "picture")
        markup.write_bytes(_MARKUP.read_bytes())
        picture.write_bytes(data)
        try:
            drawn = typst.compile(
                markup,
                root=Path(folder),
                font_paths=settings.CHINESE_FONT_FOLDERS,
                ignore_system_fonts=True,
                format="png",
                ppi=_POINTS_PER_INCH,
                sys_inputs={"words": words},
            )
        except RuntimeError as error:
            raise Undrawable(str(error)[:200]) from None
    if not isinstance(drawn, bytes):
        raise Undrawable("more than one page")
    return drawn
