// The models that the fuzzers of model files begin with.
import { existsSync, readdirSync } from 'node:fs';
import { inRoot } from './paths.js';

/** Small models of each target's task, and the .golden files of all of its models, the shipped ones too. */
export const seedFolders = { classifier: 'tests/golden', generator: 'tests/golden/generators' };

const modelsIn = (folder) => readdirSync(inRoot(folder)).filter((name) => name.endsWith('.byteflow'));

/** Paths of the models that do the target's task; the shipped ones, which are large, where they are wanted. */
export function seedModels(target, { shipped }) {
  const folder = seedFolders[target];
  if (folder === undefined) return [];
  const isOfTask = (name) => existsSync(inRoot(folder, name.replace('.byteflow', '.golden')));
  return [...modelsIn(folder).map((name) => inRoot(folder, name)), ...(shipped ? modelsIn('models').filter(isOfTask).map((name) => inRoot('models', name)) : [])];
}
