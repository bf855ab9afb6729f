import { type Candidate, civilFirst, type Classifier, type RatedCandidate } from 'byteflow';
import { openClassifier } from './model.js';

/** Options of every command that looks for civil texts. */
export const civilOptions = { 'civil-first': { type: 'boolean', default: false }, toxicity: { type: 'string', default: 'toxicity' } } as const;

export const civilHelp = `  --civil-first       candidates that --toxicity finds civil before the others
  --toxicity NAME|FILE  the model that says what is civil; default: toxicity`;

export interface CivilValues {
  'civil-first': boolean;
  toxicity: string;
  backend?: string | undefined;
}

export const openToxicity = ({ toxicity, backend }: CivilValues): Promise<Classifier> => openClassifier({ model: toxicity, backend });

/** Puts candidates in order as the options say. */
export type Ranking = (candidates: Candidate[]) => Promise<(Candidate | RatedCandidate)[]>;

export const rankingBy = (classifier: Classifier | undefined): Ranking =>
  classifier === undefined ? async (candidates) => candidates : (candidates) => civilFirst(candidates, classifier);
