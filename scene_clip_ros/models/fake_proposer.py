"""A deterministic proposer without a model, for tests and dry runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.fake_encoder import NAN_COLOR
from scene_clip_ros.models.proposer import ProposerInfo


class FakeProposer:
    """Proposes one region around everything of one colour that is not the picture's own.

    The colour of the picture's top left pixel is its ground; each other colour is one object. Its
    objectness is 0.9. Of the classes only those that are colours of its ``palette`` ever score.
    """

    def __init__(self, palette: dict[str, tuple[int, int, int]] | None = None) -> None:
        """Make the fake.

        Args:
            palette: RGB colour by name of a class; None: no classes of its own.
        """
        self._palette = palette or {}
        self._info = ProposerInfo("fake-proposer", tuple(self._palette), "cpu")

    @property
    def info(self) -> ProposerInfo:
        """What is loaded."""
        return self._info

    def propose(self, images: Sequence[ImageArray]) -> list[Proposals]:
        """Propose regions; fails if the ground of a picture is ``NAN_COLOR``."""
        return [self._propose_one(image) for image in images]

    def _propose_one(self, image: ImageArray) -> Proposals:
        ground = tuple(image[0, 0].tolist())
        if ground == NAN_COLOR:
            message = "expected finite boxes and scores, got NaN or infinity"
            raise ModelError(message)
        colours = [tuple(c) for c in np.unique(image.reshape(-1, 3), axis=0).tolist()]
        objects = [colour for colour in colours if colour != ground]
        boxes = np.array([_extent(image, colour) for colour in objects], np.float32)
        scores = [[0.9 * (colour == own) for own in self._palette.values()] for colour in objects]
        return Proposals(
            xyxy=boxes.reshape(-1, 4),
            objectness=np.full(len(objects), 0.9, np.float32),
            class_scores=np.array(scores, np.float32).reshape(len(objects), len(self._palette)),
        )


def _extent(image: ImageArray, colour: tuple[int, ...]) -> tuple[int, int, int, int]:
    v, u = np.nonzero((image == np.array(colour, np.uint8)).all(axis=2))
    return int(u.min()), int(v.min()), int(u.max()) + 1, int(v.max()) + 1
