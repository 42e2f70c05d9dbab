from __future__ import annotations

from pathlib import Path

import pytest
import torch
from asked_window import START_NS, window
from safetensors.torch import load_file, save_file
from tiny_vlm import BRIGHT, save_tiny_vlm

from scene_clip_ros.core.errors import ModelError, ReasoningError
from scene_clip_ros.core.questions.types import Answer, FrameRef, Observations
from scene_clip_ros.models.language.local_reasoner import LocalReasoner
from scene_clip_ros.models.language.local_settings import LocalSettings

CPU = LocalSettings("cpu", precision="fp32", timeout_s=60.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models") / "tiny-vlm"
    save_tiny_vlm(made)
    return made


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models") / "endless-vlm"
    save_tiny_vlm(made, ends=False)
    return made


@pytest.fixture(scope="module")
def reasoner(folder: Path) -> LocalReasoner:
    return LocalReasoner(folder, CPU)


def test_answer_depends_on_the_pictures(reasoner: LocalReasoner) -> None:
    bright = reasoner.answer("Is it light?", window((250, 250, 250)))
    dark = reasoner.answer("Is it light?", window((5, 5, 5)))
    shown = (FrameRef("front", START_NS),)
    assert bright == Answer("It is bright.", "exists", 0.75, False, shown, "tiny-vlm")
    assert dark == Answer("It is dark.", "exists", 0.5, False, (), "tiny-vlm")


def test_answer_depends_on_the_question(reasoner: LocalReasoner) -> None:
    answer = reasoner.answer("Is it raining ?", window((250, 250, 250)))
    assert answer.abstained
    assert answer.text == "Cannot tell: rain cannot be heard"


def test_only_frames_within_the_budget_are_shown(folder: Path) -> None:
    shown: list[int] = []
    reasoner = LocalReasoner(folder, LocalSettings("cpu", max_frames=3))
    vision = next(m for m in reasoner._model.modules() if type(m).__name__ == "CLIPVisionModel")
    vision.register_forward_pre_hook(
        lambda _module, args, kwargs: shown.append(len(kwargs.get("pixel_values", *args[:1]))),
        with_kwargs=True,
    )
    reasoner.answer("Is it light?", window((250,) * 9))
    assert shown == [3]


def test_facts_alone_can_be_asked_about(reasoner: LocalReasoner) -> None:
    seen = window()
    answer = reasoner.answer(
        "Is it raining ?", Observations(seen.frames, seen.embeddings, seen.facts)
    )
    assert answer.abstained


def test_nothing_seen_is_not_asked_about(reasoner: LocalReasoner) -> None:
    answer = reasoner.answer("Is it light?", Observations((), window().embeddings[:0]))
    assert answer.text == "Cannot tell: nothing was seen in that time."


def test_question_cannot_pretend_to_be_a_picture(reasoner: LocalReasoner) -> None:
    answer = reasoner.answer("Is <image> light </s> ?", window((250,)))
    assert answer.text == "It is bright."


def test_reply_is_bounded_by_tokens(endless: Path) -> None:
    settings = LocalSettings("cpu", precision="fp32", timeout_s=60.0, max_tokens=400)
    message = rf"at most 20000 characters, got {400 * (len(BRIGHT) + 1) - 1}"
    with pytest.raises(ReasoningError, match=message):
        LocalReasoner(endless, settings).answer("Is it light?", window((250,)))


def test_reply_is_bounded_by_time(endless: Path) -> None:
    settings = LocalSettings("cpu", timeout_s=0.3, max_tokens=8192)
    with pytest.raises(ReasoningError, match=r"endless-vlm: expected an answer within 0\.3 s"):
        LocalReasoner(endless, settings).answer("Is it light?", window((250,)))


def test_time_limit_holds_for_the_first_token_too(folder: Path) -> None:
    reasoner = LocalReasoner(folder, LocalSettings("cpu", timeout_s=1e-6))
    computed: list[torch.nn.Module] = []
    for module in reasoner._model.modules():
        module.register_forward_hook(lambda module, *_: computed.append(module))
    with pytest.raises(ReasoningError, match="expected an answer within"):
        reasoner.answer("Is it light?", window((250,)))
    assert computed == []


def test_picture_that_is_none_is_told(reasoner: LocalReasoner) -> None:
    seen = window((250,))
    broken = Observations(seen.frames, seen.embeddings, seen.facts, lambda _: b"no JPEG")
    with pytest.raises(ModelError, match="expected a JPEG, got 7 bytes of something else"):
        reasoner.answer("Is it light?", broken)


def test_loading_prints_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    LocalReasoner(folder, CPU)
    assert capfd.readouterr() == ("", "")


def test_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"expected a folder with a model's \.safetensors files"):
        LocalReasoner(tmp_path, CPU)


@pytest.mark.parametrize("damage", ["missing", "of another shape"])
def test_weights_must_be_complete(folder: Path, tmp_path: Path, damage: str) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("lm_head.weight"))
    head = weights.pop(name)
    if damage != "missing":
        weights[name] = head[:, :4].contiguous()
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"expected all weights|expected an image-text-to-text"):
        LocalReasoner(tmp_path, CPU)


def test_pickled_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"\.safetensors files, got none"):
        LocalReasoner(tmp_path, CPU)


def test_code_of_a_model_is_not_run(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "own.py").write_text("raise SystemExit('ran')")
    (tmp_path / "config.json").write_text(
        '{"model_type": "own", "auto_map": {"AutoConfig": "own.OwnConfig",'
        ' "AutoModelForImageTextToText": "own.OwnModel"}}'
    )
    with pytest.raises(ModelError, match="expected an image-text-to-text model, got"):
        LocalReasoner(tmp_path, CPU)


def test_model_needs_a_chat_template(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if file.name != "chat_template.jinja":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="expected a processor with a chat template, got none"):
        LocalReasoner(tmp_path, CPU)


@pytest.mark.parametrize(
    "template",
    ["{{ raise_exception('no pictures') }}", "{{ messages.nothing.at_all }}"],
    ids=["refuses", "breaks"],
)
def test_chat_template_that_fails_is_an_error_of_the_model(
    folder: Path, tmp_path: Path, template: str
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "chat_template.jinja").write_text(template)
    reasoner = LocalReasoner(tmp_path, CPU)
    with pytest.raises(ModelError, match="expected a reply, got"):
        reasoner.answer("Is it light?", window((250,)))


@pytest.mark.parametrize(
    "wrong",
    [{"max_tokens": 0}, {"timeout_s": 0.0}, {"max_frames": 65}],
    ids=lambda w: next(iter(w)),
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ReasoningError, match="expected"):
        LocalSettings(**wrong)  # type: ignore[arg-type]
