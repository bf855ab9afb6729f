import { ByteflowError } from './errors.js';

/** How well scores rank positives above negatives; null where it is undefined. */
export interface RankingMetrics {
  /** Chance that a random positive scores above a random negative, a tie counting half. */
  auc: number | null;
  /** Average precision: the mean of precision over positives, scores that tie forming one threshold (as in scikit-learn). */
  ap: number | null;
  positives: number;
}

/** Exact metrics of one label. scores, positive: [rows]; a score that is NaN has no rank, and is an error. */
export function rankingMetrics(scores: readonly number[], positive: readonly boolean[]): RankingMetrics {
  if (scores.length !== positive.length) {
    throw new ByteflowError('invalid-argument', `scores and positive must have one entry a row each, not ${scores.length} and ${positive.length}`);
  }
  const unranked = scores.findIndex((score) => typeof score !== 'number' || Number.isNaN(score));
  if (unranked >= 0) throw new ByteflowError('invalid-argument', `scores[${unranked}] must be a number, not ${String(scores[unranked])}`);
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const positives = positive.filter(Boolean).length;
  const negatives = scores.length - positives;
  let above = 0; // positives with a higher score than this group's
  let rankedRight = 0; // (positive, negative) pairs
  let precisionSum = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    let inGroup = 0;
    for (; end < order.length && scores[order[end]!] === scores[order[start]!]; end++) inGroup += Number(positive[order[end]!]);
    rankedRight += (end - start - inGroup) * (above + inGroup / 2);
    above += inGroup;
    precisionSum += inGroup * (above / end);
  }
  return {
    auc: positives > 0 && negatives > 0 ? rankedRight / (positives * negatives) : null,
    ap: positives > 0 ? precisionSum / positives : null,
    positives,
  };
}
