export interface Piece {
  text: string;
  /** Whether it is not in the text before. */
  isNew: boolean;
}

// Pieces of a text that are compared, more than the released model reads: the table of all pairs has four million cells then.
const most = 2_000;

/** A text in pieces: the words that another text has in the same order, and those that it has not; far behind its beginning nothing is compared, and so nothing new. */
export function changes(before: string, after: string): Piece[] {
  const old = words(before);
  const now = words(after);
  // common[i][j]: how many words old[i..] and now[j..] can share in order
  const common = Array.from({ length: old.length + 1 }, () => Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) common[i]![j] = old[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  }
  const pieces: Piece[] = [];
  for (let i = 0, j = 0; j < now.length; ) {
    const isNew = old[i] !== now[j];
    if (isNew && i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!) {
      i++; // a word that was dropped
      continue;
    }
    pieces.push({ text: now[j]!, isNew: isNew && now[j]!.trim() !== '' });
    j++;
    if (!isNew) i++;
  }
  const rest = after.slice(now.join('').length);
  return rest === '' ? pieces : [...pieces, { text: rest, isNew: false }];
}

/** The words of a text, and what is between them, as far as they are compared. */
function words(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/\s+|[^\s\p{P}]+|\p{P}/gu)) {
    if (found.push(word) === most) break;
  }
  return found;
}
