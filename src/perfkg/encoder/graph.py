"""The network of multilingual-e5-small as an ONNX graph in 8-bit integers: numbers of pieces in, one unit row out.

It takes one text at a time. The matrices are multiplied in integers whose scale is found from the values that come in;
with several texts in one call a row would depend on its neighbours, and on two cores two calls at once are faster.

Feed-forward layers get every piece scaled to the same size first: the first and last pieces have values far
above those of the others, and one scale for all would leave the others next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perfkg.encoder.adapter import Adapter
from perfkg.encoder.weights import BLOCK, Weights

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_MICROSOFT = "com.microsoft"


def build(weights: Weights, rows: list[int], largest: int, adapter: Adapter | None = None) -> bytes:
    """The graph with these rows of the vocabulary, its weights integers up to `largest`, serialised.

    What the adapter has learned is added to the weights before they become integers.
    """
    graph = _Graph(weights, largest, adapter)
    values = graph.embeddings(rows)
    for layer in range(weights.sizes.layers):
        values = graph.attention(values, f"l{layer}.")
        values = graph.feed_forward(values, f"l{layer}.")
    return graph.serialised(graph.pooled(values))


class _Graph:
    """A graph in the making; a method adds a stage and gives the name of its output."""

    def __init__(self, weights: Weights, largest: int, adapter: Adapter | None) -> None:
        self.weights, self.sizes, self.largest, self.adapter = weights, weights.sizes, largest, adapter
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def embeddings(self, rows: list[int]) -> str:
        """Of each piece, in the 4 bits they come in, with the embedding of its place added."""
        import numpy as np

        places = self.weights.floats("emb.pos").reshape(-1, self.sizes.hidden)
        kind = self.weights.floats("emb.type")[: self.sizes.hidden]
        first = self._constant("first", np.array([0]))
        length = self._node("Shape", ["ids"], "length", start=1, end=2)
        place = self._node("Slice", [self._constant("places", places + kind), first, length, first], "place")
        place = self._node("Unsqueeze", [place, first], "place.one")
        self._half_bytes("emb.word", rows)
        block = {"block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
        word = self._own("GatherBlockQuantized", ["emb.word", "ids", "emb.word.scale"], "word", **block)
        return self._normalised(word, place, "emb.ln")

    def attention(self, values: str, layer: str) -> str:
        """Self-attention, added to what came in."""
        import numpy as np

        matrix = np.concatenate([self._matrix(f"{layer}{part}", self.sizes.hidden) for part in "qkv"], axis=1)
        bias = np.concatenate([self.weights.floats(f"{layer}{part}.b") for part in "qkv"])
        all_three = self._product(values, matrix, f"{layer}qkv")
        three = [f"{layer}{part}" for part in "qkv"]
        self._add("Split", [all_three], three, axis=2, num_outputs=3)
        heads = {"num_heads": self.sizes.heads}
        seen = self._own("MultiHeadAttention", [*three, self._constant(f"{layer}b", bias)], f"{layer}seen", **heads)
        out = self._product(seen, self._matrix(f"{layer}ao", self.sizes.hidden), f"{layer}ao")
        return self._normalised(self._biased(out, f"{layer}ao.b"), values, f"{layer}aln")

    def feed_forward(self, values: str, layer: str) -> str:
        """The two feed-forward matrices, added to what came in."""
        inner = self._scaled_product(values, self._matrix(f"{layer}fi", self.sizes.hidden), f"{layer}fi")
        inner = self._node("Gelu", [self._biased(inner, f"{layer}fi.b")], f"{layer}inner")
        out = self._scaled_product(inner, self._matrix(f"{layer}fo", self.sizes.inner), f"{layer}fo")
        return self._normalised(self._biased(out, f"{layer}fo.b"), values, f"{layer}oln")

    def pooled(self, values: str) -> str:
        """The mean over all pieces, at length 1."""
        import numpy as np

        mean = self._node("ReduceMean", [values, self._constant("pieces.axis", np.array([1]))], "mean", keepdims=0)
        return self._node("LpNormalization", [mean], "row", axis=-1, p=2)

    def serialised(self, output: str) -> bytes:
        """The model as a file."""
        from onnx import TensorProto, helper

        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "pieces"])
        row = helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, self.sizes.hidden])
        graph = helper.make_graph(self.nodes, "multilingual-e5-small", [ids], [row], self.constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
        model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
        return model

    def _scaled_product(self, values: str, matrix: Array, name: str) -> str:
        """A product in integers of values scaled to 1 a piece, and back."""
        import numpy as np

        axis = self._constant(f"{name}.axis", np.array([-1]))
        largest = self._node("ReduceMax", [self._node("Abs", [values], f"{name}.abs"), axis], f"{name}.max", keepdims=1)
        product = self._product(self._node("Div", [values, largest], f"{name}.scaled"), matrix, name)
        return self._node("Mul", [product, largest], f"{name}.back")

    def _product(self, values: str, matrix: Array, name: str) -> str:
        """A product in integers: one scale for the values, one for each column of the matrix."""
        import numpy as np

        scale = np.abs(matrix).max(axis=0) / self.largest
        whole = self._constant(f"{name}.whole", np.rint(matrix / scale).astype(np.int8))
        zero = self._constant(f"{name}.zero", np.zeros(len(scale), np.int8))
        return self._own("DynamicQuantizeMatMul", [values, whole, self._constant(f"{name}.scale", scale), zero], name)

    def _normalised(self, values: str, others: str, name: str) -> str:
        total = self._node("Add", [values, others], f"{name}.sum")
        inputs = [total, self._floats(f"{name}.w"), self._floats(f"{name}.b")]
        return self._node("LayerNormalization", inputs, name, epsilon=self.sizes.epsilon)

    def _biased(self, values: str, bias: str) -> str:
        return self._node("Add", [values, self._floats(bias)], f"{bias}.sum")

    def _matrix(self, name: str, width: int) -> Array:
        matrix = self.weights.matrix(f"{name}.w", width)
        return matrix + self.adapter.addition(name) if self.adapter else matrix

    def _floats(self, name: str) -> str:
        return self._constant(name, self.weights.floats(name))

    def _constant(self, name: str, values: Array) -> str:
        import numpy as np
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _half_bytes(self, name: str, rows: list[int]) -> None:
        """The rows of a 4-bit matrix, two weights a byte, and their scales."""
        from onnx import TensorProto, helper

        halves, scales = (values[rows] for values in self.weights.blocks(name, self.sizes.hidden))
        packed = (halves[:, 0::2] & 15) | (halves[:, 1::2] << 4)
        tensor = helper.make_tensor(name, TensorProto.INT4, halves.shape, packed.tobytes(), raw=True)
        self.constants.append(tensor)
        self._constant(f"{name}.scale", scales)

    def _own(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """A node of a kind that ONNX Runtime adds to the standard."""
        return self._node(kind, inputs, output, domain=_MICROSOFT, **attributes)

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._add(kind, inputs, [output], **attributes)
        return output

    def _add(self, kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
