"""The `.byteflow` file as plain data: reading and writing core/src/model/model.fbs."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, Union

import flatbuffers
import numpy as np

VERSION = 1
IDENTIFIER = b"BFLW"
DATA_ALIGNMENT = 64  # one cache line, and a multiple of every vector width
SCHEMA = Path(__file__).resolve().parents[3] / "core" / "src" / "model" / "model.fbs"
GENERATED = Path(__file__).resolve().parent / "_schema"

T = TypeVar("T")

DTYPES = (np.int8, np.int16, np.uint16, np.int32, np.float32)  # in the order of the enum Type


class ModelFileError(ValueError):
    """A file that is not a usable model, or data that makes none."""


@dataclass(frozen=True)
class ByteFrontEnd:
    max_bytes: int
    embedding_channels: int
    conv_width: int
    channels: int
    block_widths: tuple[int, ...]
    downsample: int
    gbst: int = 0  # index of front_end.py's GBST_FORMS


@dataclass(frozen=True)
class WordFrontEnd:
    max_bytes: int
    features: int
    channels: int


FrontEnd = Union[ByteFrontEnd, WordFrontEnd]


@dataclass(frozen=True)
class Qrnn:
    blocks: int
    state: int
    window: int
    shared_gates: bool = False


@dataclass(frozen=True)
class Transformer:
    blocks: int
    heads: int
    feed_forward: int


@dataclass(frozen=True)
class Funnel:
    pool: tuple[int, ...]
    heads: int
    feed_forward: int


Encoder = Union[Qrnn, Transformer, Funnel]


@dataclass(frozen=True)
class Decoder:
    max_length: int
    embedding_channels: int
    window: int
    blocks: int
    heads: int
    feed_forward: int


@dataclass(frozen=True)
class Activation:
    """real = scale * (code - zero_point)."""

    scale: np.float32
    zero_point: int


@dataclass(frozen=True)
class TensorData:
    data: np.ndarray
    scales: np.ndarray | None = None  # float32 [output channels], or [1] for a scale per tensor


@dataclass(frozen=True)
class ModelFile:
    name: str
    norm_epsilon: np.float32
    front_end: FrontEnd
    encoder: Encoder
    labels: tuple[str, ...]
    slope: np.ndarray  # float32 [labels]
    offset: np.ndarray  # float32 [labels]
    activations: dict[str, Activation]
    tensors: dict[str, TensorData]
    provenance: dict[str, str] = field(default_factory=dict)  # recipe, data, metrics, commit
    thresholds: np.ndarray | None = None  # float32 [labels]; None: 0.5 for each
    decoder: Decoder | None = None  # of a generator, which has no labels
    normalizes: bool = False  # a text is read by its letters

    def weights_sha256(self) -> str:
        digest = hashlib.sha256()
        for name in sorted(self.tensors):
            digest.update(_bytes(self.tensors[name].data))
        return digest.hexdigest()


def _bytes(data: np.ndarray) -> bytes:
    return np.ascontiguousarray(data).astype(data.dtype.newbyteorder("<")).tobytes()


def _schema(table: str) -> ModuleType:
    """The module that flatc generates for a table; generated again whenever the schema is newer."""
    stamp = GENERATED / "byteflow" / "file" / "Model.py"
    if not stamp.exists() or stamp.stat().st_mtime < SCHEMA.stat().st_mtime:
        try:
            subprocess.run(["flatc", "--python", "-o", str(GENERATED), str(SCHEMA)], check=True)
        except FileNotFoundError as error:
            raise ModelFileError("flatc is not installed: it comes with the package flatbuffers-compiler") from error
    if str(GENERATED) not in sys.path:
        sys.path.append(str(GENERATED))
    return importlib.import_module(f"byteflow.file.{table}")


def _data_vector(builder: flatbuffers.Builder, raw: bytes) -> int:
    builder.StartVector(1, len(raw), DATA_ALIGNMENT)
    builder.head -= len(raw)
    builder.Bytes[builder.head : builder.head + len(raw)] = raw
    return builder.EndVector()


def _offsets(builder: flatbuffers.Builder, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _table(builder: flatbuffers.Builder, table: str, **fields: Any) -> int:
    """Writes one table; field values are scalars, offsets made before, or functions that write a struct in place."""
    module = _schema(table)
    getattr(module, f"{table}Start")(builder)
    for name, value in fields.items():
        getattr(module, f"{table}Add{name}")(builder, value() if callable(value) else value)
    return getattr(module, f"{table}End")(builder)


def _camel(key: str) -> str:
    return "".join(word.capitalize() for word in key.split("_"))


def _config(b: flatbuffers.Builder, table: str, config: FrontEnd | Encoder | Decoder) -> int:
    """A table of the numbers of a configuration; tuples are bytes."""
    values = {_camel(key): b.CreateNumpyVector(np.asarray(v, np.uint8)) if isinstance(v, tuple) else v for key, v in vars(config).items()}
    return _table(b, table, **values)


def _read_config(kind: type[T], table: Any) -> T:
    values = {}
    for f in dataclasses.fields(kind):  # type: ignore[arg-type]
        name = _camel(f.name)
        vector = getattr(table, f"{name}AsNumpy", None)
        values[f.name] = getattr(table, name)() if vector is None else tuple(vector().tolist())
    return kind(**values)


def _read_encoder(root: Any, path: Path) -> Encoder:
    kinds = {getattr(_schema("Encoder").Encoder, f"{kind.__name__}Encoder"): kind for kind in (Qrnn, Transformer, Funnel)}
    if root.EncoderType() not in kinds:
        raise ModelFileError(f"{path}: encoder kind {root.EncoderType()} is unknown")
    kind = kinds[root.EncoderType()]
    name = f"{kind.__name__}Encoder"
    table, union = getattr(_schema(name), name)(), root.Encoder()
    table.Init(union.Bytes, union.Pos)
    return _read_config(kind, table)


def encode(model: ModelFile) -> bytes:
    """The bytes of a `.byteflow` file."""
    b = flatbuffers.Builder(1 << 20)

    def floats(values: np.ndarray) -> int:
        return b.CreateNumpyVector(np.asarray(values, np.float32))

    tensors = []
    for name in sorted(model.tensors):
        tensor = model.tensors[name]
        kind = [np.dtype(d) for d in DTYPES].index(tensor.data.dtype)
        fields = {
            "Name": b.CreateString(name),
            "Shape": b.CreateNumpyVector(np.asarray(tensor.data.shape, np.uint32)),
            "Data": _data_vector(b, _bytes(tensor.data)),
        }
        if tensor.scales is not None:
            fields["Scales"] = floats(tensor.scales)
        tensors.append(_table(b, "Tensor", Type=kind, **fields))
    activations = [
        _table(b, "Activation", Name=b.CreateString(name), Scale=float(a.scale), ZeroPoint=int(a.zero_point))
        for name, a in sorted(model.activations.items())
    ]
    tensors_at, activations_at = _offsets(b, tensors), _offsets(b, activations)
    front_end = _config(b, type(model.front_end).__name__, model.front_end)
    encoder_name = f"{type(model.encoder).__name__}Encoder"
    encoder = _config(b, encoder_name, model.encoder)
    if model.decoder is None:
        suggested = {} if model.thresholds is None else {"Threshold": floats(model.thresholds)}
        task = {
            "Head": _table(b, "ClassifierHead", Labels=_offsets(b, [b.CreateString(label) for label in model.labels])),
            "Calibration": _table(b, "Calibration", Slope=floats(model.slope), Offset=floats(model.offset), **suggested),
        }
    else:
        task = {"Decoder": _config(b, "MattDecoder", model.decoder)}
    texts = {key.capitalize(): b.CreateString(value) for key, value in model.provenance.items()}
    provenance = _table(b, "Provenance", WeightsSha256=b.CreateString(model.weights_sha256()), **texts)
    fields = {
        "Name": b.CreateString(model.name),
        "Version": VERSION,
        "NormEpsilon": float(model.norm_epsilon),
        "FrontEnd" if isinstance(model.front_end, ByteFrontEnd) else "WordFrontEnd": front_end,
        "EncoderType": getattr(_schema("Encoder").Encoder, encoder_name),
        "Encoder": encoder,
        "Activations": activations_at,
        "Tensors": tensors_at,
        "Provenance": provenance,
        **({"Normalize": True} if model.normalizes else {}),
        **task,
    }
    root = _table(b, "Model", Checksum=lambda: _schema("Checksum").CreateChecksum(b, 0), **fields)
    b.Finish(root, file_identifier=IDENTIFIER)
    return _sealed(bytes(b.Output()))


def _checksum_at(raw: bytes) -> int:
    """Where the four bytes of the checksum lie."""
    return _schema("Model").Model.GetRootAs(raw).Checksum()._tab.Pos


def _checksum(raw: bytes) -> int:
    at = _checksum_at(raw)
    return zlib.crc32(raw[:at] + bytes(4) + raw[at + 4 :])


def _sealed(raw: bytes) -> bytes:
    at = _checksum_at(raw)
    return raw[:at] + struct.pack("<I", _checksum(raw)) + raw[at + 4 :]


def write_model(model: ModelFile, path: Path) -> None:
    path.write_bytes(encode(model))


def read_model(path: Path) -> ModelFile:
    """Reads a file that this package wrote. It trusts the structure: the checked reader for files of unknown origin is the core's."""
    raw = path.read_bytes()
    if raw[4:8] != IDENTIFIER:
        raise ModelFileError(f"{path}: not a .byteflow file (identifier {raw[4:8]!r} instead of {IDENTIFIER!r})")
    root = _schema("Model").Model.GetRootAs(raw)
    if root.Version() != VERSION:
        raise ModelFileError(f"{path}: version {root.Version()}; this package reads version {VERSION}")
    if root.Checksum().Crc32() != _checksum(raw):
        raise ModelFileError(f"{path}: damaged: the checksum does not fit the content")
    words, decoder, head, calibration = root.WordFrontEnd(), root.Decoder(), root.Head(), root.Calibration()
    none = np.zeros(0, np.float32)
    tensors = {}
    for i in range(root.TensorsLength()):
        t = root.Tensors(i)
        data = np.frombuffer(t.DataAsNumpy().tobytes(), np.dtype(DTYPES[t.Type()]).newbyteorder("<"))
        scales = None if t.ScalesIsNone() else t.ScalesAsNumpy().astype(np.float32)
        tensors[t.Name().decode()] = TensorData(data.astype(DTYPES[t.Type()]).reshape(t.ShapeAsNumpy()), scales)
    activations = {}
    for i in range(root.ActivationsLength()):
        a = root.Activations(i)
        activations[a.Name().decode()] = Activation(np.float32(a.Scale()), a.ZeroPoint())
    p = root.Provenance()
    provenance = {} if p is None else {k.lower(): (getattr(p, k)() or b"").decode() for k in ("Recipe", "Data", "Metrics")}
    if p is not None and p.Commit() is not None:  # files before it are without
        provenance["commit"] = p.Commit().decode()
    return ModelFile(
        name=root.Name().decode(),
        norm_epsilon=np.float32(root.NormEpsilon()),
        front_end=_read_config(ByteFrontEnd, root.FrontEnd()) if words is None else _read_config(WordFrontEnd, words),
        encoder=_read_encoder(root, path),
        labels=() if head is None else tuple(head.Labels(i).decode() for i in range(head.LabelsLength())),
        slope=none if calibration is None else calibration.SlopeAsNumpy().astype(np.float32),
        offset=none if calibration is None else calibration.OffsetAsNumpy().astype(np.float32),
        activations=activations,
        tensors=tensors,
        provenance=provenance,
        thresholds=None if calibration is None or calibration.ThresholdIsNone() else calibration.ThresholdAsNumpy().astype(np.float32),
        decoder=None if decoder is None else _read_config(Decoder, decoder),
        normalizes=root.Normalize(),
    )
