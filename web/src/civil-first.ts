import type { Classifier } from './classifier.js';
import type { Candidate } from './generator.js';
import { requireLabel } from './labels.js';

export interface CivilOptions<Label extends string = string> {
  /** The label that tells what is not civil. Default: the first, which is `toxicity` in the bundled model. */
  label?: Label | undefined;
  signal?: AbortSignal | undefined;
}

/** A candidate with the probability of the label. */
export interface RatedCandidate extends Candidate {
  toxicity: number;
}

/** The candidates with those ahead whose probability is below the classifier's threshold; within both groups the order stays as it was. */
export async function civilFirst<Label extends string>(
  candidates: readonly Candidate[],
  classifier: Classifier<Label>,
  { label = classifier.labels[0]!, signal }: CivilOptions<Label> = {},
): Promise<RatedCandidate[]> {
  requireLabel(label, classifier.labels);
  const scores = await classifier.score(candidates.map(({ text }) => text), { signal });
  const rated = candidates.map((candidate, i) => ({ ...candidate, toxicity: scores[i]!.labels[label] }));
  const isCivil = ({ toxicity }: RatedCandidate) => toxicity < classifier.thresholds[label];
  return rated.sort((a, b) => Number(isCivil(b)) - Number(isCivil(a)));
}
