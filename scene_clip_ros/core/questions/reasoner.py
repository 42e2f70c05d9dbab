"""Answers questions with what is loaded anyway: the facts of perception, and CLIP for the rest.

Facts come first: labels, hazards and tracks are smoothed over time and calibrated. What the
vocabulary has no entry for is compared with the embeddings of the frames. Nothing is negated in a
text, because CLIP does not understand it: every hypothesis competes with another affirmative one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scene_clip_ros.core.prompts import EncodeTexts
from scene_clip_ros.core.questions.choices import decide_what, decide_which
from scene_clip_ros.core.questions.existence import decide_exists, decide_when
from scene_clip_ros.core.questions.finder import Finder
from scene_clip_ros.core.questions.hypotheses import Lexicon
from scene_clip_ros.core.questions.objects import decide_count
from scene_clip_ros.core.questions.parse import ParsedQuestion, parse_question
from scene_clip_ros.core.questions.pooling import TextComparer
from scene_clip_ros.core.questions.scenes import describe_scene
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import Answer, Observations, QuestionKind
from scene_clip_ros.core.questions.verdict import Case, Verdict
from scene_clip_ros.core.questions.window import Window
from scene_clip_ros.core.vocabulary import Vocabulary

CONTRASTIVE = "contrastive"

_DECIDE: Mapping[QuestionKind, Callable[[Case, ParsedQuestion], Verdict]] = {
    "exists": decide_exists,
    "which": decide_which,
    "what": decide_what,
    "when": decide_when,
    "count": decide_count,
}


class ContrastiveReasoner:
    """A `Reasoner` that needs nothing but the CLIP model that is loaded already."""

    def __init__(
        self,
        encode_texts: EncodeTexts,
        vocabulary: Vocabulary,
        *,
        settings: ReasonSettings | None = None,
        logit_scale: float,
    ) -> None:
        """Encode nothing yet.

        Args:
            encode_texts: Embeds texts into the space of the frames.
            vocabulary: What perception looks for; its names and phrasings are understood.
            settings: How questions are decided; None: the defaults.
            logit_scale: The model's, multiplier of a cosine before the softmax, > 0.
        """
        self._settings = settings or ReasonSettings()
        self._lexicon = Lexicon(vocabulary)
        self._vocabulary = vocabulary
        self._comparer = TextComparer(encode_texts, vocabulary.templates, logit_scale=logit_scale)

    @property
    def name(self) -> str:
        """What ``Answer.backend`` says."""
        return CONTRASTIVE

    def answer(self, question: str, seen: Observations) -> Answer:
        """Answer, or abstain.

        Args:
            question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.
            seen: What it is about.

        Raises:
            ReasoningError: The question is empty, too long or has no words.
            ModelError: The model cannot embed a text.
        """
        parsed = parse_question(question)
        verdict = self._decide(parsed, Window.of(seen))
        return Answer(
            verdict.text,
            parsed.kind,
            0.0 if verdict.abstained else min(1.0, max(0.0, verdict.confidence)),
            verdict.abstained,
            () if verdict.abstained else verdict.evidence[: self._settings.max_evidence],
            self.name,
        )

    def _decide(self, parsed: ParsedQuestion, window: Window) -> Verdict:
        if parsed.kind == "language":
            return Verdict.abstain(f"{parsed.reason} needs the language model")
        if window.is_empty:
            return Verdict.abstain("no frames were seen")
        finder = Finder(window, self._vocabulary, self._comparer, settings=self._settings)
        case = Case(finder, self._lexicon, self._settings)
        if parsed.kind == "describe":
            return describe_scene(case)
        return _DECIDE[parsed.kind](case, parsed)
