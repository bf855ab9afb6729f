// Below the API: an instance of the raw module, as the package makes it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The module's classes, and the size of its memory. */
export async function instantiate(backend) {
  const { default: create } = await import(`byteflow/wasm/byteflow-${backend}.mjs`);
  const module = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve(`byteflow/wasm/byteflow-${backend}.wasm`))));
  let memory;
  const runtime = await create({
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(module, imports);
      memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
      receive(instance, module);
      return instance.exports;
    },
  });
  return { runtime, size: () => memory.buffer.byteLength };
}

/** A model of one of the module's classes, `Classifier` or `Generator`. */
export function loadInto({ runtime }, kind, bytes) {
  const model = runtime[kind].create(bytes.length);
  model.modelBuffer().set(bytes);
  assert.equal(model.load(), 0, model.errorMessage());
  return model;
}
