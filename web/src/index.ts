export { type Backend, backends, isSupported } from './backend.js';
export { type Classifier, type ClassifierOptions, type Explanation, type ExplainOptions, loadClassifier, type Score, type ScoreOptions, type Span } from './classifier.js';
export { ByteflowError, type ByteflowErrorCode } from './errors.js';
export { type Candidate, type GenerateOptions, type Generation, type Generator, type GeneratorOptions, loadGenerator, type StreamOptions } from './generator.js';
export { type RankingMetrics, rankingMetrics } from './metrics.js';
export { type BundledModels, type ModelSource, modelUrl } from './model-source.js';
export { precache, type PrecacheOptions } from './precache.js';
export type { Progress } from './progress.js';
export type { SearchOptions } from './search-options.js';
