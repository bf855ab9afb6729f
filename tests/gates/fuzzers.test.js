// What the fuzzers are given. tests/fuzz/faults/plant.js shows what they find, and is run by hand: its faults must fit the sources as they are.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { seedModels } from '../../tools/fuzz-seeds.js';
import { inRoot } from '../../tools/paths.js';
import { faults, soundSource } from '../fuzz/faults/faults.js';
import { rootOf } from '../hostile/flat.js';

test('every planted fault replaces what its source holds exactly once, and is for a fuzzer that there is', () => {
  for (const fault of faults) {
    soundSource(fault); // throws, and names the fault
    assert.notEqual(fault.from, fault.to, fault.name);
    assert(existsSync(inRoot(`tests/fuzz/fuzz_${fault.fuzzer}.cpp`)), fault.fuzzer);
  }
});

test('each fuzzer of model files begins with the models of its task, and no shipped one is left out', () => {
  const decoder = 13; // its number in core/src/model/model.fbs: a model with one writes texts
  const given = { classifier: seedModels('classifier', { shipped: true }), generator: seedModels('generator', { shipped: true }) };
  for (const [task, models] of Object.entries(given)) {
    for (const model of models) assert.equal(rootOf(new Uint8Array(readFileSync(model))).field(decoder) === undefined ? 'classifier' : 'generator', task, model);
    assert.equal(new Set(models.map((model) => basename(model))).size, models.length, 'they are copied into one folder');
  }
  const all = Object.values(given).flat();
  for (const name of readdirSync(inRoot('models')).filter((name) => name.endsWith('.byteflow'))) assert(all.includes(inRoot('models', name)), `${name} has no .golden file`);
  assert(seedModels('generator', { shipped: false }).length >= 3 && seedModels('classifier', { shipped: false }).length >= 10);
  assert.deepEqual(seedModels('text', { shipped: true }), []);
});
