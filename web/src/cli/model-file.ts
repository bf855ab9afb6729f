import { ByteBuffer } from 'flatbuffers';
import { Encoder, FunnelEncoder, Gbst, Model, QrnnEncoder, TransformerEncoder, Type } from '../generated/model_generated.js';

export interface ModelFile {
  name: string;
  version: number;
  config: Record<string, number | string | number[]>;
  labels: string[];
  calibration: { slope: number[]; offset: number[]; threshold: number[] };
  tensors: { name: string; type: string; shape: number[]; bytes: number }[];
  activations: { name: string; scale: number; zero_point: number }[];
  provenance: Record<string, string>;
}

/** What a model file says of itself. The core must have accepted the file: FlatBuffers' reader trusts every offset. */
export function readModelFile(bytes: Uint8Array): ModelFile {
  const model = Model.getRootAsModel(new ByteBuffer(bytes));
  const labels = model.head()?.labelsLength() ?? 0; // a generator has none
  const calibration = model.calibration();
  const provenance = model.provenance();
  const entries = { recipe: provenance?.recipe(), data: provenance?.data(), metrics: provenance?.metrics(), weights_sha256: provenance?.weightsSha256() };
  return {
    name: model.name()!,
    version: model.version(),
    config: {
      ...frontEndConfig(model),
      encoder: Encoder[model.encoderType()]!,
      ...encoderConfig(model),
      ...decoderConfig(model),
      norm_epsilon: model.normEpsilon(),
    },
    labels: list(labels, (i) => model.head()!.labels(i)),
    calibration: {
      slope: [...(calibration?.slopeArray() ?? [])],
      offset: [...(calibration?.offsetArray() ?? [])],
      threshold: [...(calibration?.thresholdArray() ?? Array<number>(labels).fill(0.5))],
    },
    tensors: list(model.tensorsLength(), (i) => {
      const tensor = model.tensors(i)!;
      return { name: tensor.name()!, type: Type[tensor.type()]!, shape: [...tensor.shapeArray()!], bytes: tensor.dataLength() };
    }),
    activations: list(model.activationsLength(), (i) => {
      const activation = model.activations(i)!;
      return { name: activation.name()!, scale: activation.scale(), zero_point: activation.zeroPoint() };
    }),
    provenance: Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
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
      return { blocks: qrnn.blocks(), state: qrnn.state(), window: qrnn.window() };
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
