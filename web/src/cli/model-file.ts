import { createHash } from 'node:crypto';
import { ByteBuffer } from 'flatbuffers';
import { Encoder, FunnelEncoder, Gbst, Model, QrnnEncoder, type Tensor, TransformerEncoder, Type } from '../generated/model_generated.js';

export interface ModelFile {
  name: string;
  version: number;
  config: Record<string, number | string | boolean | number[]>;
  labels: string[];
  calibration: { slope: number[]; offset: number[]; threshold: number[] };
  tensors: TensorEntry[];
  /** `min` and `max` are the real numbers that the 256 codes reach from and to. */
  activations: { name: string; scale: number; zero_point: number; min: number; max: number }[];
  provenance: Record<string, string>;
  /** Of all tensor data in the order of the file; provenance says what it was when the file was written. */
  weights_sha256: string;
}

export interface TensorEntry {
  name: string;
  type: string;
  /** Outermost first. */
  shape: number[];
  bytes: number;
  /** Of the numbers as they are stored. */
  min: number;
  max: number;
  /** What codes are multiplied by: one number, or one for each output channel; none of tables and biases. */
  scales: { count: number; min: number; max: number } | null;
  sha256: string;
}

/** What a model file says of itself. The core must have accepted the file: FlatBuffers' reader trusts every offset. */
export function readModelFile(bytes: Uint8Array): ModelFile {
  const model = Model.getRootAsModel(new ByteBuffer(bytes));
  const labels = model.head()?.labelsLength() ?? 0; // a generator has none
  const calibration = model.calibration();
  const tensors = list(model.tensorsLength(), (i) => model.tensors(i)!);
  const provenance = model.provenance();
  const entries = { recipe: provenance?.recipe(), data: provenance?.data(), metrics: provenance?.metrics(), weights_sha256: provenance?.weightsSha256(), commit: provenance?.commit() };
  return {
    name: model.name()!,
    version: model.version(),
    config: {
      ...frontEndConfig(model),
      encoder: Encoder[model.encoderType()]!,
      ...encoderConfig(model),
      ...decoderConfig(model),
      norm_epsilon: model.normEpsilon(),
      normalize: model.normalize(),
    },
    labels: list(labels, (i) => model.head()!.labels(i)),
    calibration: {
      slope: [...(calibration?.slopeArray() ?? [])],
      offset: [...(calibration?.offsetArray() ?? [])],
      threshold: [...(calibration?.thresholdArray() ?? Array<number>(labels).fill(0.5))],
    },
    tensors: tensors.map(tensorEntry),
    activations: list(model.activationsLength(), (i) => {
      const activation = model.activations(i)!;
      const [scale, zero_point] = [activation.scale(), activation.zeroPoint()];
      return { name: activation.name()!, scale, zero_point, min: scale * (-128 - zero_point), max: scale * (127 - zero_point) };
    }),
    provenance: Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    weights_sha256: tensors.reduce((hash, tensor) => hash.update(tensor.dataArray()!), createHash('sha256')).digest('hex'),
  };
}

const arrays = { [Type.int8]: Int8Array, [Type.int16]: Int16Array, [Type.uint16]: Uint16Array, [Type.int32]: Int32Array, [Type.float32]: Float32Array };

function tensorEntry(tensor: Tensor): TensorEntry {
  const data = tensor.dataArray()!;
  const scales = tensor.scalesArray();
  const stored = new arrays[tensor.type()](data.slice().buffer); // a copy, since a file may lie at any address
  return {
    name: tensor.name()!,
    type: Type[tensor.type()]!,
    shape: [...tensor.shapeArray()!],
    bytes: data.length,
    ...extremes(stored),
    scales: scales && scales.length > 0 ? { count: scales.length, ...extremes(scales) } : null,
    sha256: createHash('sha256').update(data).digest('hex'),
  };
}

function extremes(numbers: Iterable<number>): { min: number; max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const number of numbers) {
    min = Math.min(min, number);
    max = Math.max(max, number);
  }
  return { min, max };
}

function frontEndConfig(model: Model): ModelFile['config'] {
  const words = model.wordFrontEnd();
  if (words) return { front_end: 'WordFrontEnd', max_bytes: words.maxBytes(), features: words.features(), channels: words.channels() };
  const bytes = model.frontEnd()!;
  return {
    front_end: 'ByteFrontEnd',
    max_bytes: bytes.maxBytes(),
    embedding_channels: bytes.embeddingChannels(),
    conv_width: bytes.convWidth(),
    channels: bytes.channels(),
    block_widths: [...bytes.blockWidthsArray()!],
    downsample: bytes.downsample(),
    gbst: Gbst[bytes.gbst()]!,
  };
}

function encoderConfig(model: Model): ModelFile['config'] {
  switch (model.encoderType()) {
    case Encoder.TransformerEncoder: {
      const transformer: TransformerEncoder = model.encoder(new TransformerEncoder());
      return { blocks: transformer.blocks(), heads: transformer.heads(), feed_forward: transformer.feedForward() };
    }
    case Encoder.FunnelEncoder: {
      const funnel: FunnelEncoder = model.encoder(new FunnelEncoder());
      return { pool: [...funnel.poolArray()!], heads: funnel.heads(), feed_forward: funnel.feedForward() };
    }
    default: {
      const qrnn: QrnnEncoder = model.encoder(new QrnnEncoder());
      return { blocks: qrnn.blocks(), state: qrnn.state(), window: qrnn.window(), shared_gates: qrnn.sharedGates() };
    }
  }
}

function decoderConfig(model: Model): ModelFile['config'] {
  const decoder = model.decoder();
  if (decoder === null) return {};
  return {
    decoder: 'MattDecoder',
    decoder_max_length: decoder.maxLength(),
    decoder_embedding_channels: decoder.embeddingChannels(),
    decoder_window: decoder.window(),
    decoder_blocks: decoder.blocks(),
    decoder_heads: decoder.heads(),
    decoder_feed_forward: decoder.feedForward(),
  };
}

function list<T>(length: number, item: (index: number) => T): T[] {
  return Array.from({ length }, (_, i) => item(i));
}
