// A generator's steps one by one, below the API, where nothing stands between two of them; then through the API a whole rewrite, and what a reader waits
// for the first piece of a stream.
import { loadGenerator } from 'byteflow';
import { bestTime } from './best-time.js';
import { StepTimes } from './step-times.js';
import { obstacle } from './support.js';

export async function run({ backend, endless, rewriter, text, beamCounts, quick }, { url, read }) {
  const why = await obstacle(backend);
  if (why !== undefined) return { skipped: why };
  const { generator, size } = await loadRaw(backend, await read(endless), { url, read });
  const { written } = new TextEncoder().encodeInto(text, generator.textBuffer());
  const memory = { loaded: size() };
  const write = (beams, length, times) => {
    if (generator.begin(written, beams, length, 0.6) !== 0) throw new Error(generator.errorMessage());
    times?.begin();
    for (let goesOn = true; goesOn; ) {
      const started = performance.now();
      goesOn = generator.step();
      times?.add(performance.now() - started);
    }
  };
  write(beamCounts.at(-1), 40);
  memory.after40 = size();
  const curves = beamCounts.map((beams) => {
    const times = new StepTimes();
    for (let run = 0; run < (quick ? 2 : 25); run++) write(beams, generator.maxLength(), times);
    return { beams, at40: times.at(40), at400: times.at(400), curve: times.curve() };
  });
  memory.afterAll = size();
  return { curves, memory, ...(await throughApi({ backend, rewriter, text, quick }, await read(rewriter))) };
}

async function throughApi({ backend, text, quick }, bytes) {
  const generator = await loadGenerator(bytes, { backend, worker: false });
  const options = { beams: 4, maxBytes: 64 };
  const { candidates } = await generator.generate(text, options);
  const rewrite = await bestTime(() => generator.generate(text, options), { quick });
  let firstPiece = Infinity;
  for (let run = 0; run < (quick ? 3 : 50); run++) {
    const started = performance.now();
    const stream = generator.stream(text, { maxBytes: 64 });
    await stream.next();
    firstPiece = Math.min(firstPiece, performance.now() - started);
    await stream.return();
  }
  return { model: generator.model, written: new TextEncoder().encode(candidates[0].text).length, rewrite, firstPiece };
}

async function loadRaw(backend, model, { url, read }) {
  const { default: create } = await import(url(`web/wasm/byteflow-${backend}.mjs`));
  const module = await WebAssembly.compile(await read(`web/wasm/byteflow-${backend}.wasm`));
  let memory;
  const { Generator } = await create({
    instantiateWasm(imports, receive) {
      WebAssembly.instantiate(module, imports).then((instance) => {
        memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
        receive(instance, module);
      });
      return {};
    },
  });
  const generator = Generator.create(model.length);
  generator.modelBuffer().set(model);
  if (generator.load() !== 0) throw new Error(generator.errorMessage());
  return { generator, size: () => memory.buffer.byteLength };
}
