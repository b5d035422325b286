"""The paintings of the embedded gallery, each photographed as it hangs on a wall."""

from __future__ import annotations

from PIL import Image

from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.items import FileVersion, Picture
from scrapers.gallery.painters.wall import photographed
from scrapers.gallery.seeded import generator


class Walls(Paintings):
    """The same works as in `Paintings` of the same numbers, under the same ids.

    So of each photograph the painting is known. What was planted there is planted here: a copy is
    one of the photograph.
    """

    def version(self, picture: Picture, variant: str | None) -> FileVersion:
        """As there, but no version of a photograph is one of the painting."""
        painted = super().version(picture, variant)
        return FileVersion.of(painted.revision, "wall", painted.tag)

    def _shown(self, item: int, painting: Image.Image) -> Image.Image:
        take = self._revisions.state(item).take
        number = self._revisions.number(item)
        return photographed(painting, generator(self._seed, "wall", number, take))
